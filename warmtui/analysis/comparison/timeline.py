"""The sessions that are compared, and their calls side by side, aligned turn by turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Literal, NamedTuple

from warmtui.analysis.call_arguments import canonical
from warmtui.analysis.call_shape import CallShape, shape_of
from warmtui.analysis.command_purpose import Purpose
from warmtui.analysis.comparison.alignment import Likeness, align
from warmtui.analysis.recoveries import FoundRecovery, approach_of
from warmtui.analysis.recoveries.changes import short
from warmtui.analysis.tools import command_line
from warmtui.analysis.user_patterns import shortened
from warmtui.model.comparison import DifferingStretch, Step, StepCall, Timeline, TurnRow
from warmtui.model.outcome import JudgedCall
from warmtui.model.profile import Profile
from warmtui.model.session import Message, Session

SIMILAR_TARGETS = 0.5
"""Share of all their targets that two similar calls have in common: one of a file and a search word."""
ABOUT_CHARACTERS = 160
"""Characters of a call on one line."""
_ABOUT_TARGETS = 3
_TELLING = ("table:", "name:", "id:", "url:", "file:", "module:")
"""Kinds of targets that say what a call is about, in the order of naming."""
_ALWAYS_SIMILAR: frozenset[Purpose] = frozenset({"test", "build", "check"})
"""Purposes of which any two runs are attempts at the same thing."""


@dataclass(frozen=True)
class Side:
    """A session that is compared."""

    session: Session
    calls: Sequence[JudgedCall]
    """All its judged calls, in order."""
    recoveries: Sequence[FoundRecovery]
    """The result of `find_recoveries` for them."""
    profile: Profile
    """The profile of the same calls, so that both commands show the same figures."""

    @cached_property
    def shapes(self) -> tuple[CallShape, ...]:
        """The shapes of `calls`, in the same order."""
        cwd = self.session.header.cwd or ""
        return tuple(shape_of(call.call.tool, call.call.arguments, cwd) for call in self.calls)


class Trait(NamedTuple):
    """The properties by which calls are compared."""

    tool: str
    arguments: str
    purpose: Purpose
    shell: bool
    about: frozenset[str]
    """The telling targets; for a call without any, its short values."""
    approach: frozenset[str]


def trait_of(shape: CallShape, arguments: str) -> Trait:
    """Return the properties by which a call is compared."""
    about = frozenset(target for target in shape.targets if target.startswith(_TELLING))
    values = frozenset(target for target in shape.targets if target.startswith("value:"))
    return Trait(
        shape.tool,
        canonical(arguments),
        shape.purpose,
        bool(shape.steps),
        about or values,
        approach_of(shape),
    )


def likeness(first: Trait, second: Trait) -> Likeness:
    """Return how alike two calls are as attempts at the same thing.

    Identical: the same tool with the same canonical arguments. Similar: the same tool (or two shells) with
    the same purpose and at least `SIMILAR_TARGETS` of their targets in common; without targets, the same
    approach. Two runs of tests, of a build or of a linter are always similar; two uses of version control
    only with the same subcommand.
    """
    if first.shell and second.shell:
        if first.tool == second.tool and first.arguments == second.arguments:
            return 2
        if first.purpose != second.purpose:
            return 0
        if first.purpose == "vcs" and not first.approach & second.approach:
            return 0
        if first.purpose in _ALWAYS_SIMILAR:
            return 1
    elif first.tool != second.tool:
        return 0
    elif first.arguments == second.arguments:
        return 2
    either = first.about | second.about
    if not either:
        return 1 if first.approach & second.approach else 0
    return 1 if len(first.about & second.about) / len(either) >= SIMILAR_TARGETS else 0


def timeline_of(sides: Sequence[Side]) -> Timeline:
    """Align the calls of two or more sessions, turn by turn.

    The n-th turn of a session is beside the n-th turns of the others, whatever was asked. Calls before
    the person's first message form turn -1. Every call is in the timeline exactly once, in order.
    """
    numbers: dict[Trait, int] = {}
    """Equal traits share a number, which is cheaper to look up."""
    traits = [
        [
            numbers.setdefault(trait_of(shape, call.call.arguments), len(numbers))
            for shape, call in zip(side.shapes, side.calls, strict=True)
        ]
        for side in sides
    ]
    known = list(numbers)
    by_turn = [_turns(side) for side in sides]
    turn_openers = [_turn_openers(side) for side in sides]
    marks = [_recovery_marks(side) for side in sides]
    first_turn = -1 if any(-1 in turns for turns in by_turn) else 0
    turns: list[TurnRow] = []
    steps: list[Step] = []
    differences: list[DifferingStretch] = []
    for turn in range(first_turn, max(map(len, turn_openers), default=0)):
        indexes = [of_side.get(turn, []) for of_side in by_turn]
        rows = align(
            [[of_side[i] for i in calls] for of_side, calls in zip(traits, indexes, strict=True)],
            lambda first, second: likeness(known[first], known[second]),
        )
        found = [
            Step(
                turn=turn,
                in_step=row.alike,
                calls=tuple(
                    None if at is None else _step_call(side, indexes[number][at], marks[number])
                    for number, (side, at) in enumerate(zip(sides, row.items, strict=True))
                ),
            )
            for row in rows
        ]
        openers = [messages[turn] if 0 <= turn < len(messages) else None for messages in turn_openers]
        turns.append(
            TurnRow(
                turn=turn,
                asked=tuple(None if message is None else shortened(message.text) for message in openers),
                message_ids=tuple(None if message is None else message.id for message in openers),
                first_step=len(steps),
                steps=len(found),
            )
        )
        differences += _stretches(found, len(steps))
        steps += found
    return Timeline(turns=tuple(turns), steps=tuple(steps), differences=tuple(differences))


def _turns(side: Side) -> dict[int, list[int]]:
    turns: dict[int, list[int]] = {}
    for index, call in enumerate(side.calls):
        turns.setdefault(call.turn, []).append(index)
    return turns


def _turn_openers(side: Side) -> list[Message]:
    """Return the messages that begin turns, by the rule of `calls.pair`."""
    return [
        message
        for message in side.session.messages
        if message.origin == "person" and message.role != "tool" and not message.calls
    ]


RecoveryMark = Literal["failed", "fixed"]


def _recovery_marks(side: Side) -> dict[int, RecoveryMark]:
    marks: dict[int, RecoveryMark] = {}
    for recovery in side.recoveries:
        marks.update(dict.fromkeys(recovery.failures, "failed"))
        marks[recovery.fixed_index] = "fixed"
    return marks


def _step_call(side: Side, index: int, marks: dict[int, RecoveryMark]) -> StepCall:
    call = side.calls[index]
    return StepCall(
        index=index,
        message_id=call.message_id,
        call_id=call.call.id,
        tool=call.call.tool,
        about=about_of(side.shapes[index], call.call.arguments),
        outcome=call.verdict.outcome,
        findings=call.verdict.findings,
        error_type=call.verdict.error_type,
        reason=call.verdict.reason,
        housekeeping=call.housekeeping,
        recovery=marks.get(index),
    )


def about_of(shape: CallShape, arguments: str) -> str:
    """Describe on one line what a call is about.

    >>> from warmtui.analysis.call_shape import shape_of
    >>> patch = '{"path": "src/a.py", "old_string": "one", "new_string": "two"}'
    >>> about_of(shape_of("patch", patch), patch)
    'src/a.py'
    """
    if shape.steps and shape.values is not None:
        return short(command_line(shape.tool, shape.values), ABOUT_CHARACTERS)
    if shape.sql or shape.code:
        return short(shape.sql or shape.code, ABOUT_CHARACTERS)
    named = [t.partition(":")[2] for kind in _TELLING for t in sorted(shape.targets) if t.startswith(kind)]
    return short(" ".join(named[:_ABOUT_TARGETS]) or arguments, ABOUT_CHARACTERS)


def _difference(step: Step) -> Literal["calls", "outcomes"] | None:
    if not step.in_step or None in step.calls:
        return "calls"
    return "outcomes" if len({call.outcome for call in step.calls if call}) > 1 else None


def _stretches(steps: Sequence[Step], offset: int) -> Iterator[DifferingStretch]:
    for kind, group in groupby(enumerate(steps), key=lambda item: _difference(item[1])):
        members = list(group)
        if kind is not None:
            yield DifferingStretch(step=offset + members[0][0], steps=len(members), kind=kind)
