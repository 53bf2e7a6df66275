"""The keys of a row list, the same wherever there is one."""

from __future__ import annotations

from warmtui.tui.commands import Command


def _quiet(name: str, key: str, action: str, title: str, *also: str) -> Command:
    """Return a command for moving about: in help and keymap, not in footer or palette."""
    return Command(id=f"rows.{name}", key=key, action=action, title=title, also=also, palette=False)


ROW_KEYS = (
    _quiet("down", "down", "step(1)", "Next row", "j"),
    _quiet("up", "up", "step(-1)", "Previous row", "k"),
    _quiet("left", "left", "sideways(-1)", "Fold, or to the pane on the left", "h"),
    _quiet("right", "right", "sideways(1)", "Unfold, or to the pane on the right", "l"),
    _quiet("first", "g", "edge(-1)", "First row", "home"),
    _quiet("last", "G", "edge(1)", "Last row", "end"),
    _quiet("page_down", "pagedown", "page(1)", "A page down", "ctrl+f"),
    _quiet("page_up", "pageup", "page(-1)", "A page up", "ctrl+b"),
    _quiet("half_down", "ctrl+d", "page(0.5)", "Half a page down"),
    _quiet("half_up", "ctrl+u", "page(-0.5)", "Half a page up"),
    _quiet("open", "enter", "open", "Open"),
    _quiet("mark", "space", "mark", "Mark the row, or take the mark off"),
    _quiet("range", "v", "range", "Start a range of marks, or mark the range"),
    _quiet("extend_down", "shift+down", "extend(1)", "Range down"),
    _quiet("extend_up", "shift+up", "extend(-1)", "Range up"),
    _quiet("cancel_range", "escape", "cancel_range", "Give up the range"),
    _quiet("find_next", "n", "find(1)", "Next match"),
    _quiet("find_previous", "N", "find(-1)", "Previous match"),
)
