"""The one list of the app: any number of rows, none of them a widget.

Sessions, timelines, transcripts and candidates are all shown by it. A `RowSource` makes a row's lines when
they come into sight; strips are kept in a bounded cache, so that 100,000 rows open as fast as 100.
`RowCursor` holds cursor and marks, this module the drawing and the rows' coming and going.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar, NamedTuple, TypeAlias

from rich.cells import cell_len
from rich.text import Text
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.style import Style

from warmtui.tui.list import row_messages
from warmtui.tui.list.heights import Heights
from warmtui.tui.list.row_cursor import RowCursor
from warmtui.tui.list.row_source import NoRows, RowSource, RowState
from warmtui.tui.widgets.cells import clean, wrap
from warmtui.tui.widgets.glyphs import Glyphs, glyphs_of
from warmtui.tui.widgets.paint import Painter

__all__ = ["RowList", "RowSource", "RowState"]

_LOOKS = ("", "cursor", "marked", "header", "empty")
_Drawn = tuple[bool, bool, int]
"""How a row was drawn: under the cursor, marked, scrolled sideways."""
CACHED_ROWS = 1024
"""Rows kept as strips: several screens' worth at 200×50."""


class _Anchor(NamedTuple):
    """A row that must not jump when others come and go."""

    key: str
    row: int
    offset: int
    """Lines from the beginning of the row down to the top of the view; negative when the row is below it."""
    at_top: bool


