"""Widgets to read and search a text of any length: the text, and the text with a line for the search."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.containers import Vertical
from textual.content import Content, Span
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style
from textual.widgets import Input

from warmtui.display import display_text
from warmtui.tui.commands import Command, bindings
from warmtui.tui.list.heights import Heights
from warmtui.tui.text.long_text import LongText, Match
from warmtui.tui.text.styled_lines import cut_spans
from warmtui.tui.widgets.cells import clean
from warmtui.tui.widgets.glyphs import glyphs_of
from warmtui.tui.widgets.paint import Painter

COPIED = 100_000
"""Most characters that are copied: terminals silently refuse longer clipboard sequences."""
CACHED_LINES = 256


def _key(name: str, key: str, action: str, title: str, *also: str, label: str = "") -> Command:
    return Command(
        id=f"text.{name}", key=key, action=action, title=title, also=also, label=label, palette=bool(label)
    )


TEXT_KEYS = (
    _key("down", "down", "scroll_lines(1)", "A line down", "j"),
    _key("up", "up", "scroll_lines(-1)", "A line up", "k"),
    _key("page_down", "pagedown", "scroll_pages(1)", "A page down", "ctrl+f", "space"),
    _key("page_up", "pageup", "scroll_pages(-1)", "A page up", "ctrl+b"),
    _key("half_down", "ctrl+d", "scroll_pages(0.5)", "Half a page down"),
    _key("half_up", "ctrl+u", "scroll_pages(-0.5)", "Half a page up"),
    _key("first", "g", "scroll_edge(-1)", "To the beginning", "home"),
    _key("last", "G", "scroll_edge(1)", "To the end", "end"),
    _key("search", "slash", "ask_search", "Search in the text", label="search"),
    _key("next", "n", "find(1)", "Next match"),
    _key("previous", "N", "find(-1)", "Previous match"),
    _key("next_part", "right_square_bracket", "part(1)", "Next part of a long text", label="next part"),
    _key("previous_part", "left_square_bracket", "part(-1)", "Previous part of a long text"),
    _key("as_written", "o", "as_written", "JSON set out, or as it is written", label="as written"),
    _key("copy", "y", "copy", "Copy the text", label="copy"),
)


class TextView(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows untrusted text, sanitised and wrapped; JSON is laid out and coloured.

    At most 200,000 characters are shown at once; a line at the bottom then says which, and `]` and `[` turn
    to the others. Wrapping is done for lines that come into sight, as far as positions do not need it.
    """

    KEYS = TEXT_KEYS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*TEXT_KEYS)]
    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"text--found", "text--here", "text--note"}
    DEFAULT_CSS = """
    TextView {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size: 1 1;
        scrollbar-gutter: stable;
        & > .text--note { color: $text-muted; background: $foreground 8%; }
        & > .text--found { background: $warning 40%; text-style: underline; }
        & > .text--here { background: $warning; color: $background; text-style: bold underline; }
        &:ansi > .text--note { background: ansi_default; text-style: italic; }
        &:ansi > .text--found { background: ansi_default; text-style: underline; }
        &:ansi > .text--here { background: ansi_default; color: ansi_default; text-style: reverse bold; }
    }
    """

    class SearchAsked(Message):
        """The search key was pressed; the parent asks for words and calls `search`."""

    @dataclass
    class Copied(Message):
        """Text went to the clipboard."""

        characters: int
        of: int
        """How long the text is; more than `characters` when it was cut."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self._long = LongText(text)
        self._heading: list[Text] = []
        self._formatted = True
        self.words = ""
        """What is searched for; empty when nothing is."""
        self._found: list[Match] = []
        self._here = -1
        self._heights = Heights(None)
        self._pieces: LRUCache[int, list[tuple[int, int]]] = LRUCache(CACHED_LINES)
        self._width = 0
        self._look: object = None
        self._painters: dict[str, Painter] = {}

    # what is shown

    @property
    def text(self) -> str:
        """The whole text, as it was given."""
        return self._long.text

    def show(self, text: str, *, heading: Sequence[Text] = (), keep_place: bool = False) -> None:
        """Show another text.

        Args:
            text: untrusted, of any length; sanitised for showing only.
            heading: own lines above it, one screen line each.
            keep_place: stay where the view was scrolled to, for a text that grew.
        """
        part, top = self._long.part, self.scroll_offset.y
        self._long = LongText(text, formatted=self._formatted)
        self._heading = list(heading)
        if keep_place:
            self._long.turn_to(part)
        self._changed(top if keep_place else 0)

    def search(self, words: str) -> int:
        """Mark words wherever they occur and go to the first place at or below the top of the view.

        Args:
            words: as typed, case ignored; empty ends the search.

        Returns:
            How many places the part shown has.
        """
        self.words = words
        self._found = self._long.find(words)
        self._here = -1
        if self._found:
            top = self.scroll_offset.y
            below = (number for number, found in enumerate(self._found) if self._line_of(found) >= top)
            self._go_to(next(below, 0))
        elif words and self._turn_to_match(1):
            self._go_to(0)
        self.virtual_size = self._scrolled_size()
        self.refresh()
        return len(self._found)

    @property
    def note(self) -> str:
        """The text of the line at the bottom; empty when there is nothing to say."""
        parts = []
        if self.words:
            place = f"match {self._here + 1:,} of {len(self._found):,}" if self._found else "no match"
            parts.append(f"{place} for “{clean(self.words)}”")
        if self._long.parts > 1:
            start, end = self._long.shown
            total = len(self._long.text)
            parts.append(f"characters {start + 1:,}-{end:,} of {total:,}, ] and [ turn to the others")
        return " · ".join(parts)

    def _changed(self, top: int = 0) -> None:
        self._found = self._long.find(self.words)
        self._here = min(self._here, len(self._found) - 1)
        self._measure()
        self.scroll_to(y=top, animate=False, force=True, immediate=True)
        self.refresh()
        self.refresh_bindings()

    def _measure(self) -> None:
        """Count the screen lines of each line at the current width."""
        self._width = self.scrollable_content_region.width
        self._pieces.clear()
        if not self._width:  # not laid out yet; the resize that follows measures
            return
        counts = [1] * len(self._heading)
        counts += [
            1
            # fits even if every character is two cells wide, so it need not be measured
            if 2 * len(line.text) <= self._width - line.indent_in(self._width)
            else len(line.wrapped(self._width))
            for line in self._long.lines
        ]
        self._heights = Heights(counts)
        self.virtual_size = self._scrolled_size()

    def _scrolled_size(self) -> Size:
        return Size(0, self._heights.total + bool(self.note))

    def _line_of(self, found: Match) -> int:
        """Return the screen line on which a match begins."""
        index = found.line + len(self._heading)
        pieces = (
            self._long.lines[found.line].wrapped(self._width) if self._heights.of(index) > 1 else [(0, 0)]
        )
        piece = next((n for n, (_start, end) in enumerate(pieces) if found.start < end), len(pieces) - 1)
        return self._heights.start(index) + piece

    def _go_to(self, number: int) -> None:
        """Go to a match."""
        self._here = number
        line = self._line_of(self._found[number])
        view = self._view_height
        if not self.scroll_offset.y <= line < self.scroll_offset.y + view:
            self.scroll_to(y=max(0, line - view // 3), animate=False, force=True, immediate=True)
        self.refresh()

    def _turn_to_match(self, step: int) -> bool:
        """Turn to the next part that has the words searched for; return whether one has."""
        part = self._long.part_with(self.words, step)
        if part is None:
            return False
        self._long.turn_to(part)
        self._here = -1
        self._changed()
        return bool(self._found)

    @property
    def _view_height(self) -> int:
        return max(1, self.scrollable_content_region.height - bool(self.note))

    # drawing

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw lines, after looking up the colours once."""
        names = ("", "found", "here", "note")
        styles = [self.get_visual_style(*([f"text--{name}"] if name else [])) for name in names]
        look = (self.app.theme, *styles)
        if look != self._look:
            self._look = look
            self._painters = {
                name: Painter(style, self.app.ansi_theme) for name, style in zip(names, styles, strict=True)
            }
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Draw one line of the view."""
        width = self.scrollable_content_region.width
        painter = self._painters[""]
        if self.note and y == self.size.height - 1:
            return self._painters["note"].strip(Text(self.note), width, glyphs_of(self).more)
        line = y + self.scroll_offset.y
        if line >= self._heights.total:
            return painter.strip(Text(), width)
        index, part = self._heights.row_at(line)
        if index < len(self._heading):
            return painter.strip(self._heading[index], width, glyphs_of(self).more)
        return painter.strip(self._piece(index - len(self._heading), part), width)

    def _piece(self, index: int, part: int) -> Content:
        """Return one screen line of a line, with its colours and the matches on it."""
        line = self._long.lines[index]
        pieces = self._pieces.get(index)
        if pieces is None:
            pieces = self._pieces[index] = line.wrapped(self._width)
        start, end = pieces[part]
        spans: list[tuple[int, int, str | Style]] = [*line.spans, *self._matches_on(index)]
        placed = cut_spans(spans, start, end, line.indent_in(self._width))
        return Content(line.cut(start, end, self._width), list(starmap(Span, placed)))

    def _matches_on(self, index: int) -> list[tuple[int, int, Style]]:
        first = bisect_left(self._found, (index,))
        matches: list[tuple[int, int, Style]] = []
        for number in range(first, len(self._found)):
            line, start, end = self._found[number]
            if line != index:
                break
            look = self._painters["here" if number == self._here else "found"].base
            matches.append((start, end, look))
        return matches

    # events and actions

    def on_mount(self) -> None:
        """Measure the first text."""
        self._changed()

    def on_resize(self) -> None:
        """Wrap again, the first line in view staying first."""
        if self.scrollable_content_region.width == self._width:
            return
        top = min(self.scroll_offset.y, max(0, self._heights.total - 1))
        index = self._heights.row_at(top)[0] if self._heights.total else 0
        self._measure()
        self.scroll_to(y=self._heights.start(index), animate=False, force=True, immediate=True)
        self.refresh()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only the actions that this text has a use for."""
        if action == "part":
            return self._long.parts > 1
        if action == "as_written":
            return self._long.is_json or not self._formatted
        if action == "find":
            return bool(self.words)
        return True

    def _scroll_by(self, lines: int) -> None:
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False, force=True, immediate=True)

    def action_scroll_lines(self, lines: int) -> None:
        """Scroll some lines."""
        self._scroll_by(lines)

    def action_scroll_pages(self, pages: float) -> None:
        """Scroll some pages."""
        self._scroll_by(int(pages * self._view_height))

    def action_scroll_edge(self, step: int) -> None:
        """Scroll to the beginning or end of the part shown."""
        self._scroll_by(step * self._heights.total)

    def action_ask_search(self) -> None:
        """Post `SearchAsked`."""
        self.post_message(self.SearchAsked())

    def action_find(self, step: int) -> None:
        """Go to the next or previous match, through all parts and around the ends."""
        number = self._here + step
        if not 0 <= number < len(self._found) and not self._turn_to_match(step) and not self._found:
            return
        if not 0 <= number < len(self._found) or self._here < 0:
            number = 0 if step > 0 else len(self._found) - 1
        self._go_to(number)

    def action_part(self, step: int) -> None:
        """Turn to the next or previous part of a long text."""
        self._long.turn_to(self._long.part + step)
        self._here = -1
        self._changed()

    def action_as_written(self) -> None:
        """Show JSON as it is written, or laid out."""
        self._formatted = not self._formatted
        self._long = LongText(self._long.text, formatted=self._formatted)
        self._here = -1
        self._changed()

    def action_copy(self) -> None:
        """Copy the text without control characters, which a terminal would obey when it is pasted."""
        text = self._long.text[:COPIED]
        self.app.copy_to_clipboard("\t".join(map(display_text, text.split("\t"))))
        self.post_message(self.Copied(len(text), len(self._long.text)))


