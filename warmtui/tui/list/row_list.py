"""The one list of the app: any number of rows, none of them a widget.

It shows sessions, timelines, transcripts and candidates. A `RowSource` makes a row's lines when the row comes
into view; strips are cached, so that 100,000 rows open as fast as 100.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import chain
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

from warmtui.tui.commands import Command, bindings
from warmtui.tui.list.heights import Heights
from warmtui.tui.list.row_source import Marks, RowSource, RowState
from warmtui.tui.widgets.cells import clean, wrap
from warmtui.tui.widgets.glyphs import Glyphs, glyphs_of
from warmtui.tui.widgets.paint import Painter

MARGIN = 1
"""Lines between the cursor and the edge, in views of at least `MARGIN_FROM` lines."""
MARGIN_FROM = 6
CACHED_ROWS = 1024
"""Rows kept as strips: several screens' worth at 200×50."""
_LOOKS = ("", "cursor", "marked", "header", "empty")


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


class _Anchor(NamedTuple):
    """A row that stays in place on the screen when others come and go."""

    key: str
    row: int
    offset: int
    """Lines from the beginning of the row down to the top of the view; negative when the row is below it."""
    at_top: bool


@dataclass
class RowMessage(Message, namespace="row_list"):
    """A message of a row list."""

    row_list: RowList

    @property
    def control(self) -> RowList:
        """The list, so that `@on` can select it by id."""
        return self.row_list


