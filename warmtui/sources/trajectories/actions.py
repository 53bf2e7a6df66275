"""Actions that a model wrote as text, turned into calls: fenced blocks, markup, SWE-agent's commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any, NamedTuple

from warmtui.text import JSON_ERRORS, dump_json, load_json

_COMMANDS: dict[str, tuple[str, ...]] = {
    "open": ("path", "line_number"),
    "goto": ("line_number",),
    "create": ("filename",),
    "scroll_up": (),
    "scroll_down": (),
    "find_file": ("file_name", "dir"),
    "search_dir": ("search_term", "dir"),
    "search_file": ("search_term", "file"),
    "set_cursors": ("start_line", "end_line"),
    "filemap": ("file_path",),
    "edit": ("search", "replace", "replace-all"),
    "insert": ("text", "line"),
    "submit": ("answer",),
    "view_image": ("image_file",),
}
"""SWE-agent's own commands, with the arguments that its function calls name."""
_BODY_ENDS = ("end_of_edit", "end_of_insert")
_RANGE = re.compile(r"(\d+):(\d+)\s*")
_SHELLS = ("", "bash", "sh", "shell", "console", "mswea_bash_command")
_TAGS = {
    "execute_bash": ("bash", "command"),
    "mswea_bash_command": ("bash", "command"),
    "command": ("bash", "command"),
    "execute_ipython": ("python", "code"),
    "execute": ("python", "code"),
}
"""Tags around an action → the tool, and the argument that holds what it runs (OpenHands, CodeAct)."""


class Said(NamedTuple):
    """What a model wrote, taken apart."""

    text: str
    """Its words, without the action."""
    calls: list[dict[str, Any]]
    """Entries that `read_call` takes."""


def call_entry(tool: str, arguments: dict[str, Any], call_id: str = "") -> dict[str, Any]:
    """Return a call in the shape that the reader of messages takes."""
    return {"id": call_id, "function": {"name": tool, "arguments": dump_json(arguments)}}


def command_call(command: str) -> dict[str, Any]:
    """Return the call of one of SWE-agent's commands, or of its shell for everything else.

    An edit is the tool `edit` with the lines it writes as an argument, so that they are never read as a
    script.
    """
    command = command.strip()
    line, _, rest = command.partition("\n")
    name, _, given = line.partition(" ")
    if name == "str_replace_editor":
        return call_entry(name, _flags(command[len(name) :]))
    if name not in _COMMANDS or "|" in given or "&&" in given or ";" in given:
        return call_entry("bash", {"command": command})
    body = _body(rest)
    if body is not None:
        lines = _RANGE.fullmatch(given)
        numbers = {"start_line": int(lines[1]), "end_line": int(lines[2])} if lines else {}
        return call_entry(name, {**numbers, "replacement_text" if name == "edit" else "text": body})
    words = _words(command[len(name) :])
    names = _COMMANDS[name]
    if words is None or len(words) > len(names):
        # a line as of a shell, `open` of a desktop; or one that its own parser would refuse
        whole = {"command": command} if name in ("open", "create", "insert", "edit") else {"input": given}
        return call_entry("bash" if "command" in whole else name, whole)
    return call_entry(name, dict(zip(names, map(_number, words), strict=False)))


def _body(text: str) -> str | None:
    """Return the lines before the one that ends a body; None if none does."""
    text = text.rstrip()
    for end in _BODY_ENDS:
        if text == end or text.endswith(f"\n{end}"):
            return text[: -len(end)].removesuffix("\n")
    return None


def _words(text: str) -> list[str] | None:
    try:
        return shlex.split(text)
    except ValueError:
        return None


def _number(word: str) -> str | int:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 10 else word


