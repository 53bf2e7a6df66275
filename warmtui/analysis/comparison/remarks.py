"""Remarks on sessions side by side, in plain sentences; the rows of the comparison back each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from warmtui.analysis.comparison.habits import (
    counted_calls,
    last_write_is_tested,
    reads_before_edits,
    runs_tests,
    starts_by_guessing,
)
from warmtui.analysis.comparison.side import Side
from warmtui.analysis.recoveries.changes import short
from warmtui.model.comparison import ErrorRow, Remark, Timeline

MAX_ERRORS = 3
"""Shared errors with a remark; the rows have all of them."""
_SHAPE_CHARACTERS = 80


def remarks_of(sides: Sequence[Side], timeline: Timeline, errors: Sequence[ErrorRow]) -> tuple[Remark, ...]:
    """Remark on what is notable.

    There is a remark on a habit only if the calls of every session tell whether it has the habit, and at
    least one has it.

    Args:
        sides: the sessions.
        timeline: their aligned calls.
        errors: the error patterns that all of them met.
    """
    parts = (_starts(sides), _habits(sides), _shared_errors(errors), _outcomes(timeline))
    return tuple(remark for part in parts for remark in part)


def _subject(flags: Sequence[bool], plural: str, singular: str) -> str:
    """Write the start of a sentence: `both start`, `only the first starts`."""
    verb = plural if sum(flags) > 1 else singular
    return f"{'' if all(flags) else 'only '}{names_of(flags)} {verb}"


def _remark(rule: str, flags: Sequence[bool], text: str) -> Remark:
    holds = tuple(number for number, flag in enumerate(flags) if flag)
    return Remark(rule=rule, sessions=holds, text=f"{text[0].upper()}{text[1:]}.")


def _starts(sides: Sequence[Side]) -> Iterator[Remark]:
    guesses = [starts_by_guessing(side) for side in sides]
    known = [guess for guess in guesses if guess is not None]
    if len(known) < len(sides):
        return
    if any(known):
        yield _remark("starts-by-guessing", known, f"{_subject(known, 'start', 'starts')} by guessing a path")
    every = [True] * len(sides)
    tools = [short(side.calls[next(counted_calls(side))].call.tool) for side in sides]
    if len(set(tools)) > 1:
        names = [f"the {ordinal(number)}" for number in range(1, len(sides) + 1)]
        names[0] += " starts"
        each = (f"{name} with {tool}" for name, tool in zip(names, tools, strict=True))
        yield _remark("starts-with", every, ", ".join(each))
    elif not all(known) and any(len(side.profile.tools) > 1 for side in sides):
        yield _remark("starts-with", every, f"{_subject(every, 'start', 'starts')} with {tools[0]}")


def _habits(sides: Sequence[Side]) -> Iterator[Remark]:
    for rule, ask, plural, singular in (
        (
            "reads-before-edits",
            reads_before_edits,
            "read every file before they edit it",
            "reads every file before it edits it",
        ),
        ("runs-tests", runs_tests, "run tests", "runs tests"),
        (
            "tests-after-last-write",
            last_write_is_tested,
            "run tests after they last wrote to a file",
            "runs tests after it last wrote to a file",
        ),
    ):
        answers = [ask(side) for side in sides]
        flags = [answer is True for answer in answers]
        # that all sessions run tests is not worth a remark
        if None in answers or not any(flags) or (all(flags) and rule == "runs-tests"):
            continue
        yield _remark(rule, flags, _subject(flags, plural, singular))


def _shared_errors(errors: Sequence[ErrorRow]) -> Iterator[Remark]:
    for row in errors[:MAX_ERRORS]:
        flags = [recovered > 0 for recovered in row.recovered]
        met = f"{_subject([True] * len(flags), 'meet', 'meets')} “{short(row.shape, _SHAPE_CHARACTERS)}”"
        if all(flags):
            how = "and recover from it"
        elif any(flags):
            how = f"and {_subject(flags, 'recover', 'recovers')} from it"
        else:
            how = f"and {'neither' if len(flags) == 2 else 'none'} is seen to recover from it"
        yield _remark("shared-error", flags, f"{met} {how}")


def _outcomes(timeline: Timeline) -> Iterator[Remark]:
    in_step = [step for step in timeline.steps if step.in_step]
    apart = [step for step in in_step if len({call.outcome for call in step.calls if call}) > 1]
    if apart:
        text = (
            f"In {len(in_step):,} steps the calls are alike (the same tool, a similar target), "
            f"in {len(apart):,} of them the outcomes differ."
        )
        yield Remark(rule="in-step-outcomes", sessions=(), text=text)


def names_of(flags: Sequence[bool]) -> str:
    """Name the sessions for which something holds: `both`, `the first`, `the first and the third`.

    >>> names_of([True, True]), names_of([False, True]), names_of([True, False, True, True])
    ('both', 'the second', 'the first, the third and the fourth')
    """
    if all(flags):
        return "both" if len(flags) == 2 else f"all {len(flags)}"
    named = [f"the {ordinal(number)}" for number, flag in enumerate(flags, 1) if flag]
    return " and ".join([", ".join(named[:-1]), named[-1]]) if len(named) > 1 else "".join(named)


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def ordinal(number: int) -> str:
    """Return an ordinal in words, from ten on in digits.

    >>> ordinal(2), ordinal(12)
    ('second', '12th')
    """
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
