"""Known noise: tests that failed before the session changed anything and after it, and usual warnings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from warmtui.analysis.call_shape import CallShape
from warmtui.analysis.patterns import any_of
from warmtui.analysis.results import readable_result
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session

NoiseSign = Literal["before_and_after", "said", "every_result"]
"""Why something is noise.

- `before_and_after`: tests that fail before the first change, or with it set aside, and after it.
- `said`: tests of which the agent says after a run that they failed before.
- `every_result`: a warning at the head of the results of several commands.
"""

MAX_NAMES = 5
"""Tests named in a line; more are counted."""
MIN_RESULTS = 4
"""A warning that heads fewer results may belong to one command."""
MAX_LINE = 250
"""A longer line is no warning that can be quoted."""
_HEAD_LINES = 3
_MAX_RESULT = 60_000

_FAILED_TEST = any_of(
    r"^(?:FAILED|ERROR) (?P<pytest>[\w./-]{1,200}::[^\s]{1,200})",
    r"^\s*--- FAIL: (?P<go>\w[^\s]{0,200})",
    r"^test (?P<cargo>[\w:]{1,200}) \.\.\. FAILED",
    r"^(?:FAIL|ERROR): (?P<unittest>\w{1,200} \([\w.]{1,200}\))",
    r"^\s*(?:✕|×|✗) (?P<jest>\S[^\n]{1,150}?)(?: \(?\d+ ?m?s\)?)?$",
    r"^rspec (?P<rspec>\./[^\s:]{1,200}:\d+)",
    flags=re.MULTILINE,
)
"""A failed test in the output of pytest, go test, cargo test, unittest, jest and vitest, rspec."""
_SETS_ASIDE = re.compile(
    r"(?:\b|\\n)git stash\b(?! (?:pop|apply|list|drop|show|clear))|(?:\b|\\n)git restore\b"
    r"|(?:\b|\\n)git checkout (?:HEAD )?(?:-- )?[^\s;&|-][^\s;&|]{0,200}[./]"
)
"""Commands that take the changes away for a while, in arguments as they are written: a line end is `\\n`."""
_BRINGS_BACK = re.compile(r"(?:\b|\\n)git stash (?:pop|apply)\b")
_SAID = re.compile(
    r"\bpre-?existing\b|\balready (?:fail|broken)|\bfail(?:s|ed|ing)? (?:already|before|on main|on master)\b"
    r"|\b(?:unrelated|not related) to (?:my|our|the|this|these) (?:change|edit|fix|work)",
    re.IGNORECASE,
)
_WARNING = re.compile(r"\bwarn(?:ing)?\b|deprecat", re.IGNORECASE)
_OF_HARNESS = re.compile(r"\btruncated\b|\boutput (?:was|of)\b", re.IGNORECASE)
"""What an agent's program writes above a result that it cut."""
_SENTENCE = re.compile(r"(?:\S+\s+){3}\S")
_NUMBERS = re.compile(r"\d+")


class FoundNoise(NamedTuple):
    """Something that fails or warns already, so that the next session need not look into it."""

    text: str
    """In one line."""
    sign: NoiseSign
    position: int
    """Index of the result that shows it first."""
    calls: tuple[int, ...]
    """Indexes of the calls that show it."""


class _Run(NamedTuple):
    """A test run, or any call whose result names failed tests."""

    number: int
    """Index of the call."""
    failed: frozenset[str]
    before: bool
    """Whether nothing was changed yet, or the changes were stashed away."""


def find_known_noise(
    session: Session, calls: Sequence[JudgedCall], shapes: Sequence[CallShape]
) -> tuple[FoundNoise, ...]:
    """Find tests that failed before the session's changes and after them, and warnings that always come.

    Args:
        session: the session.
        calls: its judged calls, in order.
        shapes: the result of `shapes_of` for them.
    """
    runs = list(_runs(calls, shapes))
    return (*_failing_tests(session, calls, runs), *_warnings(calls, shapes))


