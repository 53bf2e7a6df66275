"""Where the person was: sort, filter, what is hidden and the theme, kept in the library between starts."""

from __future__ import annotations

from pydantic import ValidationError

from warmtui.errors import WarmtuiError
from warmtui.model.template import Record
from warmtui.workspace import Workspace

KEY = "app:place"


class Place(Record):
    """What is remembered."""

    sort: str = "age"
    reverse: bool = False
    filter: str = ""
    shown: tuple[str, ...] = ()
    """Kinds of sessions that are usually hidden and were shown."""
    theme: str = ""


async def recall(workspace: Workspace) -> Place:
    """Return where the person was; the beginning when that is not known or cannot be read."""
    try:
        kept = await workspace.library.get_draft(KEY)
        return Place.model_validate_json(kept.content) if kept is not None else Place()
    except (WarmtuiError, ValidationError):
        return Place()


async def remember(workspace: Workspace, place: Place) -> None:
    """Keep where the person is, once there is a library; making one only for this would be rude."""
    if not workspace.library.path.exists():
        return
    try:
        await workspace.library.put_draft(KEY, place.model_dump_json())
    except WarmtuiError:
        return  # a library that cannot be written says so when something is saved