class RowList(RowCursor, can_focus=True):
    """A list with a cursor, marks and live rows.

    Args:
        source: the rows; may be given later with `show`.
        markable: whether rows can be marked.
        mark: how a marked and an unmarked row look, both of one width; None for a dot and a blank.
        row_width: cells a row needs; where the view is narrower it scrolls sideways. None: rows are cut.
        pin_top: a list scrolled to its very top stays there when rows come in above, so that they are seen.
        empty: what is said when there are no rows.
    """

    Moved: TypeAlias = row_messages.Moved
    Opened: TypeAlias = row_messages.Opened
    Sideways: TypeAlias = row_messages.Sideways
    Marked: TypeAlias = row_messages.Marked
    HeaderClicked: TypeAlias = row_messages.HeaderClicked
    NotFound: TypeAlias = row_messages.NotFound

    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--cursor", "rows--empty", "rows--header", "rows--marked"}
    DEFAULT_CSS = """
    RowList {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size: 1 1;
        scrollbar-gutter: stable;
        &.-wide { overflow-x: auto; }
        & > .rows--header { color: $text-muted; text-style: bold; }
        & > .rows--empty { color: $text-muted; }
        & > .rows--marked { background: $accent 12%; }
        & > .rows--cursor { background: $foreground 10%; }
        &:focus > .rows--cursor { background: $primary 25%; text-style: bold; }
        &:ansi > .rows--marked { background: ansi_default; }
        &:ansi > .rows--cursor { background: ansi_default; text-style: underline; }
        &:ansi:focus > .rows--cursor {
            background: $block-cursor-background;
            color: $block-cursor-foreground;
            text-style: bold;
        }
    }
    """

    def __init__(
        self,
        source: RowSource | None = None,
        *,
        markable: bool = False,
        mark: tuple[str, str] | None = None,
        row_width: int | None = None,
        pin_top: bool = False,
        opens: bool = True,
        empty: str = "",
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
        disabled: bool = False,
    ) -> None:
        super().__init__(name, id, classes, disabled)
        self.source = NoRows() if source is None else source
        self.markable = markable
        self.pin_top = pin_top
        self.opens = opens
        self._empty = empty
        self._mark = mark
        self._row_width = row_width
        self._strips: LRUCache[int, tuple[_Drawn, list[Strip]]] = LRUCache(CACHED_ROWS)
        self._painters: dict[str, Painter] = {}
        self._look: object = None
        self._glyphs = Glyphs()
        self._stale: set[str] = set()
        self._top_key: str | None = None
        self._width = self._measured_width = 0
        self.set_class(row_width is not None, "-wide")

    # rows

    def show(self, source: RowSource, *, keep_cursor: bool = False) -> None:
        """Show other rows, the cursor at the first or, when asked, on the row of the same key."""
        self.source = source
        self.refresh_rows(keep_cursor=keep_cursor)

    @property
    def empty(self) -> str:
        """What is said when there are no rows; may hold line breaks."""
        return self._empty

    @empty.setter
    def empty(self, text: str) -> None:
        if text != self._empty:
            self._empty = text
            self.refresh()

    def refresh_rows(self, *, keep_cursor: bool = True) -> None:
        """Hear that rows came, went, changed or moved; call it once per batch.

        The cursor stays on the row of its key, on the same line of the screen; when that row is gone it
        stands where that was. Marks stay, also those of rows that are not there now.
        """
        if not self.is_attached:
            return
        anchor = self._anchor() if keep_cursor else None
        self._strips.clear()
        self._stale.clear()
        self._measure()
        self._relocate(keep_cursor)
        if keep_cursor:
            self._settle(anchor)
        else:
            self._scroll(0)
            self.reveal()
        self.refresh()

    def update_keys(self, keys: Collection[str]) -> None:
        """Hear that the rows of these keys look different; their number and order did not change.

        Calls are gathered: however many come at once, what is in sight is drawn once.
        """
        if not self._stale:
            self.call_next(self._redraw_stale)
        self._stale.update(keys)

    def _redraw_stale(self) -> None:
        stale, self._stale = self._stale, set()
        if len(self._heights) != len(self.source):
            self.refresh_rows()
            return
        anchor, resized = self._anchor(), False
        for index in list(self._strips.keys()):
            key = self.source.key(index)
            if key in stale:
                stale.discard(key)
                self._strips.discard(index)
                self._redraw(index, index)
                resized |= self._remeasure(index)
        if stale and self.source.variable:
            for index in range(len(self.source)):
                if self.source.key(index) in stale:
                    resized |= self._remeasure(index)
        if resized:
            self._set_size()
            self._settle(anchor)
            self.refresh()

    def _remeasure(self, index: int) -> bool:
        return self.source.variable and self._heights.change(index, max(1, self.source.height(index)))

    def _measure(self) -> None:
        """Tell the source the present width, ask it for its heights and set the size to scroll in."""
        source, count = self.source, len(self.source)
        self._measured_width = self.scrollable_content_region.width
        self._width = self._measured_width or self.app.size.width
        source.resize(self.content_width)
        rows: list[int] | None = None
        if source.variable:
            # before the first layout the width is a guess; the resize that follows measures
            count = count if self._measured_width else 0
            rows = [max(1, source.height(index)) for index in range(count)]
        self._heights = Heights(rows, count)
        self._header_lines = 1 if source.header(self.content_width) is not None else 0
        self._set_size()

    def _set_size(self) -> None:
        width = 0 if self._row_width is None else self._row_width + self.gutter_width
        lines = self._heights.total
        size = Size(width, lines + self._header_lines if lines else 0)
        stays = self.show_vertical_scrollbar and size.height > self.container_size.height
        if not stays or width != self.virtual_size.width:
            self.virtual_size = size
        elif size != self.virtual_size:
            # nothing around the rows moves, and Textual would lay out all of the screen to find that out
            self.set_reactive(RowList.virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
            self.scroll_y = self.validate_scroll_y(self.scroll_y)

    def _anchor(self) -> _Anchor | None:
        """Return what must not jump: the cursor's row if it is seen, else the first row that is."""
        top = self.scroll_offset.y
        if self.cursor_key is not None and self._in_view(self.cursor):
            return _Anchor(self.cursor_key, self.cursor, top - self._heights.start(self.cursor), top == 0)
        if self._top_key is None or top >= self._heights.total:
            return None
        return _Anchor(self._top_key, *self._heights.at(top), top == 0)

    def _settle(self, anchor: _Anchor | None) -> None:
        """Scroll so that the anchor's row is where it was on the screen."""
        if anchor is None:
            return
        found = self._locate(anchor.key, anchor.row)
        if found is None:  # its row is gone; another stands there now
            found = min(anchor.row, max(0, len(self._heights) - 1))
        if not (self.pin_top and anchor.at_top and self._heights.start(self.cursor) < self._view_height):
            self._scroll(self._heights.start(found) + anchor.offset)
        if self._seen:
            self.reveal()

    # drawing

    @property
    def content_width(self) -> int:
        """Cells a row has, gutter and scrollbar taken off."""
        return max(1, max(self._width - self.gutter_width, self._row_width or 0))

    @property
    def gutter_width(self) -> int:
        """Cells before the rows, in which cursor and marks are drawn."""
        return 2 + (cell_len(self._marks_drawn[0]) if self.markable else 0)

    @property
    def _marks_drawn(self) -> tuple[str, str]:
        return self._mark or (self._glyphs.mark, " ")

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw what is asked for, after looking up colours and signs once."""
        self._glyphs = glyphs_of(self)
        self._width = self.scrollable_content_region.width
        if self._width != self._measured_width and not self.source.variable:
            self._measured_width = self._width
            self.source.resize(self.content_width)
        look = (self._width, self._glyphs, self.app.theme, self.has_focus, *map(self._style_of, _LOOKS))
        if look != self._look:
            self._look = look
            self._strips.clear()
            flat = self.app.native_ansi_color and self.has_focus
            self._painters = {
                name: Painter(self._style_of(name), self.app.ansi_theme, flat=flat and name == "cursor")
                for name in _LOOKS
            }
        top = self.scroll_offset.y
        first = self._heights.at(top)[0] if top < self._heights.total else len(self.source)
        self._top_key = self.source.key(first) if first < len(self.source) else None
        if self._seen_height == self._view_height:
            self._seen = self._in_view(self.cursor)
        return super().render_lines(crop)

    def _style_of(self, name: str) -> Style:
        return self.get_visual_style(*([f"rows--{name}"] if name else []))

    def render_line(self, y: int) -> Strip:
        """Draw one line of the view."""
        scroll_x, scroll_y = self.scroll_offset
        if not len(self.source):
            return self._empty_line(y)
        if y < self._header_lines:
            return self._header(scroll_x)
        line = y - self._header_lines + scroll_y
        if line >= self._heights.total:
            return Strip.blank(self._width, self._painters[""].rich)
        index, part = self._heights.at(line)
        if index >= len(self.source):  # rows went away and the list has not heard of it yet
            return Strip.blank(self._width, self._painters[""].rich)
        return self._row(index, scroll_x)[part]

    def _row(self, index: int, scroll_x: int) -> list[Strip]:
        """Return a row's strips, gutter included, from the cache where they are there."""
        cursor, marked = index == self.cursor, self.is_marked(index)
        drawn = (cursor, marked, scroll_x)
        cached = self._strips.get(index)
        if cached is not None and cached[0] == drawn:
            return cached[1]
        width = self.content_width
        state = RowState(cursor, marked, self.has_focus)
        painter = self._painters["cursor" if cursor else "marked" if marked else ""]
        lines = list(self.source.render(index, width, state))[: self._heights.of(index)]
        lines += [Text()] * (self._heights.of(index) - len(lines))
        strips = []
        for number, line in enumerate(lines):
            gutter = painter.segments(
                self._gutter(cursor and number == 0, marked, number == 0 and self._selectable(index)),
                self.gutter_width,
            )
            segments = painter.segments(line, width, self._glyphs.more)
            if scroll_x:
                segments = list(Strip(segments, width).crop_extend(scroll_x, scroll_x + width, painter.rich))
            strips.append(Strip([*gutter, *segments], self.gutter_width + width))
        self._strips[index] = drawn, strips
        return strips

    def _gutter(self, cursor: bool, marked: bool, first: bool) -> Text:
        mark = self._marks_drawn[not marked] if first else ""
        return Text((self._glyphs.cursor if cursor else " ") + (mark if self.markable else ""), "bold")

    def _header(self, scroll_x: int) -> Strip:
        painter, width = self._painters["header"], self.content_width
        strip = painter.strip(self.source.header(width) or Text(), width, self._glyphs.more)
        strip = strip.crop_extend(scroll_x, scroll_x + width, painter.rich)
        return Strip.join([painter.strip(Text(), self.gutter_width), strip])

    def _empty_line(self, y: int) -> Strip:
        """Return a line of the text that stands in the middle when there are no rows."""
        room = max(1, self._width - 2)
        lines = [
            paragraph[start:end].strip()
            for paragraph in map(clean, self._empty.split("\n"))
            for start, end in wrap(paragraph, room)
        ]
        number = y - max(0, (self.size.height - len(lines)) // 2)
        painter = self._painters["empty"]
        line = Text(lines[number] if 0 <= number < len(lines) else "")
        line.pad_left(max(0, (self._width - line.cell_len) // 2))
        return painter.strip(line, self._width)

    # events

    def on_mount(self) -> None:
        """Show the rows that were given from the start."""
        self.refresh_rows(keep_cursor=False)

    def on_resize(self) -> None:
        """Fit the rows to the new width; the cursor's row stays in sight if it was."""
        seen, self._seen_height = self._seen, self._view_height
        width = self.scrollable_content_region.width
        if self._measured_width == 0 or (self.source.variable and self._measured_width != width):
            self.refresh_rows()
        if seen:
            self.reveal()