def _runs(calls: Sequence[JudgedCall], shapes: Sequence[CallShape]) -> Iterator[_Run]:
    changed = aside = False
    for index, (call, shape) in enumerate(zip(calls, shapes, strict=True)):
        if call.result is None:
            continue
        writes = call.verdict.outcome == "ok" and bool(shape.files_written())
        if _SETS_ASIDE.search(call.call.arguments):
            aside = True
        elif writes:
            aside = False
        text = call.result.text[:_MAX_RESULT]
        failed = frozenset(match[match.lastgroup or 0] for match in _FAILED_TEST.finditer(text))
        if failed or (shape.purpose == "test" and call.verdict.outcome == "ok"):
            yield _Run(index, failed, aside or not changed)
        if _BRINGS_BACK.search(call.call.arguments):
            aside = False
        changed = changed or writes


def _failing_tests(
    session: Session, calls: Sequence[JudgedCall], runs: Sequence[_Run]
) -> Iterator[FoundNoise]:
    earlier = [run for run in runs if run.before]
    later = [run for run in runs if not run.before]
    failed_before = frozenset[str]().union(*(run.failed for run in earlier))
    known = frozenset(name for name in failed_before if _still_fails(name, calls, later))
    if known:
        shows = [run.number for run in runs if run.failed & known]
        yield _noise(calls, _named(known), "before_and_after", shows)
    told = [run for run in runs if _SAID.search(_words_after(session, calls[run.number]))]
    named = frozenset(name for run in told for name in run.failed - known if _still_fails(name, calls, runs))
    if named:
        shows = [run.number for run in told if run.failed & named]
        yield _noise(calls, _named(named), "said", shows)


def _still_fails(name: str, calls: Sequence[JudgedCall], runs: Sequence[_Run]) -> bool:
    """Whether a test failed in some runs, and none after the last of them shows that it passes."""
    failed = [run for run in runs if name in run.failed]
    if not failed:
        return False
    last, place = calls[failed[-1].number].call.arguments, name.partition("::")[0]
    following = (calls[run.number].call.arguments for run in runs if run.number > failed[-1].number)
    return not any(arguments == last or place in arguments for arguments in following)


def _noise(calls: Sequence[JudgedCall], text: str, sign: NoiseSign, shows: Sequence[int]) -> FoundNoise:
    return FoundNoise(text, sign, calls[shows[0]].result_index, tuple(shows))


def _named(tests: frozenset[str]) -> str:
    names = sorted(tests)
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return f"Tests that fail already: {', '.join(names[:MAX_NAMES])}{more}"


def _words_after(session: Session, call: JudgedCall) -> str:
    following = session.messages[call.result_index + 1 : call.result_index + 3]
    return next((message.text for message in following if message.origin == "agent"), "")


def _warnings(calls: Sequence[JudgedCall], shapes: Sequence[CallShape]) -> Iterator[FoundNoise]:
    shown: dict[str, list[int]] = {}
    as_printed: dict[str, str] = {}
    for index, (call, shape) in enumerate(zip(calls, shapes, strict=True)):
        if call.result is None or not shape.steps:
            continue
        head = [
            line.strip() for line in readable_result(call.result.text)[:2_000].splitlines() if line.strip()
        ]
        for line in head[:_HEAD_LINES]:
            if _is_warning(line):
                key = _NUMBERS.sub("0", line)
                as_printed.setdefault(key, line)
                shown.setdefault(key, []).append(index)
    often = {
        key: indexes
        for key, indexes in shown.items()
        if len(indexes) >= MIN_RESULTS and len({shapes[index].skeleton for index in indexes}) > 1
    }
    if often:
        key = max(often, key=lambda key: len(often[key]))
        more = f" (and {len(often) - 1} more)" if len(often) > 1 else ""
        text = f"Printed above the results of many commands: {as_printed[key]}{more}"
        yield _noise(calls, text, "every_result", often[key])


def _is_warning(line: str) -> bool:
    if len(line) > MAX_LINE or not _SENTENCE.match(line):
        return False
    return _WARNING.search(line) is not None and _OF_HARNESS.search(line) is None
