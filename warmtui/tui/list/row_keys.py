"""The keys of a row list, the same wherever there is one."""

from __future__ import annotations

from warmtui.tui.commands import Command


def _key(name: str, key: str, action: str, title: str, *also: str) -> Command:
    """Return a command for moving about: in help and keymap, not in footer or palette."""
    return Command(id=f"rows.{name}", key=key, action=action, title=title, also=also, palette=False)


ROW_KEYS = (
    _key("down", "down", "step(1)", "Next row", "j"),
    _key("up", "up", "step(-1)", "Previous row", "k"),
    _key("left", "left", "sideways(-1)", "Fold, or to the pane on the left", "h"),
    _key("right", "right", "sideways(1)", "Unfold, or to the pane on the right", "l"),
    _key("first", "g", "edge(-1)", "First row", "home"),
    _key("last", "G", "edge(1)", "Last row", "end"),
    _key("page_down", "pagedown", "page(1)", "A page down", "ctrl+f"),
    _key("page_up", "pageup", "page(-1)", "A page up", "ctrl+b"),
    _key("half_down", "ctrl+d", "page(0.5)", "Half a page down"),
    _key("half_up", "ctrl+u", "page(-0.5)", "Half a page up"),
    _key("open", "enter", "open", "Open"),
    _key("mark", "space", "mark", "Mark the row, or take the mark off"),
    _key("range", "v", "range", "Start a range of marks, or mark the range"),
    _key("extend_down", "shift+down", "extend(1)", "Range down"),
    _key("extend_up", "shift+up", "extend(-1)", "Range up"),
    _key("cancel_range", "escape", "cancel_range", "Give up the range"),
)
