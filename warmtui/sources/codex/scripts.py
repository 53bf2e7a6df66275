"""The tool calls in a script of Codex' code mode: `await tools.exec_command({cmd: "ls"})`.

Newer models write JavaScript that calls the tools, and the script is what the session stores. This reads
literal arguments and constants that hold them. A call that a loop, a condition or a function makes cannot be
told from the script alone, so a script with one is not read.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from warmtui.text import JSON_ERRORS, dump_json, load_json

MAX_SCRIPT = 500_000
"""Characters of a script; a longer one is not read."""

_TOKEN = re.compile(
    r"""(?P<space>(?:\s|//[^\n]*|/\*.*?\*/)++)
    |(?P<text>"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+')
    |(?P<template>`(?:[^`\\]|\\.)*+`)
    |(?P<number>\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<name>[A-Za-z_$][\w$]*)
    |(?P<pattern>(?:(?<=[(,=:\[!&|?{};>])|(?<=[(,=:\[!&|?{};>]\s))
        /(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.){0,200}+\]){1,400}+/[a-z]*)
    |(?P<open>["'`]|/\*)
    |(?P<mark>=>|\?\.(?!\d)|\?\?|&&|\|\||.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_SLOT = re.compile(r"\$\{\s*([A-Za-z_$][\w$]*)\s*\}")
_FOREIGN = re.compile(r"\\(?:[^\"\\/bfnrtu]|u\{)|[\x00-\x1f]")
"""What a text in JavaScript may hold and one in JSON not."""
_CONDITIONS = frozenset(
    {"if", "for", "while", "switch", "function", "else", "do", "?", "??", "&&", "||", "=>"}
)
"""What comes before a call that may be made never, or several times."""


class NestedCall(NamedTuple):
    """A call that a script makes."""

    tool: str
    arguments: str
    """JSON; the text itself where the tool takes one, as `apply_patch` does."""


class _UnreadError(Exception):
    """This part of a script is no literal."""


_Token = tuple[str, str, bool]
"""Its kind, which is a group of `_TOKEN`, its text, and whether a line ended before it."""


def read_script(script: str) -> list[NestedCall] | None:
    """Return the tool calls that a script makes, in order; None if they cannot be told from its text."""
    if len(script) > MAX_SCRIPT:
        return None
    if "tools" not in script:
        return []
    try:
        return _Script(_tokens(script)).calls()
    except (_UnreadError, *JSON_ERRORS):
        return None


def _tokens(script: str) -> list[_Token]:
    tokens: list[_Token] = []
    newline = False
    for match in _TOKEN.finditer(script):
        kind, text = match.lastgroup or "", match[0]
        if kind == "space":
            newline = newline or "\n" in text
        elif kind == "open":
            raise _UnreadError
        else:
            tokens.append((kind, text, newline))
            newline = False
    return tokens


class _Script:
    """Walks over the tokens of a script."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = [*tokens, *[("end", "", True)] * 4]
        self._constants: dict[str, Any] = {}

    def calls(self) -> list[NestedCall]:
        found: list[NestedCall] = []
        # of each open bracket: whether its calls are conditional by what stands outside, and by now
        open_brackets = [(False, False)]
        before = ""
        at = 0
        named = sum(text == "tools" for _, text, _ in self._tokens)
        while named and self._kind(at) != "end":
            kind, text, _ = self._tokens[at]
            named -= text == "tools"
            outside, conditional = open_brackets[-1]
            if kind == "name" and text == "tools" and before not in (".", "?."):
                if conditional:
                    raise _UnreadError
                call, at = self._call(at + 1)
                found.append(call)
            elif kind not in ("mark", "name"):
                pass
            elif text in ("(", "[", "{"):
                is_body = text == "{" and before in (")", "=>", "else", "do")
                open_brackets.append((conditional or is_body,) * 2)
            elif text in (")", "]", "}"):
                del open_brackets[max(len(open_brackets) - 1, 1) :]
            elif text in (";", ",", "const", "let", "var"):
                open_brackets[-1] = (outside, outside)
                if text == "const" and self._kind(at + 1) == "name" and self._text(at + 2) == "=":
                    self._read_constant(self._text(at + 1), at + 3)
            elif text in _CONDITIONS:
                open_brackets[-1] = (outside, True)
            before = self._tokens[at][1]
            at += 1
        return found

    def _call(self, at: int) -> tuple[NestedCall, int]:
        """Read `.name(arguments)`; return it with the position of its closing bracket."""
        if self._text(at) == "." and self._kind(at + 1) == "name":
            tool, at = self._text(at + 1), at + 2
        elif self._text(at) == "[" and self._kind(at + 1) == "text" and self._text(at + 2) == "]":
            tool, at = load_json(self._scalar(at + 1)[0]), at + 3
        else:
            raise _UnreadError
        if self._text(at) != "(":
            raise _UnreadError
        if self._text(at + 1) == ")":
            return NestedCall(tool, "{}"), at + 1
        value, at = self._literal(at + 1)
        at += self._text(at) == ","
        if self._text(at) != ")":
            raise _UnreadError
        return NestedCall(tool, value if isinstance(value, str) else dump_json(value)), at

    def _read_constant(self, name: str, at: int) -> None:
        try:
            value, end = self._literal(at)
        except (_UnreadError, *JSON_ERRORS):
            return
        if self._text(end) in ("", ";", ",") or self._tokens[end][2]:
            self._constants[name] = value

    def _literal(self, at: int) -> tuple[Any, int]:
        """Read a literal by writing it as JSON; return its value with the position after it."""
        pieces: list[str] = []
        opened: list[int] = []
        """Positions in `pieces` of the open brackets."""
        while True:
            kind, text, _ = self._tokens[at]
            in_object = bool(opened) and pieces[opened[-1]] == "{"
            if kind == "mark" and text in ("[", "{"):
                opened.append(len(pieces))
                pieces.append(text)
            elif kind == "mark" and text in ("]", "}") and opened:
                pieces[-1:] = [text] if pieces[-1] == "," else [pieces[-1], text]
                start = opened.pop()
                if self._text(at + 1) == "." and self._text(at + 2) == "join":
                    pieces[start:], at = self._joined("".join(pieces[start:]), at + 3)
            elif kind == "mark" and text in (",", ":") and opened:
                pieces.append(text)
            elif kind == "mark" and text == "+" and pieces and pieces[-1][-1] == '"':
                other, at = self._scalar(at + 1)
                if other[0] != '"':
                    raise _UnreadError
                pieces[-1] = pieces[-1][:-1] + other[1:]
            elif in_object and kind == "name" and pieces[-1] in ("{", ","):
                pieces.append(dump_json(text))
                if self._text(at + 1) != ":":  # {cmd} for {cmd: cmd}
                    pieces += ":", self._scalar(at)[0]
            else:
                piece, at = self._scalar(at)
                pieces.append(piece)
            at += 1
            if not opened and self._text(at) != "+":
                return load_json("".join(pieces)), at

    def _joined(self, items: str, at: int) -> tuple[list[str], int]:
        """Return the text of `[…].join(between)` as JSON, with the position of its closing bracket."""
        between = self._scalar(at + 1)[0]
        texts = load_json(items)
        if self._text(at) != "(" or self._text(at + 2) != ")" or not all(isinstance(t, str) for t in texts):
            raise _UnreadError
        return [dump_json(load_json(between).join(texts))], at + 2

    def _scalar(self, at: int) -> tuple[str, int]:
        """Return a text, number or constant as JSON, with the position of its last token."""
        kind, text, _ = self._tokens[at]
        if kind == "text":
            is_json = text[0] == '"' and not _FOREIGN.search(text)
            return text if is_json else dump_json(_unescaped(text[1:-1])), at
        if kind == "template":
            return dump_json(self._filled(text[1:-1])), at
        if kind == "number":
            return text.replace("_", ""), at
        if text == "-" and self._kind(at + 1) == "number":
            return f"-{self._tokens[at + 1][1]}", at + 1
        if text == "String" and self._text(at + 2) == "raw" and self._kind(at + 3) == "template":
            raw = self._tokens[at + 3][1][1:-1]
            if "${" not in raw:
                return dump_json(raw), at + 3
        if kind == "name" and text in ("true", "false", "null", "undefined"):
            return text if text != "undefined" else "null", at
        if kind == "name" and text in self._constants:
            return dump_json(self._constants[text]), at
        raise _UnreadError

    def _filled(self, template: str) -> str:
        """Return the text of a template, with the constants that it names."""
        pieces = _SLOT.split(template)
        for at in range(1, len(pieces), 2):
            value = self._constants.get(pieces[at])
            if not isinstance(value, str):
                raise _UnreadError
            pieces[at] = value
        for at in range(0, len(pieces), 2):
            if "${" in pieces[at].replace("\\${", ""):
                raise _UnreadError
            pieces[at] = _unescaped(pieces[at])
        return "".join(pieces)

    def _text(self, at: int) -> str:
        """Return a mark or a name; empty for a literal."""
        kind, text, _ = self._tokens[at]
        return text if kind in ("mark", "name") else ""

    def _kind(self, at: int) -> str:
        return self._tokens[at][0]


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    text = _ESCAPE.sub(_character, text)
    # a character past U+FFFF may be written as two escapes
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(escape: re.Match[str]) -> str:
    digits = escape[1] or escape[2] or escape[3]
    if digits:
        return chr(int(digits, 16))
    return "" if escape[4] in ("\n", "\r\n") else _ESCAPED.get(escape[4], escape[4])
