"""What changed between a failed call and the one that worked, in words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

import orjson

from warmtui.analysis.call_shape import CallShape
from warmtui.analysis.command_purpose import Lead
from warmtui.analysis.shell import Command

MAX_CHANGE = 160
"""Characters of a change in words."""
_MAX_PARTS = 3
_MAX_VALUE = 40
_MAX_TOKENS = 300
"""Tokens of a statement that are compared: the comparison costs their square."""
_TOKEN = re.compile(r"[\w.]+|[^\w\s]")
_SETUP_LINE = re.compile(r"sys\.path|PYTHONPATH|os\.chdir|^\s*(?:import|from)\s|require\(|os\.environ")


def short(text: str, limit: int = _MAX_VALUE) -> str:
    r"""Return a text on one line, cut at its end.

    >>> short("a\n b", 10)
    'a b'
    """
    text = " ".join(text[: limit * 8].split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def arrow(before: str, after: str) -> str:
    """Write one change: `before → after`."""
    return f"{short(before)} → {short(after)}"


def joined(parts: list[str]) -> str:
    """Write several changes as one phrase."""
    return short(", ".join(dict.fromkeys(part for part in parts[:_MAX_PARTS] if part)), MAX_CHANGE)


def how_run(command: Command, how: Lead) -> str:
    """Write how a command is run: `uv run python3 -m unittest discover`.

    The program is named as it was typed, so that `/usr/bin/python3` stays apart from `python3`.
    """
    typed = command.words[0]
    parts = list(command.wrappers)
    if how.code:
        parts.append(typed)
    elif how.interpreter:
        parts.append(typed)
        parts.append(f"-m {how.program}" if how.module else how.program)
    else:
        parts.append(typed)
    if how.subcommand:
        parts.append(how.subcommand)
    return " ".join(parts)


def _flags(words: tuple[str, ...]) -> list[str]:
    """Return the options of a command with their values."""
    found: list[str] = []
    for i, word in enumerate(words):
        if not word.startswith("-") or not word.strip("-"):
            continue
        following = words[i + 1] if i + 1 < len(words) else ""
        takes = "=" not in word and following and not following.startswith("-") and "/" not in following
        found.append(f"{word} {following}" if takes else word)
    return found


def command_change(
    before: tuple[Command, Lead], after: tuple[Command, Lead], *, with_code: bool = True
) -> list[str]:
    """Tell how two commands that do the same job differ.

    Args:
        before: the failed command and its lead.
        after: the one that worked.
        with_code: also tell how code given inline differs.

    Returns:
        Phrases, most telling first: the program, the environment, the folder, the options, the words.
    """
    old, old_lead = before
    new, new_lead = after
    parts: list[str] = []
    ran, runs = how_run(old, old_lead), how_run(new, new_lead)
    if ran != runs:
        parts.append(arrow(ran, runs))
    parts += [f"added {short(item)}" for item in new.assigned if item not in old.assigned]
    if new.directory != old.directory:
        parts.append(f"ran in {short(new.directory or 'the project folder')}")
    if with_code and old_lead.code and new_lead.code and old_lead.code != new_lead.code:
        parts += code_change(old_lead.code, new_lead.code)
    had, has = _flags(old_lead.rest), _flags(new_lead.rest)
    same_program = old_lead.program == new_lead.program
    if same_program:
        parts += [f"added {short(flag)}" for flag in has if flag not in had]
        parts += [f"without {short(flag)}" for flag in had if flag not in has]
        words = [w for w in old_lead.rest if not w.startswith("-") and w not in new_lead.rest]
        others = [w for w in new_lead.rest if not w.startswith("-") and w not in old_lead.rest]
        if len(words) == 1 and len(others) == 1:
            parts.append(arrow(words[0], others[0]))
    return parts


def code_change(before: str, after: str) -> list[str]:
    """Tell which lines code gained, set-up lines first, or which one line became another."""
    old = [line.strip() for line in before[:20_000].splitlines() if line.strip()]
    new = [line.strip() for line in after[:20_000].splitlines() if line.strip()]
    added = [line for line in new if line not in old]
    gone = [line for line in old if line not in new]
    telling = [line for line in added if _SETUP_LINE.search(line)]
    if telling:
        return [f"added {short(line, 80)}" for line in telling[:2]]
    if len(added) == 1 and len(gone) == 1:
        return [f"{short(gone[0], 70)} → {short(added[0], 70)}"]
    return [f"added {short(line, 80)}" for line in added[:2]]


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text[:8_000])[:_MAX_TOKENS]


def token_change(before: str, after: str) -> list[str]:
    """Tell which words of a statement were replaced, those of one place as one change."""
    old, new = _tokens(before), _tokens(after)
    parts = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = " ".join(old[i:j]), " ".join(new[k:m])
        if tag == "replace":
            parts.append(arrow(gone, come))
        elif tag == "insert" and any(char.isalnum() for char in come):
            parts.append(f"added {short(come)}")
        elif tag == "delete" and any(char.isalnum() for char in gone):
            parts.append(f"without {short(gone)}")
    return parts


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value
    try:
        return orjson.dumps(value).decode()
    except (TypeError, ValueError):
        return str(value)[:200]


def leaves(value: object, path: str = "", depth: int = 0) -> Iterator[tuple[str, object]]:
    """Yield the scalars of decoded arguments with the names that lead to them, at most five levels deep."""
    if isinstance(value, dict) and depth < 5:
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list) and depth < 5:
        for i, inner in enumerate(value[:50]):
            yield from leaves(inner, f"{path}[{i}]", depth + 1)
    else:
        yield path, value


def value_change(before: CallShape, after: CallShape) -> list[str]:
    """Tell which arguments were added, left out or given another value."""
    old, new = before.values or {}, after.values or {}
    parts = [f"added argument {key}" for key in new if key not in old]
    parts += [f"without argument {key}" for key in old if key not in new]
    for key in new:
        if key not in old or old[key] == new[key]:
            continue
        if type(old[key]) is not type(new[key]):
            kinds = f"{type(old[key]).__name__} → {type(new[key]).__name__}"
            parts.append(f"{key}: {arrow(_shown(old[key]), _shown(new[key]))} ({kinds})")
            continue
        was, now = dict(leaves(old[key], key)), dict(leaves(new[key], key))
        changed = [name for name in now if name in was and was[name] != now[name]]
        extra = [name for name in now if name not in was]
        if len(changed) <= 2:
            parts += [f"{name}: {arrow(_shown(was[name]), _shown(now[name]))}" for name in changed]
        else:
            parts.append(f"{key}: {arrow(_shown(old[key]), _shown(new[key]))}")
        if extra and len(changed) <= 2:
            now_value, was_value = new[key], old[key]
            parts.append(
                f"{key}: {len(now_value)} in place of {len(was_value)}"
                if isinstance(now_value, list) and isinstance(was_value, list)
                else f"{key}: more given"
            )
    return parts
