"""Habits that a session's calls show: how it starts, whether it reads first, whether it tests last.

Each function returns yes, no, or None if the calls do not tell.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from warmtui.analysis.call_shape import CallShape
from warmtui.analysis.comparison.side import Side
from warmtui.analysis.text_references import lasting_path
from warmtui.analysis.tools import task_type_of

_EDIT_KEYS = frozenset({"old_string", "old_str", "new_string", "new_str", "edits", "patch", "diff"})
"""Arguments of a tool that changes part of a file."""
_WRITE_KEYS = _EDIT_KEYS | {"content", "file_text", "input"}
_LOOKS = frozenset({"look", "search"})
_FOLDERS_AND_RIGHTS = frozenset({"mkdir", "chmod", "chown"})
_WRITING_CODE = re.compile(r"write|dump|save|replace|rename|open\(")
"""Signs of code that may write files; it need not, so the answer is then None."""


def counted_calls(side: Side) -> Iterator[int]:
    """Yield the indexes of the calls that are not housekeeping."""
    return (index for index, call in enumerate(side.calls) if not call.housekeeping)


def starts_by_guessing(side: Side) -> bool | None:
    """Whether the session starts with a call for a missing file that no message named.

    Returns:
        None without a call, and for a session that continues another one, whose messages are not at hand.
    """
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
    return _is_file_tool(shape) and shape.values is not None and bool(_EDIT_KEYS & shape.values.keys())


def _is_file_tool(shape: CallShape) -> bool:
    return not shape.steps and task_type_of(shape.tool) == "file"


def _is_read(shape: CallShape) -> bool:
    if shape.steps:
        return shape.purpose in _LOOKS
    return _is_file_tool(shape) and shape.values is not None and not _WRITE_KEYS & shape.values.keys()


def reads_before_edits(side: Side) -> bool | None:
    """Whether an earlier call read every file that a tool edited.

    Returns:
        None without such an edit, and if a file may be known in another way: it was named before (and perhaps
        written by the session itself), or code or a glob may have shown it.
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

    Removing files does not count as writing: sessions end by cleaning up.

    Returns:
        None without such a call, and if a later call may have written, or may have been a test.
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
        return shape.values is not None and bool(_WRITE_KEYS & shape.values.keys())
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
