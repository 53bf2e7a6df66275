"""A footer that leaves out, where there is little room, what matters least where the keyboard is."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.widgets._footer import FooterKey

from warmtui.tui.widgets.key_footer import KeyFooter

WIDE = 110
"""Cells from which everything is shown; the same as the app's breakpoint."""


class PaneFooter(KeyFooter):
    """The keys that matter now.

    Args:
        spared: tells of an action whether a narrow footer does without it.
    """

    def __init__(self, spared: Callable[[str], bool]) -> None:
        super().__init__()
        self._spared = spared
        self._narrow = False

    def compose(self) -> ComposeResult:
        """Lay out the keys."""
        self._narrow = self.app.size.width < WIDE
        for one in super().compose():
            if not (self._narrow and isinstance(one, FooterKey) and self._spared(one.action)):
                yield one

    def on_resize(self, event: events.Resize) -> None:
        """Show more where there is more room."""
        if self._narrow != (self.app.size.width < WIDE):
            self.call_after_refresh(self.recompose)