class RowList(ScrollView, can_focus=True, inherit_bindings=False):
    """A list with a cursor, marks and live rows.

    Args:
        source: the rows.
        markable: whether rows can be marked.
        mark: how a marked and an unmarked row look, both of one width; None for a dot and a blank.
        pin_top: a list scrolled to its very top stays there when rows come in above, so that they are seen.
        opens: whether the key that opens a row is the list's; False leaves it to the screen and its footer.
        empty: the text in place of rows when there are none.
    """

    @dataclass
    class Moved(RowMessage, namespace="row_list"):
        """The cursor is on a row with another key: it moved, or its row went away."""

        index: int
        """-1 when there are no rows."""
        key: str | None

        def can_replace(self, message: Message) -> bool:
            """Replace earlier messages, so that only the last of a burst is handled."""
            return isinstance(message, RowList.Moved) and message.row_list is self.row_list

    @dataclass
    class Opened(RowMessage, namespace="row_list"):
        """Enter or a double click on a row."""

        index: int
        key: str

    @dataclass
    class Sideways(RowMessage, namespace="row_list"):
        """Left or h (step -1), right or l (step 1): to fold and unfold, or to change pane."""

        index: int
        key: str
        step: int

    @dataclass
    class Marked(RowMessage, namespace="row_list"):
        """Marks changed; `control.marked` has them, a range that is still being chosen included."""

        count: int

    @dataclass
    class HeaderClicked(RowMessage, namespace="row_list"):
        """A click on the line above the rows."""

        x: int
        """Cells from where rows begin, as `columns.Layout.column_at` takes it."""

    KEYS: ClassVar[tuple[Command, ...]] = ROW_KEYS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*ROW_KEYS)]
    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--cursor", "rows--empty", "rows--header", "rows--marked"}
    DEFAULT_CSS = """
    RowList {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size: 1 1;
        scrollbar-gutter: stable;
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

    empty: reactive[str] = reactive("")
    """The text in place of rows when there are none; may hold line breaks."""

    def __init__(
        self,
        source: RowSource,
        *,
        markable: bool = False,
        mark: tuple[str, str] | None = None,
        pin_top: bool = False,
        opens: bool = True,
        empty: str = "",
        id: str | None = None,  # noqa: A002 - Textual's own name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.source = source
        self.markable = markable
        self.pin_top = pin_top
        self.opens = opens
        self.set_reactive(RowList.empty, empty)
        self._mark = mark
        self.cursor = 0
        """The row the cursor is on, from 0; 0 too when there are no rows. Only the list itself sets it."""
        self.cursor_key: str | None = None
        """The key of that row; None when there are no rows."""
        self._marks = Marks()
        self._heights = Heights(None)
        self._header_lines = 0
        self._seen = True
        """Whether the cursor's row was in view when it was last drawn."""
        self._seen_height = 0
        """The height of the view then, in lines."""
        self._top_key: str | None = None
        """The key of the first row in view."""
        self._stale: set[str] = set()
        """Keys of rows to be drawn again."""
        self._width = self._measured_width = 0
        self._strips: LRUCache[int, tuple[tuple[bool, bool], list[Strip]]] = LRUCache(CACHED_ROWS)
        """Rows as they were drawn, with whether they were under the cursor, and marked."""
        self._painters: dict[str, Painter] = {}
        self._look: object = None
        """Width, signs and styles that the strips were drawn with."""
        self._glyphs = Glyphs()

    @property
    def marked(self) -> frozenset[str]:
        """Keys of marked rows, including rows that a filter hides and rows of a range being chosen."""
        return frozenset(self._marks.keys | self._range_keys())

    @property
    def ranging(self) -> bool:
        """Whether a range is being chosen."""
        return self._marks.ranging

    def is_marked(self, index: int) -> bool:
        """Return whether a row is marked or in the range that is being chosen."""
        if index in self._marks.span(self.cursor):
            return self._selectable(index)
        return bool(self._marks.keys) and self.source.key(index) in self._marks.keys

    def selection(self) -> list[str]:
        """Return the keys that an action works on: the marked ones in their order, else the cursor's.

        Marked rows that are not listed now come last. Empty when there are no rows.
        """
        marked = self.marked
        if not marked:
            return [] if self.cursor_key is None else [self.cursor_key]
        there = dict.fromkeys(key for key in map(self.source.key, range(len(self.source))) if key in marked)
        return [*there, *sorted(marked - there.keys())]

    @property
    def _view_height(self) -> int:
        return max(1, self.scrollable_content_region.height - self._header_lines)

    def _in_view(self, index: int) -> bool:
        known = index < len(self._heights)
        return known and 0 <= self._heights.start(index) - self.scroll_offset.y < self._view_height

    def _selectable(self, index: int) -> bool:
        """Return whether a row takes the cursor; rows that have left the source do not."""
        return index < len(self.source) and self.source.selectable(index)

    # moving

    def goto(self, index: int) -> None:
        """Put the cursor on a row, or on the nearest that takes it, and show it."""
        if count := len(self._heights):
            self._place(self._nearest_selectable(min(max(index, 0), count - 1), 1))
            self.reveal()

    def goto_key(self, key: str) -> bool:
        """Put the cursor on the row of a key; return whether there is one."""
        if (index := self._locate(key, self.cursor)) is None:
            return False
        self.goto(index)
        return True

    def goto_next(self, match: Callable[[int], bool], *, forward: bool = True) -> int | None:
        """Go to the next row that matches, past the end from the other end.

        Args:
            match: asked for rows by number, nearest first.
            forward: direction.

        Returns:
            The row, or None when no other matches and the cursor stayed.
        """
        count, here = len(self._heights), self.cursor
        ahead, behind = range(here + 1, count), range(here)
        if not forward:
            ahead, behind = range(here - 1, -1, -1), range(count - 1, here, -1)
        for index in chain(ahead, behind):
            if self._selectable(index) and match(index):
                self.goto(index)
                return index
        return None

    def reveal(self) -> None:
        """Scroll as little as needed to see the cursor's row, with the headings right above it."""
        if not len(self._heights):
            return
        first = index = self.cursor
        # headings take no cursor: without this they could not be scrolled into view by keys
        while first > 0 and index - first < MARGIN_FROM and not self._selectable(first - 1):
            first -= 1
        height, view = self._heights.of(index), self._view_height
        margin = MARGIN if view >= MARGIN_FROM and height + 2 * MARGIN <= view else 0
        start = self._heights.start(index)
        top = min(self.scroll_offset.y, self._heights.start(first) - margin)
        top = max(top, start + height + margin - view)
        self._scroll(min(top, start))

    def _scroll(self, top: int) -> None:
        self.scroll_to(y=top, animate=False, force=True, immediate=True)

    def _place(self, index: int | None) -> None:
        """Put the cursor on a row without scrolling; post `Moved` when its key is another."""
        if index is None:
            return
        before, self.cursor = self.cursor, index
        key = self.source.key(index)
        changed, self.cursor_key = key != self.cursor_key, key
        low, high = min(before, index), max(before, index)
        # a range changes the look of every row between its old end and its new one
        for first, last in [(low, high)] if self._marks.ranging else [(low, low), (high, high)]:
            self._redraw(first, last)
        if changed:
            self.post_message(self.Moved(self, index, key))
            if self._marks.ranging:
                self._post_marked()

    def _next_selectable(self, index: int, step: int) -> int | None:
        """Return the first row at or after `index` in a direction that takes the cursor."""
        while 0 <= index < min(len(self._heights), len(self.source)):
            if self._selectable(index):
                return index
            index += step
        return None

    def _nearest_selectable(self, index: int, step: int) -> int | None:
        """Return the first such row in a direction, else in the other."""
        found = self._next_selectable(index, step)
        return self._next_selectable(index, -step) if found is None else found

    def _locate(self, key: str, hint: int) -> int | None:
        """Return where a key's row is now, trying its old place first."""
        if 0 <= hint < len(self.source) and self.source.key(hint) == key:
            return hint
        return self.source.index_of(key)

    def _relocate(self, keep: bool) -> None:
        """Find the cursor's and the range's rows again after rows changed."""
        key = self.cursor_key
        if self._marks.anchor_key is not None:
            # rows moved: the index of the range's beginning is stale, its key is not
            anchor = self._locate(self._marks.anchor_key, self._marks.anchor)
            if anchor is None:
                self._marks.give_up()
            else:
                self._marks.anchor = anchor
        found = self._locate(key, self.cursor) if keep and key is not None else None
        if found is None:
            near = min(self.cursor if keep else 0, max(0, len(self.source) - 1))
            found = self._nearest_selectable(near, 1)
        self.cursor = found or 0
        self.cursor_key = None if found is None else self.source.key(found)
        if self.cursor_key != key:
            self.post_message(self.Moved(self, -1 if found is None else found, self.cursor_key))

    def _redraw(self, first: int, last: int) -> None:
        """Redraw those of some rows that are in view."""
        if first >= len(self._heights):
            return
        last = min(last, len(self._heights) - 1)
        top = self._heights.start(first) - self.scroll_offset.y
        end = self._heights.start(last) + self._heights.of(last) - self.scroll_offset.y
        top, end = max(0, top), min(self._view_height, end)
        if top < end:
            width = self.scrollable_content_region.width
            self.refresh(Region(0, top + self._header_lines, width, end - top))

    # marks

    def mark(self, keys: set[str]) -> None:
        """Set which rows are marked."""
        self._marks.keys = set(keys)
        self._marks.give_up()
        self._post_marked()

    def clear_marks(self) -> None:
        """Remove every mark."""
        self.mark(set())

    def _range_keys(self) -> set[str]:
        return {self.source.key(row) for row in self._marks.span(self.cursor) if self._selectable(row)}

    def _post_marked(self) -> None:
        self.refresh()
        self.post_message(self.Marked(self, len(self.marked)))

    # actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave keys without a use here to the screen, such as escape without a range."""
        if action in ("mark", "range", "extend"):
            return self.markable and bool(len(self._heights))
        if action == "cancel_range":
            return self._marks.ranging
        if action == "open":
            return self.opens and self.cursor_key is not None
        return True

    def action_step(self, step: int) -> None:
        """Go to the next or previous row."""
        self._place(self._next_selectable(self.cursor + step, step))
        self.reveal()

    def action_edge(self, step: int) -> None:
        """Go to the first or last row."""
        self.goto(len(self._heights) - 1 if step > 0 else 0)

    def action_page(self, pages: float) -> None:
        """Go pages down or up, the view moving along."""
        if not len(self._heights):
            return
        step = 1 if pages > 0 else -1
        start = self._heights.start(self.cursor)
        line = min(max(0, start + int(pages * self._view_height)), self._heights.total - 1)
        index = self._heights.row_at(line)[0]
        # a row taller than a page would otherwise keep the cursor for ever
        if index == self.cursor:
            index = min(max(0, index + step), len(self._heights) - 1)
        self._place(self._nearest_selectable(index, step))
        self._scroll(self.scroll_offset.y + self._heights.start(self.cursor) - start)
        self.reveal()

    def action_sideways(self, step: int) -> None:
        """Post `Sideways`."""
        if self.cursor_key is not None:
            self.post_message(self.Sideways(self, self.cursor, self.cursor_key, step))

    def action_open(self) -> None:
        """Open the row."""
        if self.cursor_key is not None:
            self.post_message(self.Opened(self, self.cursor, self.cursor_key))

    def action_mark(self) -> None:
        """Mark the row or take the mark off; with a range, mark that."""
        if self._marks.ranging:
            self.action_range()
        elif self.cursor_key is not None:
            self._marks.toggle([self.cursor_key])
            self._post_marked()

    def action_range(self) -> None:
        """Start a range at the cursor; the second time, mark its rows."""
        if self._marks.ranging:
            self._marks.toggle(self._range_keys())
            self._marks.give_up()
        elif self.cursor_key is not None:
            self._marks.begin(self.cursor, self.cursor_key)
        self._post_marked()

    def action_extend(self, step: int) -> None:
        """Start a range if there is none, and go on with it."""
        if not self._marks.ranging:
            self.action_range()
        self.action_step(step)

    def action_cancel_range(self) -> None:
        """Give up the range; marks stay."""
        self._marks.give_up()
        self._post_marked()

    # mouse

    def on_click(self, event: events.Click) -> None:
        """Move to the row clicked; a second click opens it; shift makes a range, ctrl marks."""
        if (offset := event.get_content_offset(self)) is None:
            return
        if offset.y < self._header_lines:
            self.post_message(self.HeaderClicked(self, offset.x - self.gutter_width))
            return
        line = offset.y - self._header_lines + self.scroll_offset.y
        if line >= self._heights.total:
            return
        index = self._heights.row_at(line)[0]
        if not self._selectable(index):
            return
        if event.shift and self.markable and not self._marks.ranging:
            self.action_range()
        self._place(index)
        if self.markable and (event.ctrl or offset.x < self.gutter_width) and not event.shift:
            self.action_mark()
        elif event.chain == 2:
            self.action_open()

    # rows

    def refresh_rows(self, *, keep_cursor: bool = True) -> None:
        """Reload after the source changed. Call once per batch of changes.

        The cursor stays on the row of its key, on the same line of the screen; if that row is gone, it
        takes the row's place. Marks stay, even on rows that are not listed now.
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
        """Draw the rows of these keys again; their number and order did not change.

        Calls are batched: the rows in view are drawn once.
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
        # rows out of sight have no strips, but their heights place all rows below them
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
        """Give the source the current width, take its heights, and set the scrollable size."""
        source, count = self.source, len(self.source)
        self._measured_width = self.scrollable_content_region.width
        self._width = self._measured_width or self.app.size.width
        source.resize(self.content_width)
        if source.variable:
            # before the first layout the width is a guess; the resize that follows measures
            measured = range(count if self._measured_width else 0)
            self._heights = Heights(max(1, source.height(index)) for index in measured)
        else:
            self._heights = Heights(None, count)
        self._header_lines = 1 if source.header(self.content_width) is not None else 0
        self._set_size()

    def _set_size(self) -> None:
        lines = self._heights.total
        size = Size(0, lines + self._header_lines if lines else 0)
        if not self.show_vertical_scrollbar or size.height <= self.container_size.height:
            self.virtual_size = size
        elif size != self.virtual_size:
            # nothing around the rows moves, and Textual would lay out all of the screen to find that out
            self.set_reactive(RowList.virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
            self.scroll_y = self.validate_scroll_y(self.scroll_y)

    def _anchor(self) -> _Anchor | None:
        """Return the cursor's row if it is in view, else the first row that is."""
        top = self.scroll_offset.y
        if self.cursor_key is not None and self._in_view(self.cursor):
            return _Anchor(self.cursor_key, self.cursor, top - self._heights.start(self.cursor), top == 0)
        if self._top_key is None or top >= self._heights.total:
            return None
        return _Anchor(self._top_key, *self._heights.row_at(top), top == 0)

    def _settle(self, anchor: _Anchor | None) -> None:
        """Scroll so that the anchor's row is where it was on the screen."""
        if anchor is None:
            return
        found = self._locate(anchor.key, anchor.row)
        if found is None:  # its row is gone: take the one in its place
            found = min(anchor.row, max(0, len(self._heights) - 1))
        if not (self.pin_top and anchor.at_top and self._heights.start(self.cursor) < self._view_height):
            self._scroll(self._heights.start(found) + anchor.offset)
        if self._seen:
            self.reveal()

    # drawing

    @property
    def content_width(self) -> int:
        """Cells of a row, without gutter and scrollbar."""
        return max(1, self._width - self.gutter_width)

    @property
    def gutter_width(self) -> int:
        """Cells before the rows, in which cursor and marks are drawn."""
        return 2 + (cell_len(self._marks_drawn[0]) if self.markable else 0)

    @property
    def _marks_drawn(self) -> tuple[str, str]:
        return self._mark or (self._glyphs.mark, " ")

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw lines, after looking up colours and signs once."""
        self._glyphs = glyphs_of(self)
        self._width = self.scrollable_content_region.width
        if self._width != self._measured_width and not self.source.variable:
            self._measured_width = self._width
            self.source.resize(self.content_width)
        look = (self._width, self._glyphs, self.app.theme, self.has_focus, *map(self._style_of, _LOOKS))
        # strips hold colours, so a change of look makes all of them stale
        if look != self._look:
            self._look = look
            self._strips.clear()
            flat = self.app.native_ansi_color and self.has_focus
            self._painters = {
                name: Painter(self._style_of(name), self.app.ansi_theme, flat=flat and name == "cursor")
                for name in _LOOKS
            }
        top = self.scroll_offset.y
        first = self._heights.row_at(top)[0] if top < self._heights.total else len(self.source)
        self._top_key = self.source.key(first) if first < len(self.source) else None
        if self._seen_height == self._view_height:
            self._seen = self._in_view(self.cursor)
        return super().render_lines(crop)

    def _style_of(self, name: str) -> Style:
        return self.get_visual_style(*([f"rows--{name}"] if name else []))

    def render_line(self, y: int) -> Strip:
        """Draw one line of the view."""
        if not len(self.source):
            return self._empty_line(y)
        if y < self._header_lines:
            return self._header()
        line, below = y - self._header_lines + self.scroll_offset.y, (len(self.source), 0)
        index, part = self._heights.row_at(line) if line < self._heights.total else below
        if index >= len(self.source):  # also where rows went away and `refresh_rows` was not called yet
            return Strip.blank(self._width, self._painters[""].rich)
        return self._row(index)[part]

    def _row(self, index: int) -> list[Strip]:
        """Return a row's strips, gutter included, from the cache where they are there."""
        cursor, marked = index == self.cursor, self.is_marked(index)
        cached = self._strips.get(index)
        if cached is not None and cached[0] == (cursor, marked):
            return cached[1]
        width, height = self.content_width, self._heights.of(index)
        painter = self._painters["cursor" if cursor else "marked" if marked else ""]
        lines = list(self.source.render(index, width, RowState(cursor, marked, self.has_focus)))[:height]
        lines += [Text()] * (height - len(lines))
        strips = []
        for number, line in enumerate(lines):
            gutter = self._gutter(cursor and number == 0, marked, number == 0 and self._selectable(index))
            segments = painter.segments(gutter, self.gutter_width)
            segments += painter.segments(line, width, self._glyphs.more)
            strips.append(Strip(segments, self.gutter_width + width))
        self._strips[index] = (cursor, marked), strips
        return strips

    def _gutter(self, cursor: bool, marked: bool, first: bool) -> Text:
        mark = self._marks_drawn[not marked] if first else ""
        return Text((self._glyphs.cursor if cursor else " ") + (mark if self.markable else ""), "bold")

    def _header(self) -> Strip:
        painter, width = self._painters["header"], self.content_width
        strip = painter.strip(self.source.header(width) or Text(), width, self._glyphs.more)
        return Strip.join([painter.strip(Text(), self.gutter_width), strip])

    def _empty_line(self, y: int) -> Strip:
        """Return a line of the text shown in the middle of an empty list."""
        room = max(1, self._width - 2)
        lines = [
            paragraph[start:end].strip()
            for paragraph in map(clean, self.empty.split("\n"))
            for start, end in wrap(paragraph, room)
        ]
        number = y - max(0, (self.size.height - len(lines)) // 2)
        painter = self._painters["empty"]
        line = Text(lines[number] if 0 <= number < len(lines) else "")
        line.pad_left(max(0, (self._width - line.cell_len) // 2))
        return painter.strip(line, self._width)

    # events

    def on_mount(self) -> None:
        """Show the first rows."""
        self.refresh_rows(keep_cursor=False)

    def on_resize(self) -> None:
        """Fit the rows to the new width; the cursor's row stays in sight if it was."""
        seen, self._seen_height = self._seen, self._view_height
        width = self.scrollable_content_region.width
        if self._measured_width == 0 or (self.source.variable and self._measured_width != width):
            self.refresh_rows()
        if seen:
            self.reveal()
