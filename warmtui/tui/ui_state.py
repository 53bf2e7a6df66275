"""What the app restores at its next start: sort, filter, hidden kinds, theme, and the last draft.

It is read before the first rows are drawn, so without loading the library's own code.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from warmtui.errors import LibraryError, NotFoundError, WarmtuiError
from warmtui.model.conditions import Order, Selection
from warmtui.workspace import Workspace

if TYPE_CHECKING:
    from warmtui.tui.curate.draft_session import DraftSession
    from warmtui.workspace.reader import OnProgress

P = TypeVar("P", "Place", "PreviewChoices")
KEY = "app:place"
PREVIEW = "app:preview"
APP_PREFIX = "app:"
"""The prefix of keys that hold state of the app instead of a draft."""
AUTO_PREFIX = "auto:"
"""The prefix of drafts that `warmtui auto` made; they wait in a list of their own."""
HIDDEN = {"empty": True, "subagents": False, "archived": True}
"""Kinds of sessions, and whether they are hidden by default."""


@dataclass(frozen=True, slots=True)
class Place:
    """The state of the sessions screen and of the app."""

    sort: str = "age"
    reverse: bool = False
    filter: str = ""
    shown: tuple[str, ...] = ()
    """Kinds of sessions that are hidden by default but were shown."""
    theme: str = ""
    """Empty for the default theme."""
    screen: str = "sessions"
    """The screen on which the app was left: this one, `templates` or `timeline`."""
    session: tuple[str, ...] = ()
    """Source and id of the session under the cursor."""

    @property
    def chosen(self) -> bool:
        """Whether the person changed anything besides moving about."""
        return replace(self, screen="sessions", session=()) != Place()


@dataclass(frozen=True, slots=True)
class PreviewChoices:
    """The state of the preview."""

    target: str = "hermes-prefill"
    requests: int = 50
    """The number of requests that the cost is shown for; by default a long session's."""
    command: str = ""
    """The command that started the agent last; empty until one did."""


def read_place(workspace: Workspace) -> Place:
    """Return where the person was; the default when that is not known or cannot be read."""
    return _read_state(workspace, KEY, Place())


async def recall(workspace: Workspace) -> Place:
    """Return where the person was; reads in a thread."""
    return await asyncio.to_thread(read_place, workspace)


async def remember(workspace: Workspace, place: Place) -> None:
    """Save where the person is; merely moving about creates no library."""
    # a library that holds nothing but a cursor position would end the first-run screen
    if place.chosen or workspace.context.locations.library.exists():
        await _write_state(workspace, KEY, place)


async def recall_preview(workspace: Workspace) -> PreviewChoices:
    """Return the state of the preview; reads in a thread."""
    return await asyncio.to_thread(_read_state, workspace, PREVIEW, PreviewChoices())


async def remember_preview(workspace: Workspace, place: PreviewChoices) -> None:
    """Save the state of the preview, once there is a library."""
    if workspace.context.locations.library.exists():
        await _write_state(workspace, PREVIEW, place)


def _read_state(workspace: Workspace, key: str, default: P) -> P:
    content = workspace.read_draft(key)
    try:
        kept = json.loads(content or "{}")
        known = {field.name: getattr(default, field.name) for field in fields(default)}
        found = {
            name: tuple(kept[name]) if isinstance(kept[name], list) else kept[name]
            for name in known.keys() & kept.keys()
        }
    except (ValueError, TypeError, AttributeError, RecursionError):
        return default
    # a value of another type than expected keeps its default
    usable: dict[str, Any] = {
        name: value for name, value in found.items() if type(value) is type(known[name])
    }
    return replace(default, **usable)


async def _write_state(workspace: Workspace, key: str, place: Place | PreviewChoices) -> None:
    try:
        await workspace.library.put_draft(key, json.dumps(asdict(place)))
    except WarmtuiError:
        return  # a library that cannot be written says so when something is saved


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


async def count_waiting(workspace: Workspace) -> int:
    """Return how many drafts that `warmtui auto` made wait; 0 if the library cannot be read."""
    try:
        # after # comes the number of a copy beside another app's
        return sum("#" not in draft.key for draft in await workspace.library.drafts(AUTO_PREFIX))
    except LibraryError:
        return 0


# the draft that was saved last


async def last_draft(workspace: Workspace) -> str:
    """Return the name of the draft that was saved last; empty without one."""
    try:
        return await workspace.library.newest_draft(besides=(APP_PREFIX, AUTO_PREFIX)) or ""
    except LibraryError:
        return ""  # a library that cannot be read says so when it is opened


async def resume_draft(workspace: Workspace, name: str, progress: OnProgress | None = None) -> DraftSession:
    """Open a draft by its name.

    Args:
        workspace: the workspace.
        name: as `last_draft` returned it.
        progress: as for `DraftSession.of_sessions`.

    Raises:
        NotFoundError: the template that it changes is gone, or a session that it is made from.
    """
    from warmtui.tui.curate.draft_session import DraftSession

    head, _, rest = name.partition(":")
    if f"{head}:" == AUTO_PREFIX:
        return await DraftSession.of_auto(workspace, name, progress)
    before, sign, number = rest.rpartition("#")
    if sign and number.isdecimal():  # kept beside another app's draft of the same
        rest = before
    if head == "template":
        return await DraftSession.of_template(workspace, rest)
    ids = rest.split(",")
    listed = {key.id: key for key in workspace.sessions.table.with_ids(ids)}
    if not all(session in listed for session in ids):
        raise NotFoundError(
            "not all sessions of the draft are listed here", "it is kept, and opens where they are"
        )
    return await DraftSession.of_sessions(workspace, [listed[session] for session in ids], progress)
