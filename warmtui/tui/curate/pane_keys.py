"""Keys of the Curate screen that mean something in some of its panes only; the screen does what they say."""

from __future__ import annotations

from warmtui.tui.base_screen import key

PICK = key("curate.pick", "space", "mark", "Pick it, or take it out", "pick", palette=False)
EDIT = key("curate.edit", "e", "screen.edit", "Edit the item", "edit")
OUTSIDE = key("curate.editor", "E", "screen.editor", "Edit a field of the item in $EDITOR", "$EDITOR")
REMOVE = key("curate.remove", "x", "screen.remove", "Take the item out", "out", also=("delete",))
UP = key("curate.up", "K", "screen.move(-1)", "Move the item up", "move", show_key="K/J")
DOWN = key("curate.down", "J", "screen.move(1)", "Move the item down")
SHOWN = key("curate.shown", "m", "screen.shown", "Show a recovery as a line or as messages", "form")

SPARED = frozenset(
    {
        "screen.editor",
        "screen.shown",
        "problem(1)",
        "relative",
        "source",
        "app.quit",
        "app.command_palette",
        "command_palette",
    }
)
"""Actions that a narrow footer does without; the line above it names the key to what is to be looked at."""
