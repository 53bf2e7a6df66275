"""The app in a person's hands: open a workspace, press keys, and wait for what is on the screen."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pilots
from seeds import draft
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, Static
from workspaces import workspace_in

from warmtui.curation.editing import EditorField, from_draft, is_picked
from warmtui.curation.editing.history import History
from warmtui.model.session import SessionKey
from warmtui.model.template import Seed
from warmtui.tui.app import WarmtuiApp
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.curate.item_editor import FieldRow
from warmtui.tui.curate.screen import CurateScreen
from warmtui.tui.dialogs import Form
from warmtui.tui.preview.screen import PreviewScreen
from warmtui.tui.sessions.screen import SessionsScreen
from warmtui.tui.timeline.screen import TimelineScreen
from warmtui.workspace import Workspace

S = TypeVar("S", bound=Screen[Any])
Check = Callable[[App[Any], str], None]
"""Looks at an app after a key, which it is told."""
MARATHON = "20261120_094736_8895c1"
"""The longest of the recorded sessions: it has recoveries, errors and many calls."""
TOTALS = "20261120_094657_b4cc5c"
"""A short recorded session, "Fix cart totals"."""


def expect_harmless(app: App[Any], after: str) -> None:
    """Assert that nothing on the screen acts: no control characters, no links, no foreign actions."""
    width, _height = app.size
    for strip in app.screen._compositor.render_strips():
        assert not pilots.hostile_characters(strip.text), f"{after}: {strip.text!r}"
        assert strip.cell_length == width, f"{after}: {strip.text!r}"
        for segment in strip:
            style = segment.style
            assert style is None or not style.link, f"{after}: a link in {segment.text!r}"
            clicked = str(style.meta.get("@click", "")) if style is not None else ""
            assert "quit" not in clicked, f"{after}: a button in {segment.text!r}"


class Ui:
    """A running app.

    Args:
        app: the app.
        pilot: drives it.
        check: looks at the app after each key.
    """

    def __init__(self, app: WarmtuiApp, pilot: Pilot[None], check: Check | None = None) -> None:
        self.app = app
        self.pilot = pilot
        self._check = check

    @property
    def workspace(self) -> Workspace:
        """The workspace of the app."""
        return self.app.workspace

    @property
    def text(self) -> str:
        """What is on the screen, lines without their trailing blanks."""
        return pilots.screen_text(self.pilot)

    @property
    def lines(self) -> list[str]:
        """What is on the screen, a string per line."""
        return pilots.screen_lines(self.pilot)

    @property
    def toasts(self) -> list[str]:
        """The messages of the toasts on the screen."""
        return pilots.toasts(self.app)

    @property
    def toast_text(self) -> str:
        """The messages of the toasts on the screen, a line each."""
        return "\n".join(self.toasts)

    async def press(
        self,
        *keys: str,
        until: Callable[[], object] | None = None,
        shows: str = "",
        says: str = "",
        what: str = "",
    ) -> None:
        """Press keys, then wait for what they do.

        Args:
            keys: named as Textual names them.
            until: what holds then.
            shows: words on the screen then.
            says: words in a toast then.
            what: what `until` waits for, in words.
        """
        if self._check is None:
            await self.pilot.press(*keys)
        else:
            for key in keys:
                await self.pilot.press(key)
                self._check(self.app, f"after {key}")
        if until is not None:
            await self.until(until, what)
        if shows:
            await self.shows(shows)
        if says:
            await self.says(says)
        if self._check is not None:
            self._check(self.app, f"after {what or keys}")

    async def pause(self, delay: float | None = None) -> None:
        """Let the app work until it has nothing more to do, and for so many seconds."""
        await self.pilot.pause(delay)

    async def resize(self, width: int, height: int) -> None:
        """Give the terminal another size, and wait until the screen is laid out anew."""
        await self.pilot.resize_terminal(width, height)
        await self.until(lambda: self.app.screen._compositor.size == (width, height))

    async def until(self, predicate: Callable[[], object], what: str = "") -> None:
        """Wait until the predicate holds."""
        await pilots.wait_for(self.pilot, predicate, what)

    async def shows(self, words: str) -> None:
        """Wait until words are on the screen, wherever its lines break."""
        await self.until(lambda: self._is_shown(words), words)

    async def hides(self, words: str) -> None:
        """Wait until words are not on the screen any more."""
        await self.until(lambda: not self._is_shown(words), f"{words} to go")

    def _is_shown(self, words: str) -> bool:
        text = self.text
        return words in text or words in " ".join(text.split()) or words in text.replace("\n", "")

    async def says(self, words: str) -> None:
        """Wait until a toast says words."""
        await self.until(lambda: words in self.toast_text, words)

    async def screen(self, kind: type[S], *keys: str, until: Callable[[S], object] = lambda _: True) -> S:
        """Press keys, then wait for a kind of screen on which something holds; return the screen."""

        def is_shown() -> object:
            screen = self.app.screen
            return isinstance(screen, kind) and screen.is_mounted and until(screen)

        await self.press(*keys, until=is_shown, what=f"{kind.__name__} after {keys}")
        screen = self.app.screen
        assert isinstance(screen, kind)
        return screen

    async def back_to(self, screen: Screen[Any], *keys: str) -> None:
        """Press keys, then wait until that screen is shown."""
        await self.press(*keys, until=lambda: self.app.screen is screen, what=f"{screen} after {keys}")

    async def sessions(self, count: int | None = 12) -> SessionsScreen:
        """Wait for the list of so many sessions, or of any, with all their figures."""
        sessions = self.workspace.sessions
        return await self.screen(
            SessionsScreen,
            until=lambda screen: (
                (len(screen.rows) if count is None else len(screen.rows) == count) and not sessions.waiting
            ),
        )

    async def goto(self, session: str) -> SessionsScreen:
        """Wait until a session is in the list, with all figures, and put the cursor on it."""
        screen = await self.screen(SessionsScreen, until=lambda screen: session in session_ids(screen))
        await self.until(lambda: not self.workspace.sessions.waiting)
        screen.table.goto(session_ids(screen).index(session))
        return screen

    def key_of(self, session: str) -> SessionKey:
        """Return the key of a session, listed or hidden."""
        return next(key for key in self.workspace.sessions.table if key.id == session)

    async def curate(self, session: str = MARATHON) -> CurateScreen:
        """Go from the list to the Curate screen of a session; wait for its candidates and checks."""
        await self.goto(session)
        screen = await self.screen(CurateScreen, "c")
        await self.until(lambda: len(screen.candidate_rows) > 0 and screen.draft.checked)
        return screen

    async def timeline(self, session: SessionKey | None = None, message_id: str = "") -> TimelineScreen:
        """Open the timeline of a session, or of the first one, and wait until its calls are judged.

        Args:
            session: the session.
            message_id: the message to begin on.
        """
        await self.sessions(None)
        screen = TimelineScreen(session or next(iter(self.workspace.sessions.table)), message_id)
        self.app.push_screen(screen)
        await self.until(lambda: screen.judged is not None)
        return screen

    async def preview(self, draft_session: DraftSession | None = None) -> PreviewScreen:
        """Open the preview of a draft, or of one by hand, and wait for its messages."""
        await self.sessions(None)
        self.app.draft = draft_session or draft_by_hand(self.app)
        screen = PreviewScreen(self.app.draft)
        self.app.push_screen(screen)
        await self.until(lambda: self.app.screen is screen and screen.view is not None and len(screen.rows))
        return screen

    async def fill(self, *keys: str, **fields: str) -> Form:
        """Press keys, wait for a form with these fields, and fill them in; return the form."""
        form = await self.screen(
            Form,
            *keys,
            until=lambda form: (
                form.query("Input, Choice") and all(form.query(f"#ask-{name}") for name in fields)
            ),
        )
        for name, text in fields.items():
            form.query_one(f"#ask-{name}", Input).value = text
        await self.pause()
        return form

    async def answer(self, *keys: str, **fields: str) -> None:
        """Press keys, fill in the form that comes, and press Enter; wait until the form is gone."""
        form = await self.fill(*keys, **fields)
        await self.press("enter", until=lambda: self.app.screen is not form)


@asynccontextmanager
async def running(
    app: WarmtuiApp, size: tuple[int, int] = (120, 30), check: Check | None = None
) -> AsyncIterator[Ui]:
    """Run an app on a terminal of so many columns and lines."""
    async with app.run_test(size=size, notifications=True) as pilot:
        yield Ui(app, pilot, check)


@asynccontextmanager
async def opened(
    folder: Path,
    *sources: Path,
    size: tuple[int, int] = (120, 30),
    now: Callable[[], float] = time.time,
    welcome: bool = False,
    **environ: str,
) -> AsyncIterator[Ui]:
    """Run the app on sources, with the environment of `environ_in`."""
    async with (
        workspace_in(folder, *sources, now=now, **environ) as workspace,
        running(WarmtuiApp(workspace, welcome=welcome), size) as ui,
    ):
        yield ui


def draft_by_hand(app: WarmtuiApp, seed: Seed | None = None) -> DraftSession:
    """Return a draft that was made from no session, of a seed with every part unless told otherwise."""
    return DraftSession(app.workspace, "made", History(from_draft(draft("shop", seed))))


def session_ids(screen: SessionsScreen) -> list[str]:
    """Return the ids of the listed sessions, in their order."""
    return [row.key.id for row in screen.rows.sessions(0, len(screen.rows))]


def form_text(form: Form) -> str:
    """Return what a form says about what was typed."""
    return "\n".join(str(widget.content) for widget in form.query(Static) if widget.has_class("description"))


def line(screen: Screen[Any], name: str) -> str:
    """Return one of the lines that are always in sight: `crumbs`, `meter`, `status` or `problem`."""
    widget = screen.query_one(f".{name}", Static)
    return str(widget.content) if widget.display else ""


def picked(screen: CurateScreen) -> int:
    """Return how many candidates are picked."""
    return sum(is_picked(screen.draft.state, offer) for offer in screen.draft.offers.values())


def focused_field(screen: CurateScreen) -> EditorField | None:
    """Return the field of the item's form that has the focus."""
    return next((row.field for row in screen.query(FieldRow) if row.in_use), None)
