"""What changed between a failed call and the one that worked, in words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import orjson

from warmtui.analysis.call_shape import CallShape
from warmtui.analysis.command_purpose import CommandStep
from warmtui.analysis.patterns import word_set
from warmtui.model.outcome import JudgedCall

CLOSE_TEXT = 0.8
"""Commands at least this similar are the same command written differently."""
SIMILAR_TEXT = 0.5
"""Commands, statements and passages at least this similar are two attempts at the same thing."""
MAX_CHANGE = 160
"""Characters of a change in words."""
MAX_COMPARED = 4_000
"""Characters of two lines whose words are compared."""
MAX_SHOWN = 70
"""Characters of what is shown of words that were added, and of each side of a change that is a whole call."""
_COMPARED = 400
"""Characters of two texts that are compared: the comparison costs the product of their lengths."""
_COMPARED_WORDS = 150
_MAX_PARTS = 3
_MAX_VALUE = 40
_MAX_TOKENS = 300
"""Tokens of a statement that are compared: the comparison costs their square."""
_MAX_DEPTH = 5
_TOKEN = re.compile(r"[\w.]+|[^\w\s]")
_SETUP_LINE = re.compile(r"sys\.path|PYTHONPATH|os\.chdir|^\s*(?:import|from)\s|require\(|os\.environ")


_READS = word_set("view list status diff show log checks rev-parse ls-remote describe branch remote")
"""Words of git, gh and the like that only ask."""
_CHANGES = re.compile(r"\bmutation\b|(?:-X|--method)[ =]?(?:POST|PUT|PATCH|DELETE)")
"""What makes a request to GitHub's interface one that changes something."""


class Fix(NamedTuple):
    """How a later call fixed a failed one."""

    change: str
    """What changed, in words; empty if nothing tells."""
    strength: float
    """0..1: how certain it is that both calls had the same aim."""
    path: str = ""
    """The right path, if the failed call misnamed it."""
    made_by: tuple[JudgedCall, ...] = ()
    """The calls between the two that made the change, where the later call is as the failed one was."""


def only_reads(step: CommandStep) -> bool:
    """Whether a command of git, gh and the like only asks: it changes nothing and gets round nothing."""
    words = step.command.words[1:]
    if step.command.program == "gh" and words[:1] == ("api",):
        return _CHANGES.search(" ".join(words)) is None
    return not _READS.isdisjoint(words[:2])


