"""How alike two calls are, and what a call did apart from its result."""

from __future__ import annotations

import difflib
import posixpath
import re

from warmtui.analysis.call_shape import CallShape
from warmtui.analysis.command_purpose import Purpose, Step
from warmtui.analysis.outcomes.result_values import readable_result
from warmtui.analysis.patterns import word_set
from warmtui.model.outcome import JudgedCall

CLOSE_TEXT = 0.8
"""Commands at least this similar are the same command written differently."""
SIMILAR_TEXT = 0.5
"""Commands, statements and passages at least this similar are two attempts at the same thing."""
_COMPARED = 400
"""Characters of two texts that are compared: the comparison costs the product of their lengths."""

_FILTERS = word_set("grep egrep fgrep rg sort uniq wc awk gawk cut sed jq tr xargs comm diff join column")
"""Programs that, after a pipe, shape what was asked for; `head` and `tail` only shorten it."""
EDITS: frozenset[Purpose] = frozenset({"edit", "remove"})
"""Purposes that change files."""
_TELLING: frozenset[Purpose] = EDITS | {"test", "build", "check", "install", "run", "query"}
_NOTHING = re.compile(
    r"(?:\[\]|\{\}|\(\)|null|none|0|no (?:matches|results|files)[\w .]{0,40})?\Z", re.IGNORECASE
)
_COUNT_NOTHING = re.compile(r'"(?:total_count|count|total|num_matches)":\s*0\b')
_NO_ROWS = re.compile(
    r"[\[(\s]*(?:0(?:\.0+)?|none|null)?[\])\s,]*\Z|(?:empty set|0 rows|\(0 rows\))", re.IGNORECASE
)
_SHORT_RESULT = 400
_WRITING_KEYS = frozenset({"content", "new_string", "new_str", "patch", "file_text", "edits", "input"})


def similarity(before: str, after: str) -> float:
    """Return the similarity of two texts, 0..1: difflib's ratio over their first 400 characters."""
    if before == after:
        return 1.0
    # autojunk would drop frequent characters of longer texts
    matcher = difflib.SequenceMatcher(None, before[:_COMPARED], after[:_COMPARED], autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= SIMILAR_TEXT else 0.0


def found_nothing(call: JudgedCall) -> bool:
    """Whether a call's result is empty or reports zero hits."""
    if call.result is None:
        return True
    text = call.result.text
    if len(text) < _SHORT_RESULT and _COUNT_NOTHING.search(text):
        return True
    return _NOTHING.match(readable_result(text[:4_000]).strip()) is not None


def gave_no_rows(call: JudgedCall) -> bool:
    """Whether a query returned no rows, or a single empty value: a count of zero, a sum over nothing."""
    if found_nothing(call):
        return True
    text = call.result.text if call.result is not None else ""
    return len(text) < _SHORT_RESULT and _NO_ROWS.match(readable_result(text).strip()) is not None


def files_written(shape: CallShape) -> frozenset[str]:
    """Return the files that a call creates or changes."""
    if not shape.steps:
        writes = shape.values is not None and not _WRITING_KEYS.isdisjoint(shape.values)
        return shape.files() if writes else frozenset()
    files: set[str] = set()
    for command, invocation, purpose in shape.steps:
        paths = list(command.writes)
        if purpose in EDITS or invocation.program in ("git", "unzip", "tar"):
            paths += [word for word in invocation.rest if not word.startswith("-")]
        files.update(posixpath.normpath(posixpath.join(command.directory, path)) for path in paths)
    return frozenset(files)


def subjects_of(shape: CallShape) -> frozenset[str]:
    """Return a call's targets without the programs it uses."""
    return frozenset(target for target in shape.targets if not target.startswith("program:"))


def step_running(shape: CallShape, programs: frozenset[str]) -> Step | None:
    """Return the first step of a command line that uses any of these programs."""
    for step in shape.steps:
        invocation = step.invocation
        names = {step.command.program, invocation.program, invocation.interpreter}
        if not programs.isdisjoint({*names, posixpath.basename(invocation.program)}):
            return step
    return None


def step_with_purpose(shape: CallShape, purpose: Purpose) -> Step | None:
    """Return the first step of a command line with this purpose."""
    return next((step for step in shape.steps if step.purpose == purpose), None)


def keeps_all_parts(before: CallShape, after: CallShape) -> bool:
    """Whether a command line still has the filters and telling purposes of an earlier one.

    A filter may be replaced (`cut` by `awk`); fewer filters ask for something else.
    """
    if not before.steps or not after.steps:
        return True
    return _purposes(before) <= _purposes(after) and _count_filters(before) <= _count_filters(after)


def _is_filter(step: Step) -> bool:
    return step.command.piped and step.command.program in _FILTERS


def _count_filters(shape: CallShape) -> int:
    return sum(map(_is_filter, shape.steps))


def _purposes(shape: CallShape) -> set[Purpose]:
    return {step.purpose for step in shape.steps if not step.command.piped and step.purpose in _TELLING}
