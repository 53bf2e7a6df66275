"""Getting to the Curate screen, and asking what is in the draft."""

from __future__ import annotations

from pilots import expect_screen, session_keys, wait_for
from textual.pilot import Pilot
from textual.widgets import Static

from warmtui.curation.editing import EditorField, is_picked
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.curate.item_editor import FieldRow
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.sessions.screen import SessionsScreen

MARATHON = "20261120_094736_8895c1"


async def curating(pilot: Pilot[None]) -> CurateScreen:
    """Go from the start to the marathon's curate screen."""
    app = pilot.app
    assert isinstance(app, WarmtuiApp)
    sessions = await expect_screen(pilot, SessionsScreen)
    await wait_for(pilot, lambda: len(sessions.rows) == 12 and not app.workspace.sessions.waiting)
    ids = [key.id for key in session_keys(sessions.rows)]
    sessions.table.goto(ids.index(MARATHON))
    await pilot.press("c")
    screen = await expect_screen(pilot, CurateScreen)
    await wait_for(pilot, lambda: len(screen.candidate_rows) > 0 and screen.draft.checked)
    return screen


def picked(screen: CurateScreen) -> int:
    """Return how many candidates are picked."""
    return sum(is_picked(screen.draft.state, offer) for offer in screen.draft.offers.values())


def line(screen: CurateScreen, name: str) -> str:
    """Return what one of the lines that are always in sight says: `crumbs`, `meter` or `status`."""
    return str(screen.query_one(f".{name}", Static).render())


def focused_field(screen: CurateScreen) -> EditorField | None:
    """Return the field of the item's form that has the focus."""
    return next((row.field for row in screen.query(FieldRow) if row.in_use), None)