def similarity(before: str, after: str) -> float:
    """Return the similarity of two texts, 0..1: difflib's ratio over their first 400 characters."""
    if before == after:
        return 1.0
    # autojunk would drop frequent characters of longer texts
    matcher = difflib.SequenceMatcher(None, before[:_COMPARED], after[:_COMPARED], autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= SIMILAR_TEXT else 0.0


def word_similarity(before: Sequence[str], after: Sequence[str]) -> float:
    """Return the similarity of two sequences of words, 0..1: difflib's ratio over the first 150."""
    matcher = difflib.SequenceMatcher(None, before[:_COMPARED_WORDS], after[:_COMPARED_WORDS], autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= SIMILAR_TEXT else 0.0


def short(text: str, limit: int = _MAX_VALUE) -> str:
    r"""Return a text on one line, truncated to `limit` characters.

    >>> short("a\n b", 10)
    'a b'
    """
    text = " ".join(text[: limit * 8].split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def arrow(before: str, after: str, limit: int = _MAX_VALUE) -> str:
    """Write one change: `before → after`."""
    return f"{short(before, limit)} → {short(after, limit)}"


def joined(parts: list[str]) -> str:
    """Write several changes as one phrase."""
    return short(", ".join(dict.fromkeys(part for part in parts[:_MAX_PARTS] if part)), MAX_CHANGE)


def run_as(step: CommandStep) -> str:
    """Write how a command runs its program: `uv run python3 -m unittest discover`.

    The program appears as typed, so that `/usr/bin/python3` differs from `python3`.
    """
    invocation = step.invocation
    parts = [*step.command.wrappers, step.command.words[0]]
    if invocation.interpreter and not invocation.code:
        parts.append(f"-m {invocation.program}" if invocation.module else invocation.program)
    if invocation.subcommand:
        parts.append(invocation.subcommand)
    return " ".join(parts)


def _flags(words: tuple[str, ...]) -> list[str]:
    """Return the options of a command with their values."""
    flags: list[str] = []
    for i, word in enumerate(words):
        if not word.startswith("-") or not word.strip("-"):
            continue
        following = words[i + 1] if i + 1 < len(words) else ""
        has_value = "=" not in word and following and not following.startswith("-") and "/" not in following
        flags.append(f"{word} {following}" if has_value else word)
    return flags


def command_change(before: CommandStep, after: CommandStep, *, with_code: bool = True) -> list[str]:
    """Describe how the command that worked differs from the failed one with the same aim.

    Returns:
        Phrases, most telling first: the program, the environment, the folder, inline code (unless `with_code`
        is off), the options, the words.
    """
    parts: list[str] = []
    if run_as(before) != run_as(after):
        parts.append(arrow(run_as(before), run_as(after)))
    assigned = before.command.assigned
    parts += [f"added {short(item)}" for item in after.command.assigned if item not in assigned]
    if after.command.directory != before.command.directory:
        parts.append(f"ran in {short(after.command.directory or 'the project folder')}")
    old, new = before.invocation, after.invocation
    if with_code and old.code and new.code and old.code != new.code:
        parts += code_change(old.code, new.code)
    if old.program == new.program:
        gone = [word for word in old.rest if not word.startswith("-") and word not in new.rest]
        added = [word for word in new.rest if not word.startswith("-") and word not in old.rest]
        old_flags, new_flags = _flags(old.rest), _flags(new.rest)
        if len(gone) == len(added) == 1:
            # an option whose value alone changed
            old_flags = [flag.removesuffix(f" {gone[0]}") for flag in old_flags]
            new_flags = [flag.removesuffix(f" {added[0]}") for flag in new_flags]
        parts += [f"added {short(flag)}" for flag in new_flags if flag not in old_flags]
        parts += [f"without {short(flag)}" for flag in old_flags if flag not in new_flags]
        # with more words than one changed, nothing tells which replaced which
        if len(gone) == 1 and len(added) == 1:
            # a long word holds a command line or data of its own
            long = max(len(gone[0]), len(added[0])) > _MAX_VALUE
            parts += line_change(gone[0], added[0]) if long else [arrow(gone[0], added[0])]
    return parts


def line_change(before: str, after: str) -> list[str]:
    """Describe which words of a line were added, dropped or replaced; adjacent words are one change."""
    old, new = before[:MAX_COMPARED].split(), after[:MAX_COMPARED].split()
    parts = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, added = " ".join(old[i:j]).strip("&;| "), " ".join(new[k:m]).strip("&;| ")
        if tag == "replace":
            parts.append(arrow(gone, added))
        elif tag == "insert" and added:
            parts.append(f"added {short(added, MAX_SHOWN)}")
        elif tag == "delete" and gone:
            parts.append(f"without {short(gone, MAX_SHOWN)}")
    return parts


def code_change(before: str, after: str) -> list[str]:
    """Describe which lines code gained, set-up lines first, or which single line was replaced."""
    old = [line.strip() for line in before[:20_000].splitlines() if line.strip()]
    new = [line.strip() for line in after[:20_000].splitlines() if line.strip()]
    added = [line for line in new if line not in old]
    gone = [line for line in old if line not in new]
    setup = [line for line in added if _SETUP_LINE.search(line)]
    if setup:
        return [f"added {short(line, 80)}" for line in setup[:2]]
    if len(added) == 1 and len(gone) == 1:
        return [f"{short(gone[0], 70)} → {short(added[0], 70)}"]
    return [f"added {short(line, 80)}" for line in added[:2]]


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text[:8_000])[:_MAX_TOKENS]


def token_change(before: str, after: str) -> list[str]:
    """Describe which words of a statement were replaced; adjacent words are one change."""
    old, new = _tokens(before), _tokens(after)
    parts = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, added = " ".join(old[i:j]), " ".join(new[k:m])
        if tag == "replace":
            parts.append(arrow(gone, added))
        elif tag == "insert" and any(char.isalnum() for char in added):
            parts.append(f"added {short(added)}")
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
    """Yield the scalars of decoded arguments, each with the path that leads to it; five levels at most."""
    if isinstance(value, dict) and depth < _MAX_DEPTH:
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list) and depth < _MAX_DEPTH:
        for i, inner in enumerate(value[:50]):
            yield from leaves(inner, f"{path}[{i}]", depth + 1)
    else:
        yield path, value


def value_change(before: CallShape, after: CallShape) -> list[str]:
    """Describe which arguments were added, dropped or given another value."""
    old, new = before.values or {}, after.values or {}
    parts = [f"added argument {key}" for key in new if key not in old]
    parts += [f"without argument {key}" for key in old if key not in new]
    for key in new:
        if key in old and old[key] != new[key]:
            parts += _argument_change(key, old[key], new[key])
    return parts


def _argument_change(key: str, old: object, new: object) -> list[str]:
    if type(old) is not type(new):
        kinds = f"{type(old).__name__} → {type(new).__name__}"
        return [f"{key}: {arrow(_shown(old), _shown(new))} ({kinds})"]
    old_leaves, new_leaves = dict(leaves(old, key)), dict(leaves(new, key))
    changed = [name for name in new_leaves if name in old_leaves and old_leaves[name] != new_leaves[name]]
    # naming many single values would say less than both whole ones
    if len(changed) > 2:
        return [f"{key}: {arrow(_shown(old), _shown(new))}"]
    parts = [f"{name}: {arrow(_shown(old_leaves[name]), _shown(new_leaves[name]))}" for name in changed]
    if not new_leaves.keys() <= old_leaves.keys():
        if isinstance(new, list) and isinstance(old, list):
            parts.append(f"{key}: {len(new)} in place of {len(old)}")
        else:
            parts.append(f"{key}: more given")
    return parts