class DetailView(Vertical):
    """A `TextView` that asks for words to search when `/` is pressed.

    Args:
        text: what to show first; `show` gives it another.
    """

    KEYS = (
        Command(
            id="text.end_search", key="escape", action="end_search", title="End the search", palette=False
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]
    DEFAULT_CSS = """
    DetailView {
        height: 1fr;
        & > Input { display: none; }
        &.-asking > Input { display: block; }
    }
    """

    def __init__(self, text: str = "", *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.view = TextView(text)
        """The text itself; focus this."""
        self._input = Input(placeholder="search: enter keeps the matches, esc ends it", compact=True)

    def compose(self) -> ComposeResult:
        """Put the search line below the text."""
        yield self.view
        yield self._input

    def show(self, text: str, *, heading: Sequence[Text] = (), keep_place: bool = False) -> None:
        """Show another text; as `TextView.show`."""
        self.view.show(text, heading=heading, keep_place=keep_place)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave escape to the screen while nothing is searched."""
        return action != "end_search" or self.has_class("-asking") or bool(self.view.words)

    def action_end_search(self) -> None:
        """Forget the words and go back to the text."""
        self._close()
        self._input.clear()
        self.view.search("")

    def _close(self) -> None:
        self.remove_class("-asking")
        self.view.focus()

    @on(TextView.SearchAsked)
    def _ask(self, message: TextView.SearchAsked) -> None:
        message.stop()
        self.add_class("-asking")
        self._input.focus()

    @on(Input.Changed)
    def _typed(self, message: Input.Changed) -> None:
        message.stop()
        self.view.search(message.value)

    @on(Input.Submitted)
    def _done(self, message: Input.Submitted) -> None:
        message.stop()
        self._close()
