"""Staleness (C15): tools and argument names that an agent no longer offers, paths that are gone."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

from warmtui.analysis.call_shape import arguments_of, shape_of
from warmtui.analysis.tools import task_type_of
from warmtui.curation.bootstrap import Folders
from warmtui.curation.folders import resolve_folders, resolve_json_folders
from warmtui.curation.texts import USER_PATTERNS
from warmtui.model.template import ExampleCall, Seed

KnownTools = Mapping[str, Collection[str]]
"""What the target agent offers: names of the arguments by tool; none where they are not known."""
_WRITERS = frozenset({"write_file", "Write", "apply_patch"})
"""File tools that may make the file they name, so that its absence says nothing."""


class Stale(NamedTuple):
    """One thing that is no longer so."""

    item: str
    field: str
    text: str
    """What, in one sentence; words of a session."""


def stale(
    seed: Seed,
    *,
    known_tools: KnownTools | None = None,
    exists: Callable[[str], bool] | None = None,
    folders: Folders,
) -> tuple[Stale, ...]:
    """Find what a template shows that no longer holds.

    Only what shall be done again counts: examples and the call that worked of a recovery. Paths are looked
    up where they are markers, or arguments of file tools that need them to be there.

    Args:
        seed: the seed.
        known_tools: what the target agent offers; None when that is not known.
        exists: whether a path is there, given absolute or as it is kept; None when nobody can tell.
        folders: what stands for `{home}` and `{cwd}` where the template will be used.
    """
    found: list[Stale] = []
    for item, field, call in _calls(seed):
        if known_tools is not None:
            found += _of_tool(item, field, call, known_tools)
        if exists is not None:
            found += _of_paths(item, field, call, exists, folders)
    if known_tools is not None and seed.user_patterns is not None:
        for at, tool in enumerate(seed.user_patterns.preferred_tools):
            if tool not in known_tools:
                found.append(Stale(USER_PATTERNS, f"preferred_tools.{at}", _no_tool(tool)))
    if exists is not None:
        for marker in seed.context_markers:
            path = resolve_folders(marker.text, home=folders.home, cwd=folders.cwd)
            if marker.kind == "path" and not exists(_absolute(path, folders)):
                found.append(Stale(marker.id, "text", f"{path} is not there any more"))
    return tuple(dict.fromkeys(found))


def _calls(seed: Seed) -> Iterator[tuple[str, str, ExampleCall]]:
    for recovery in seed.recoveries:
        yield recovery.id, "fixed", recovery.fixed
    for example in seed.tool_examples:
        for at, call in enumerate(example.calls):
            yield example.id, f"calls.{at}", call


def _no_tool(tool: str) -> str:
    return f"the agent has no tool {tool}"


def _of_tool(item: str, field: str, call: ExampleCall, known: KnownTools) -> Iterator[Stale]:
    if call.tool not in known:
        yield Stale(item, f"{field}.tool", _no_tool(call.tool))
        return
    names = known[call.tool]
    for name in arguments_of(call.arguments) or {}:
        if names and name not in names:
            yield Stale(item, f"{field}.arguments", f"{call.tool} takes no argument {name}")


def _of_paths(
    item: str, field: str, call: ExampleCall, exists: Callable[[str], bool], folders: Folders
) -> Iterator[Stale]:
    if task_type_of(call.tool) != "file" or call.tool in _WRITERS:
        return
    arguments = resolve_json_folders(call.arguments, home=folders.home, cwd=folders.cwd)
    for path in sorted(shape_of(call.tool, arguments).files()):
        if not exists(_absolute(path, folders)):
            yield Stale(item, f"{field}.arguments", f"{path} is not there any more")


def _absolute(path: str, folders: Folders) -> str:
    """Return where a path lies: relative ones start from the working directory, `~` from home."""
    if path == "~" or path.startswith("~/"):
        return posixpath.join(folders.home, path[2:])
    return posixpath.normpath(posixpath.join(folders.cwd, path))
