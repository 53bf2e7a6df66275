"""What a whole session says about its calls: which came back, which set another right, what is scratch."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from warmtui.analysis.attempts import written
from warmtui.analysis.jobs import CONVENTIONS, job_of
from warmtui.analysis.recoveries import FoundRecovery, way
from warmtui.analysis.repeats import canonical
from warmtui.analysis.targets import CallShape, shape_of
from warmtui.model.outcome import JudgedCall
from warmtui.model.session import Session

_TEMPORARY = re.compile(r"\A(?:/tmp/|/var/tmp/|/private/tmp/|~?/?\.cache/)")


class Facts(NamedTuple):
    """What the whole session says about its calls."""

    shapes: tuple[CallShape, ...]
    uses: Mapping[int, int]
    """For each call that succeeded: how often it, or its way, succeeded."""
    fixes: Mapping[int, FoundRecovery]
    """The calls that set a failed one right."""
    scratch: frozenset[str]
    """Files that the session wrote for itself."""
    last_query: frozenset[int]
    """The last successful query of each turn."""


def family(shape: CallShape) -> str:
    """Return what calls have in common that show the same thing: tool and way."""
    if shape.commands:
        return f"{shape.tool}: {' + '.join(sorted(way(shape)))}"
    return f"{shape.tool}: {shape.skeleton}"


def _scratch(calls: Sequence[JudgedCall], shapes: Sequence[CallShape]) -> frozenset[str]:
    made: set[str] = set()
    removed: set[str] = set()
    for call, shape in zip(calls, shapes, strict=True):
        if call.verdict.outcome != "ok":
            continue
        for command, how in zip(shape.commands, shape.leads, strict=True):
            places = [posixpath.normpath(posixpath.join(command.directory, word)) for word in how.rest]
            if job_of(command, how) == "remove":
                removed.update(places)
            elif how.program in ("mkdir", "touch"):
                made.update(places)
            made.update(
                posixpath.normpath(posixpath.join(command.directory, name)) for name in command.writes
            )
        if shape.values is not None and not shape.commands and "content" in shape.values:
            made |= written(shape)
    top = {path for path in made if "/" not in path}
    return frozenset({path for path in removed if _inside(path, made) or path in made} | top)


def _inside(folder: str, paths: Iterable[str]) -> bool:
    return any(path.startswith(folder + "/") for path in paths)


def is_scratch(path: str, scratch: frozenset[str]) -> bool:
    """Whether a file is one the session wrote for itself, or lies in a folder of such files."""
    if path in scratch or _TEMPORARY.match(path) is not None:
        return True
    return any(path.startswith(folder + "/") for folder in scratch)


def facts_of(session: Session, calls: Sequence[JudgedCall], recoveries: Sequence[FoundRecovery]) -> Facts:
    """Gather what the session says about its calls as a whole.

    Args:
        session: the session, for its working directory.
        calls: its judged calls, in order.
        recoveries: what `find_recoveries` gave for them.
    """
    cwd = session.header.cwd or ""
    shapes = tuple(shape_of(call.call.tool, call.call.arguments, cwd) for call in calls)
    groups: dict[str, list[int]] = {}
    previous = (-1, "")
    looping: set[int] = set()
    queries: dict[int, int] = {}
    for i, (call, shape) in enumerate(zip(calls, shapes, strict=True)):
        if call.verdict.outcome != "ok" or call.housekeeping:
            continue
        exact = f"{call.call.tool} {canonical(call.call.arguments)}"
        key = family(shape) if shape.job in CONVENTIONS or is_nested(shape) else exact
        groups.setdefault(key, []).append(i)
        # a call made again at once is an agent in a loop, not one that came back to what worked
        looping.update({i} if (call.turn, exact) == previous else ())
        previous = (call.turn, exact)
        if shape.sql:
            queries[call.turn] = i
    uses = {i: len(set(group) - looping) for group in groups.values() for i in group}
    return Facts(
        shapes,
        uses,
        {recovery.fixed_index: recovery for recovery in recoveries},
        _scratch(calls, shapes),
        frozenset(queries.values()),
    )


def is_nested(shape: CallShape) -> bool:
    """Whether the arguments of a plain call have lists or objects inside."""
    values = shape.values or {}
    if len(values) < 2 or shape.commands or shape.sql or shape.code:
        return False
    return any(isinstance(value, (list, dict)) and value for value in values.values())
