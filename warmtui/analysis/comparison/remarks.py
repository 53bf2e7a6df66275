"""Remarks on sessions side by side, in plain sentences: how they start, their habits, errors and outcomes.

Whether a session has a habit its calls tell: yes, no, or None if they show neither.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from warmtui.analysis.call_shape import CallShape
from warmtui.analysis.command_purpose import LOOKS
from warmtui.analysis.comparison.timeline import Side
from warmtui.analysis.recoveries.changes import short
from warmtui.analysis.text_references import lasting_path
from warmtui.analysis.tools import CHANGING_KEYS, WRITING_KEYS, task_type_of
from warmtui.model.comparison import ErrorRow, Remark, Timeline

MAX_ERRORS = 3
"""Shared errors with a remark; the rows have all of them."""
_SHAPE_CHARACTERS = 80
_FOLDERS_AND_RIGHTS = frozenset({"mkdir", "chmod", "chown"})
_WRITING_CODE = re.compile(r"write|dump|save|replace|rename|open\(")
"""Signs of code that may write files; it need not, so the answer is then None."""


def remarks_of(sides: Sequence[Side], timeline: Timeline, errors: Sequence[ErrorRow]) -> tuple[Remark, ...]:
    """Remark on what is notable.

    There is a remark on a habit only if the calls of every session tell whether it has the habit, and at
    least one has it.

    Args:
        sides: the sessions.
        timeline: their aligned calls.
        errors: the error patterns that all of them met.
    """
    return (*_starts(sides), *_habits(sides), *_shared_errors(errors), *_outcomes(timeline))


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
    edits = "read every file before they edit it", "reads every file before it edits it"
    tests = "run tests", "runs tests"
    tested = "run tests after they last wrote to a file", "runs tests after it last wrote to a file"
    for rule, habit, (plural, singular) in (
        ("reads-before-edits", reads_before_edits, edits),
        ("runs-tests", runs_tests, tests),
        ("tests-after-last-write", last_write_is_tested, tested),
    ):
        answers = [habit(side) for side in sides]
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


def counted_calls(side: Side) -> Iterator[int]:
    """Yield the indexes of the calls that are not housekeeping."""
    return (index for index, call in enumerate(side.calls) if not call.housekeeping)


def starts_by_guessing(side: Side) -> bool | None:
    """Whether the session starts with a call for a missing file that no message named."""
    # the messages of the session that this one continues are not at hand
    if side.session.header.kind in ("continuation", "branch"):
        return None
    first = next(counted_calls(side), None)
    if first is None:
        return None
    call, files = side.calls[first], side.shapes[first].files()
    if call.verdict.outcome != "error" or call.verdict.error_type != "FileNotFound" or not files:
        return False
    before = [side.session.system_prompt]
    before += [message.text for message in side.session.messages[: call.position]]
    return not any(posixpath.basename(path) in text for path in files for text in before)


def _is_edit_by_tool(shape: CallShape) -> bool:
    return _is_file_tool(shape) and shape.values is not None and bool(CHANGING_KEYS & shape.values.keys())


def _is_file_tool(shape: CallShape) -> bool:
    return not shape.steps and task_type_of(shape.tool) == "file"


def _is_read(shape: CallShape) -> bool:
    if shape.steps:
        return shape.purpose in LOOKS
    return _is_file_tool(shape) and shape.values is not None and not WRITING_KEYS & shape.values.keys()


def reads_before_edits(side: Side) -> bool | None:
    """Whether an earlier call read every file that a tool edited.

    None if a file may be known in another way: it was named before (and perhaps written by the session
    itself), or code or a glob may have shown it.
    """
    edits = 0
    unsure = any_look = False
    seen: set[str] = set()
    for index in counted_calls(side):
        call, shape = side.calls[index], side.shapes[index]
        if _is_edit_by_tool(shape) and shape.files():
            edits += 1
            unread = [path for path in shape.files() if path not in seen]
            if not any_look and any(not _is_named(side, path, index) for path in unread):
                return False
            unsure = unsure or bool(unread)
        if call.verdict.outcome == "ok" and _is_read(shape):
            seen |= shape.files()
        any_look = any_look or _may_show_any_file(shape, call.call.arguments)
    return None if unsure or not edits else True


def _may_show_any_file(shape: CallShape, arguments: str) -> bool:
    """Whether a call may read files that it does not name: code, and command lines with globs."""
    return bool(shape.code) or (bool(shape.steps) and "*" in arguments)


def _is_named(side: Side, path: str, before: int) -> bool:
    """Whether anything before a call mentions a file by its name."""
    name = posixpath.basename(path)
    messages = side.session.messages[: side.calls[before].position]
    return (
        any(name in message.text for message in messages)
        or any(name in call.call.arguments for call in side.calls[:before])
        or name in side.session.system_prompt
    )


def runs_of_tests(side: Side) -> tuple[int, ...]:
    """Return the indexes of the calls that ran tests, findings included; a missing runner runs none."""
    return tuple(
        index
        for index in counted_calls(side)
        if side.shapes[index].purpose == "test" and side.calls[index].verdict.outcome == "ok"
    )


def runs_tests(side: Side) -> bool | None:
    """Whether the session ran tests; None without calls, and if something else ran that mentions tests."""
    if runs_of_tests(side):
        return True
    calls = list(counted_calls(side))
    return None if not calls or any(_may_test(side, index) for index in calls) else False


def last_write_is_tested(side: Side) -> bool | None:
    """Whether tests ran after the last call that wrote to a file, or within it.

    Removing files does not count as writing: sessions end by cleaning up. None if a later call may have
    written, or may have been a test.
    """
    writes = [index for index in counted_calls(side) if _writes(side, index)]
    if not writes:
        return None
    last_test = max(runs_of_tests(side), default=-1)
    later = [index for index in counted_calls(side) if index > max(last_test, writes[-1])]
    if last_test >= writes[-1]:
        return None if any(_may_write(side, index) for index in later) else True
    return None if any(_may_test(side, index) for index in later) else False


def _writes(side: Side, index: int) -> bool:
    shape = side.shapes[index]
    if side.calls[index].verdict.outcome != "ok":
        return False
    if _is_file_tool(shape):
        return shape.values is not None and bool(WRITING_KEYS & shape.values.keys())
    cwd = side.session.header.cwd or ""
    for command, invocation, purpose in shape.steps:
        files = command.writes
        if not files and purpose == "edit" and command.program not in _FOLDERS_AND_RIGHTS:
            files = tuple(word for word in invocation.rest if not word.startswith("-"))
        if any(lasting_path(posixpath.join(command.directory, path), cwd) for path in files):
            return True
    return False


def _may_write(side: Side, index: int) -> bool:
    shape = side.shapes[index]
    if side.calls[index].verdict.outcome != "ok":
        return False
    return shape.purpose == "run" or (bool(shape.code) and _WRITING_CODE.search(shape.code) is not None)


def _may_test(side: Side, index: int) -> bool:
    call, shape = side.calls[index], side.shapes[index]
    if call.verdict.outcome != "ok" or _is_file_tool(shape):
        return False
    return shape.purpose == "run" or "test" in call.call.arguments.lower()


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
