"""The first rows, read while the code that draws them still loads.

Loading takes some 200 ms, reading some 15, so that the first paint has rows. This module must not import
textual.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from typing import NamedTuple, get_args

from warmtui.errors import WarmtuiError
from warmtui.model.conditions import Order, Selected, Selection
from warmtui.tui.ui_state import Place, recalled
from warmtui.workspace import Workspace

SCREENFUL = 200
"""More sessions than any screen has lines."""
HIDDEN = {"empty": True, "subagents": False, "archived": True}
"""Kinds of sessions, and whether they are hidden by default."""


class Preload(NamedTuple):
    """What is read before the first screen is there."""

    place: Place
    selected: Selected | None
    """The first sessions; None with a filter, which has to be parsed first."""


def start_preload(workspace: Workspace) -> Future[Preload]:
    """Start reading, in the sources' own thread."""
    return workspace.sessions.preload(lambda: _read(workspace))


def _read(workspace: Workspace) -> Preload:
    place = recalled(workspace)
    with suppress(WarmtuiError):  # the list reports it
        workspace.sessions.feed.begin()
    if place.filter:
        return Preload(place, None)
    hidden = {kind: hides and kind not in place.shown for kind, hides in HIDDEN.items()}
    order: Order = next((name for name in get_args(Order) if name == place.sort), "age")
    selection = unfiltered(hidden, order, place.reverse)
    return Preload(place, workspace.sessions.table.select(selection, SCREENFUL))


def unfiltered(hidden: Mapping[str, bool], order: Order, reverse: bool) -> Selection:
    """Return the selection without a filter.

    Args:
        hidden: kinds of sessions, as in `HIDDEN`, and whether they are hidden.
        order: by which column.
        reverse: the other way round.
    """
    return Selection(
        empty=not hidden["empty"],
        archived=not hidden["archived"],
        subagents=not hidden["subagents"],
        order=order,
        reverse=reverse,
    )
