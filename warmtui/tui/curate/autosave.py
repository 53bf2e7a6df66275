"""Autosaving the draft of a screen: soon after each change, and when the screen closes."""

from __future__ import annotations

from collections.abc import Callable

from textual.timer import Timer

from warmtui.tui.base_screen import BaseScreen
from warmtui.tui.curate.draft_session import DraftSession

DELAY = 0.4
"""Seconds from a change until it is autosaved; the copy must be in the library within one second."""


class Autosave:
    """Autosaves a draft while a screen changes it.

    Args:
        screen: runs the work and shows errors.
        draft: the draft.
        on_saved: called after each autosave, whether it succeeded or failed.
    """

    def __init__(
        self, screen: BaseScreen, draft: DraftSession, on_saved: Callable[[], None] = lambda: None
    ) -> None:
        self._screen, self._draft, self._on_saved = screen, draft, on_saved
        self._timer: Timer | None = None

    def schedule(self) -> None:
        """Autosave within `DELAY` seconds; changes made until then are part of it."""
        if self._timer is None:
            self._timer = self._screen.set_timer(DELAY, self._start)

    def _start(self) -> None:
        self._screen.run_worker(self._run(), group="autosave")

    async def _run(self) -> None:
        await self._draft.autosave()
        self._timer = None
        if self._draft.autosave_error:
            self._screen.say(self._draft.autosave_error, "warning")
        elif self._draft.unsaved:
            self.schedule()
        self._on_saved()

    def close(self) -> None:
        """Autosave changes that are still waiting; the app finishes this after the screen is gone."""
        if self._draft.unsaved:
            self._screen.app.run_worker(self._draft.autosave())
