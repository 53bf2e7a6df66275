"""The general form of a command line: what one task filled in becomes a slot, what holds for all stays."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from warmtui.analysis.command_purpose import LOOKS, steps_of
from warmtui.analysis.patterns import word_set

MAX_EXAMPLE = 80
"""Characters of what stood in a slot; more would be read as a part of the rule."""

_WRITTEN = re.compile(r"""(&&|\|\||[;|]|(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\;|])+)""")
"""A word as it is written, quotes included, or an operator between commands."""
_OPERATORS = frozenset({"&&", "||", ";", "|"})
_STANDING = word_set("main master develop dev trunk next HEAD gh-pages stable")
"""Branches that outlive a task."""
_VERSION = re.compile(r"v?\d+(?:\.\d+)+[\w.+-]*\Z")
_CONVENTIONAL = re.compile(r"[a-z]{2,12}(\([^()]{1,40}\))?!?: \S")
"""How a message begins that follows Conventional Commits."""
_TEST_NAME = re.compile(r"(?:\w+::)+\w+\Z|[Tt]est_\w+\Z|Test[A-Z]\w*\Z")
_TEST_FILE = re.compile(
    r"(?:test|spec)[\w.-]*\.\w{1,5}(?:::.*)?\Z|\w[\w-]*[._-](?:test|spec)s?\.\w{1,5}\Z|test_\w+\Z"
)
_TEST_OPTIONS = frozenset({"-run", "--run", "-k", "--filter", "-t", "--grep", "-g", "--tests"})
"""Options of test runners that take the names of tests."""
_TAKES_MESSAGE = frozenset({"-m", "-am", "--message"})
_MAKES_BRANCH = frozenset({"-b", "-B", "-c", "-C", "--create"})
_GIT_LOOKS = word_set("status show log diff rev-parse remote blame")
_REMOVED = ""


class GeneralForm(NamedTuple):
    """A command line with slots."""

    line: str
    """As it was written, with a slot such as `<branch>` for what belongs to one task."""
    example: str
    """What stood in the slot that one needs an example for, a test or a message; empty without one."""


def general_form(line: str) -> GeneralForm:
    """Put slots where a command line names what belongs to one task, and leave out what only looks.

    Slots are branches (what stands before the first `/` stays), versions, messages (their form stays, if it
    is the one of Conventional Commits), the files of `git add`, and single tests.

    >>> general_form("git status; git push -u origin fix/total").line
    'git push -u origin fix/<branch>'
    >>> general_form("uv run pytest tests/test_cart.py -q")
    GeneralForm(line='uv run pytest <test> -q', example='tests/test_cart.py')
    """
    parts = _WRITTEN.split(line)
    example = ""
    for command in _commands(parts):
        words = [parts[index] for index in command]
        for at, slot in _slots(words):
            index = command[at]
            if slot == "<test>" or slot.startswith('"<type>'):
                example = example or words[at].strip("\"'")
            if slot == _REMOVED:
                parts[index - 1] = ""
            parts[index] = slot
    return GeneralForm(_without_looks(parts), example if len(example) <= MAX_EXAMPLE else "")


def _commands(parts: Sequence[str]) -> Iterator[list[int]]:
    """Yield the indexes of the words of each command; words are at the odd indexes."""
    command: list[int] = []
    for index in range(1, len(parts), 2):
        if parts[index] in _OPERATORS:
            yield command
            command = []
        else:
            command.append(index)
    yield command


def _slots(words: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the places of words of one task, and the slot for each."""
    if words[:1] == ["git"]:
        start = 3 if words[1:2] == ["-C"] else 1
        if len(words) > start:
            yield from _git_slots(words, start)
    elif any(step.purpose == "test" for step in steps_of(" ".join(words))):
        yield from _test_slots(words)


def _git_slots(words: Sequence[str], start: int) -> Iterator[tuple[int, str]]:
    subcommand = words[start]
    options = {at for at in range(start + 1, len(words)) if words[at].startswith("-")}
    values = {at + 1 for at in options if words[at] in _TAKES_MESSAGE | _MAKES_BRANCH | {"-F"}}
    plain = [at for at in range(start + 1, len(words)) if at not in options | values]
    for at in options:
        if words[at] in _TAKES_MESSAGE and at + 1 < len(words) and subcommand in ("commit", "tag", "merge"):
            yield at + 1, _message(words[at + 1])
        if (
            words[at] in _MAKES_BRANCH
            and at + 1 < len(words)
            and subcommand in ("checkout", "switch", "worktree")
        ):
            yield at + 1, _branch(words[at + 1])
    if subcommand == "add" and plain and not {words[at] for at in plain} & {".", ":/"}:
        yield plain[0], "<files>"
        yield from ((at, _REMOVED) for at in plain[1:])
    elif subcommand == "push":
        yield from ((at, _branch(words[at])) for at in plain[1:])
    elif (subcommand == "branch" and not options) or subcommand == "tag":
        yield from ((at, _branch(words[at])) for at in plain[:1])
    elif subcommand == "worktree" and len(plain) > 1 and words[plain[0]] == "add":
        yield plain[1], "<folder>"


def _branch(name: str) -> str:
    """Return the slot for a branch or tag: its first folder says how branches are named here."""
    before, colon, name = name.strip("\"'").rpartition(":")
    folder, slash, rest = name.partition("/")
    if name in _STANDING or "$" in name or folder in ("origin", "upstream"):
        return before + colon + name
    slot = "<version>" if _VERSION.match(rest or folder) else "<branch>"
    return before + colon + (f"{folder}/{slot}" if slash else slot)


def _message(written: str) -> str:
    found = _CONVENTIONAL.match(written.strip("\"'"))
    if found is None:
        return '"<message>"'
    return f'"<type>{"(<scope>)" if found[1] else ""}: <message>"'


def _test_slots(words: Sequence[str]) -> Iterator[tuple[int, str]]:
    seen = False
    # the program itself may be a file of tests
    for at in range(1, len(words)):
        word = words[at].strip("\"'")
        if words[at - 1] in _TEST_OPTIONS:
            yield at, "<test>"
        elif _TEST_NAME.match(word) or _TEST_FILE.match(posixpath.basename(word.partition("::")[0])):
            yield at, _REMOVED if seen else "<test>"
            seen = True


def _without_looks(parts: Sequence[str]) -> str:
    """Return the line without the commands at its beginning that only look."""
    start = 0
    while True:
        ends = [index for index in range(start + 1, len(parts), 2) if parts[index] in _OPERATORS]
        if not ends or parts[ends[0]] not in ("&&", ";") or not _only_looks("".join(parts[start : ends[0]])):
            return "".join(parts[start:]).strip()
        start = ends[0] + 1


def _only_looks(command: str) -> bool:
    steps = steps_of(command)
    return bool(steps) and all(
        step.purpose in LOOKS
        or (step.invocation.program == "git" and step.invocation.subcommand in _GIT_LOOKS)
        for step in steps
    )
