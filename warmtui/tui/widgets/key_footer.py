"""The line of keys at the bottom: what can be done now, and always the way to the rest."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey


class KeyFooter(Footer):
    """Textual's footer, with help in the corner where the palette's key would stand: help names that too."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)

    def compose(self) -> ComposeResult:
        """Lay out the keys; those that have no room are cut off at the right, before help."""
        yield from super().compose()
        if not self._bindings_ready:
            return
        for active in self.screen.active_bindings.values():
            if active.binding.action == "app.keys":
                yield FooterKey(
                    active.binding.key,
                    self.app.get_key_display(active.binding),
                    "help",
                    active.binding.action,
                    classes="-command-palette",
                )