def _flags(text: str) -> dict[str, Any]:
    """Read `view /w/a.py --view_range 1 20`."""
    words = _words(text)
    if words is None:
        return {"input": text.strip()}
    plain: list[str] = []
    flags: dict[str, list[str]] = {}
    name = ""
    for word in words:
        if word.startswith("--") and word[2:].isidentifier():
            name = word[2:]
            flags[name] = []
        elif name:
            flags[name].append(word)
        else:
            plain.append(word)
    given: dict[str, Any] = dict(zip(("command", "path"), plain, strict=False))
    for name, values in flags.items():
        numbers = [_number(value) for value in values]
        given[name] = (
            numbers if name == "view_range" else numbers[0] if len(numbers) == 1 else " ".join(values)
        )
    return given


def said_in(text: str, *, only_shell: bool = False, swe_agent: bool = False) -> Said:
    """Take apart a model's text: its words and the action in it, if it has one.

    Args:
        text: the whole text.
        only_shell: a block counts only when it is marked as a shell's (mini-swe-agent).
        swe_agent: the last block is the action, and may be a command of SWE-agent; elsewhere a block is one
            only when it is the only one.
    """
    marked = _in_markup(text)
    if marked.calls:
        return marked
    blocks = list(_blocks(text, nested=swe_agent))
    if only_shell:
        blocks = [block for block in blocks if block.language in ("bash", "mswea_bash_command")]
    if not blocks or (len(blocks) > 1 and not swe_agent):
        return Said(text, [])
    block = blocks[-1]
    words = (text[: block.start] + text[block.end :]).strip()
    if swe_agent:
        return Said(words, [command_call(block.body)])
    if block.language in _SHELLS:
        return Said(words, [call_entry("bash", {"command": block.body.strip()})])
    return Said(words, [call_entry(block.language, {"code": block.body})])


class _Block(NamedTuple):
    start: int
    end: int
    language: str
    body: str


def _blocks(text: str, *, nested: bool) -> Iterator[_Block]:
    """Yield the fenced blocks of a text; with `nested`, a fence with a language opens one inside another."""
    if "```" not in text:
        return
    at = start = body = depth = 0
    language = ""
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        fence = line.startswith("```")
        if fence and depth == 0 and not bare.endswith("```", 3):
            start, body, depth, language = at, at + len(line), 1, bare[3:].strip().lower()
        elif fence and depth and (bare == "```" or not nested):
            depth -= 1
            if depth == 0:
                yield _Block(start, at + len(line), language, text[body:at])
        elif fence and depth:
            depth += 1
        at += len(line)


def _in_markup(text: str) -> Said:
    """Read actions between tags: `<function=…>`, `<tool_call>{json}</tool_call>`, `<execute_bash>`."""
    calls: list[dict[str, Any]] = []
    words = text
    if "<function=" in text:
        for inner, whole in _between(text, "<function=", "</function>"):
            name, _, rest = inner.partition(">")
            values = {}
            for parameter, _ in _between(rest, "<parameter=", "</parameter>"):
                key, _, value = parameter.partition(">")
                values[key.strip()] = value.strip("\n")
            calls.append(call_entry(name.strip(), values))
            words = words.replace(whole, "", 1)
    elif "<tool_call>" in text:
        for inner, whole in _between(text, "<tool_call>", "</tool_call>"):
            try:
                value = load_json(inner.strip())
            except JSON_ERRORS:
                continue
            if isinstance(value, dict):
                calls.append(value)
                words = words.replace(whole, "", 1)
    else:
        for tag, (tool, key) in _TAGS.items():
            for inner, whole in _between(text, f"<{tag}>", f"</{tag}>"):
                calls.append(call_entry(tool, {key: inner.strip()}))
                words = words.replace(whole, "", 1)
            if calls:
                break
    return Said(words.strip() if calls else text, calls)


def _between(text: str, opening: str, closing: str) -> Iterator[tuple[str, str]]:
    """Yield what stands between two tags, without and with them."""
    at = 0
    while (start := text.find(opening, at)) >= 0:
        end = text.find(closing, start + len(opening))
        if end < 0:
            return
        at = end + len(closing)
        yield text[start + len(opening) : end], text[start:at]
