"""Help: every key that works now, the screen's own first, and why a key is grey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from warmtui.tui.commands import Command, Help, bindings
from warmtui.tui.widgets.paint import ACCENT, FAINT, MUTED, content

NAMES = {"app": "Everywhere", "rows": "Lists", "text": "Text", "first": "Where to begin"}
"""Titles of scopes whose own name says too little."""
WIDE = 100
"""From this many cells on, the ids of the commands are shown."""


class HelpScreen(ModalScreen[None]):
    """The keys of the screen below.

    Args:
        groups: commands by scope, in the order in which they are shown.
    """

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > Vertical {
        width: 110; max-width: 100%; height: 100%;
        padding: 0 1; background: $panel; border: round $primary;
    }
    HelpScreen VerticalScroll { height: 1fr; scrollbar-size: 1 1; }
    HelpScreen .keys { color: $text-muted; height: 1; }
    """
    KEYS: ClassVar[tuple[Command, ...]] = (
        Command(id="help.close", key="escape", action="dismiss", title="Close", also=("question_mark", "q")),
        Command(id="help.down", key="down", action="go(1)", title="A line down", also=("j",)),
        Command(id="help.up", key="up", action="go(-1)", title="A line up", also=("k",)),
        Command(id="help.page_down", key="pagedown", action="go(15)", title="A page down", also=("space",)),
        Command(id="help.page_up", key="pageup", action="go(-15)", title="A page up"),
        Command(id="help.first", key="g", action="go(-9999)", title="To the beginning", also=("home",)),
        Command(id="help.last", key="G", action="go(9999)", title="To the end", also=("end",)),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]
    AUTO_FOCUS = ""

    def __init__(self, groups: Mapping[str, Sequence[Help]]) -> None:
        super().__init__()
        self.groups = groups

    def compose(self) -> ComposeResult:
        """Lay out the keys and how to leave them."""
        with Vertical():
            with VerticalScroll(can_focus=False):
                yield Static(self._text(), id="help")
            yield Static(
                "esc back · arrows, space, G scroll · grey: not now · ctrl+p finds commands", classes="keys"
            )

    def on_resize(self) -> None:
        """Show the ids of the commands, or not, at the new width."""
        self.query_one("#help", Static).update(self._text())

    def _text(self) -> Content:
        return content(help_text(self.groups, names=self.app.size.width >= WIDE))

    def action_go(self, lines: int) -> None:
        """Scroll some lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False, force=True)


def help_text(groups: Mapping[str, Sequence[Help]], *, names: bool) -> Text:
    """Return the keys as text, one command per line.

    Args:
        groups: commands by scope.
        names: add the id that a keymap uses for a command.
    """
    every = [entry for group in groups.values() for entry in group]
    keys = max((cell_len(_keys(entry)) for entry in every), default=0)
    titles = max((cell_len(entry.title) for entry in every), default=0)
    text = Text()
    for scope, group in groups.items():
        text.append(f"{NAMES.get(scope, scope.capitalize())}\n", ACCENT)
        for entry in group:
            text.append(f"{_keys(entry).rjust(keys)}  ", FAINT if entry.reason else "bold")
            text.append(entry.title.ljust(titles), FAINT if entry.reason else "")
            if names:
                text.append(f"  {entry.id}", MUTED)
            text.append("\n")
            if entry.reason:
                text.append(f"{' ' * keys}    {entry.reason}\n", FAINT)
        text.append("\n")
    text.rstrip()
    return text


def _keys(entry: Help) -> str:
    return " ".join(entry.keys)
