"""Cursor, marks and scrolling of a row list, without any drawing."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.scroll_view import ScrollView

from warmtui.tui.commands import Command, bindings
from warmtui.tui.list.heights import Heights
from warmtui.tui.list.row_keys import ROW_KEYS
from warmtui.tui.list.row_marks import Marks
from warmtui.tui.list.row_messages import HeaderClicked, Marked, Moved, NotFound, Opened, Sideways
from warmtui.tui.list.row_source import NoRows, RowSource

if TYPE_CHECKING:
    from warmtui.tui.list.row_list import RowList

MARGIN = 1
"""Lines kept between the cursor and the edge, in views of at least `MARGIN_FROM` lines."""
MARGIN_FROM = 6


class RowCursor(ScrollView, can_focus=True, inherit_bindings=False):
    """What moves and marks in a `RowList`; use that."""

    KEYS: ClassVar[tuple[Command, ...]] = ROW_KEYS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*ROW_KEYS)]
    ALLOW_SELECT = False

    source: RowSource = NoRows()
    markable: bool = False
    opens: bool = True
    """Whether the key that opens a row is the list's; False leaves it to the screen, and to its footer."""
    finder: Callable[[int], bool] | None = None
    """Whether a row matches what was searched; n and N go through those. None: n and N are left to others."""

    def __init__(self, name: str | None, widget_id: str | None, classes: str | None, disabled: bool) -> None:
        super().__init__(name=name, id=widget_id, classes=classes, disabled=disabled)
        self._cursor = 0
        self._cursor_key: str | None = None
        self._marks = Marks()
        self._heights = Heights(None)
        self._header_lines = 0
        self._seen = True
        self._seen_height = 0

    @property
    def _self(self) -> RowList:
        return cast("RowList", self)

    # where things are

    @property
    def cursor(self) -> int:
        """The row the cursor is on, from 0; 0 too when there are no rows."""
        return self._cursor

    @property
    def cursor_key(self) -> str | None:
        """The key of that row; None when there are no rows."""
        return self._cursor_key

    @property
    def marked(self) -> frozenset[str]:
        """Keys of marked rows, those of rows that a filter hides now and of a range being chosen included."""
        ranging = self._range_keys()
        return frozenset(self._marks.keys | ranging if ranging else self._marks.keys)

    @property
    def ranging(self) -> bool:
        """Whether a range is being chosen."""
        return self._marks.ranging

    def is_marked(self, index: int) -> bool:
        """Return whether a row is marked or in the range that is being chosen."""
        if not self._marks.keys and not self._marks.ranging:
            return False
        if index in self._marks.span(self._cursor):
            return self._selectable(index)
        return self.source.key(index) in self._marks.keys

    def selection(self) -> list[str]:
        """Return what an action is for: the marked keys in the order of the rows, else the cursor's.

        Marked rows that are not there now come last. Empty when there are no rows.
        """
        marked = self.marked
        if not marked:
            return [] if self._cursor_key is None else [self._cursor_key]
        there = dict.fromkeys(key for key in map(self.source.key, range(len(self.source))) if key in marked)
        return [*there, *sorted(marked - there.keys())]

    @property
    def _view_height(self) -> int:
        """Lines in which rows are seen."""
        return max(1, self.scrollable_content_region.height - self._header_lines)

    def _in_view(self, index: int) -> bool:
        """Return whether the beginning of a row is seen."""
        if index >= len(self._heights):
            return False
        return 0 <= self._heights.start(index) - self.scroll_offset.y < self._view_height

    def _selectable(self, index: int) -> bool:
        """Return whether a row takes the cursor; rows that went before the list heard of it do not."""
        return index < len(self.source) and self.source.selectable(index)

    # moving

    def goto(self, index: int) -> None:
        """Put the cursor on a row, or on the nearest that takes it, and show it."""
        count = len(self._heights)
        if not count:
            return
        index = min(max(index, 0), count - 1)
        found = self._next_selectable(index, 1)
        self._place(found if found is not None else self._next_selectable(index, -1))
        self.reveal()

    def goto_key(self, key: str) -> bool:
        """Put the cursor on the row of a key; return whether there is one."""
        index = self._locate(key, self._cursor)
        if index is not None:
            self.goto(index)
        return index is not None

    def goto_next(
        self, match: Callable[[int], bool], *, forward: bool = True, around: bool = True
    ) -> int | None:
        """Go to the next row that matches, past the end from the other end.

        Args:
            match: asked for rows by number, nearest first.
            forward: direction.
            around: whether to go on at the other end.

        Returns:
            The row, or None when no other matches and the cursor stayed.
        """
        count, here = len(self._heights), self._cursor
        ahead, behind = range(here + 1, count), range(here)
        if not forward:
            ahead, behind = range(here - 1, -1, -1), range(count - 1, here, -1)
        for index in chain(ahead, behind if around else ()):
            if self._selectable(index) and match(index):
                self.goto(index)
                return index
        return None

    def reveal(self) -> None:
        """Scroll as little as needed to see the cursor's row, with the headings right above it."""
        if not len(self._heights):
            return
        first = index = self._cursor
        while first > 0 and index - first < MARGIN_FROM and not self._selectable(first - 1):
            first -= 1
        height, view = self._heights.of(index), self._view_height
        margin = MARGIN if view >= MARGIN_FROM and height + 2 * MARGIN <= view else 0
        start = self._heights.start(index)
        top = self.scroll_offset.y
        if self._heights.start(first) - margin < top:
            top = self._heights.start(first) - margin
        if start + height + margin > top + view:
            top = start + height + margin - view
        self._scroll(min(top, start))

    def _scroll(self, top: int) -> None:
        self.scroll_to(y=top, animate=False, force=True, immediate=True)

    def _place(self, index: int | None) -> None:
        """Put the cursor on a row without scrolling; say so when its key is another."""
        if index is None:
            return
        before, self._cursor = self._cursor, index
        key = self.source.key(index)
        changed, self._cursor_key = key != self._cursor_key, key
        low, high = min(before, index), max(before, index)
        if self._marks.ranging:
            self._redraw(low, high)
        else:
            self._redraw(low, low)
            self._redraw(high, high)
        if changed:
            self.post_message(Moved(self._self, index, key))
            if self._marks.ranging:
                self._say_marked()

    def _next_selectable(self, index: int, step: int) -> int | None:
        """Return the first row at or after `index` in a direction that takes the cursor."""
        while 0 <= index < min(len(self._heights), len(self.source)):
            if self._selectable(index):
                return index
            index += step
        return None

    def _locate(self, key: str, hint: int) -> int | None:
        """Return where a key's row is now, looking first where it was."""
        if 0 <= hint < len(self.source) and self.source.key(hint) == key:
            return hint
        return self.source.index_of(key)

    def _relocate(self, keep: bool) -> None:
        """Find the cursor's and the range's rows again after rows changed."""
        key = self._cursor_key
        count = len(self.source)
        if self._marks.anchor_key is not None:
            anchor = self._locate(self._marks.anchor_key, self._marks.anchor)
            if anchor is None:
                self._marks.give_up()
            else:
                self._marks.anchor = anchor
        found = self._locate(key, self._cursor) if keep and key is not None else None
        if found is None:
            near = min(self._cursor if keep else 0, max(0, count - 1))
            found = self._next_selectable(near, 1)
            found = self._next_selectable(near, -1) if found is None else found
        self._cursor = found or 0
        self._cursor_key = None if found is None else self.source.key(found)
        if self._cursor_key != key:
            self.post_message(Moved(self._self, -1 if found is None else found, self._cursor_key))

    def _redraw(self, first: int, last: int) -> None:
        """Have the lines of some rows drawn again, as far as they are seen."""
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
        self._say_marked()

    def clear_marks(self) -> None:
        """Take every mark off."""
        self.mark(set())

    def _range_keys(self) -> set[str]:
        rows = self._marks.span(self._cursor)
        return {self.source.key(index) for index in rows if self._selectable(index)}

    def _say_marked(self) -> None:
        self.refresh()
        self.post_message(Marked(self._self, len(self.marked)))

    # actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave to others the keys that mean nothing here now, such as escape without a range."""
        if action in ("mark", "range", "extend"):
            return self.markable and bool(len(self._heights))
        if action == "cancel_range":
            return self._marks.ranging
        if action == "find":
            return self.finder is not None
        if action == "open":
            return self.opens and self._cursor_key is not None
        return True

    def action_step(self, step: int) -> None:
        """Go to the next or previous row."""
        found = self._next_selectable(self._cursor + step, step)
        if found is not None:
            self._place(found)
        self.reveal()

    def action_edge(self, step: int) -> None:
        """Go to the first or last row."""
        self.goto(len(self._heights) - 1 if step > 0 else 0)

    def action_page(self, pages: float) -> None:
        """Go pages down or up, the view moving along."""
        if not len(self._heights):
            return
        step = 1 if pages > 0 else -1
        start = self._heights.start(self._cursor)
        line = min(max(0, start + int(pages * self._view_height)), self._heights.total - 1)
        index = self._heights.at(line)[0]
        if index == self._cursor:
            index = min(max(0, index + step), len(self._heights) - 1)
        found = self._next_selectable(index, step)
        self._place(found if found is not None else self._next_selectable(index, -step))
        self._scroll(self.scroll_offset.y + self._heights.start(self._cursor) - start)
        self.reveal()

    def action_sideways(self, step: int) -> None:
        """Scroll sideways where rows are wider than the view, else tell the screen."""
        if self.virtual_size.width > self.scrollable_content_region.width:
            self.scroll_to(x=self.scroll_offset.x + 8 * step, animate=False, force=True, immediate=True)
        elif self._cursor_key is not None:
            self.post_message(Sideways(self._self, self._cursor, self._cursor_key, step))

    def action_open(self) -> None:
        """Open the row."""
        if self._cursor_key is not None:
            self.post_message(Opened(self._self, self._cursor, self._cursor_key))

    def action_mark(self) -> None:
        """Mark the row or take the mark off; with a range, mark that."""
        if self._marks.ranging:
            self.action_range()
        elif self._cursor_key is not None:
            self._marks.toggle([self._cursor_key])
            self._say_marked()

    def action_range(self) -> None:
        """Start a range at the cursor; the second time, mark its rows."""
        if self._marks.ranging:
            self._marks.toggle(self._range_keys())
            self._marks.give_up()
        elif self._cursor_key is not None:
            self._marks.begin(self._cursor, self._cursor_key)
        self._say_marked()

    def action_extend(self, step: int) -> None:
        """Start a range if there is none, and go on with it."""
        if not self._marks.ranging:
            self.action_range()
        self.action_step(step)

    def action_cancel_range(self) -> None:
        """Give up the range; marks stay."""
        self._marks.give_up()
        self._say_marked()

    def action_find(self, step: int) -> None:
        """Go to the next or previous row that `finder` accepts."""
        if self.finder is not None and self.goto_next(self.finder, forward=step > 0) is None:
            self.post_message(NotFound(self._self))

    # mouse

    def on_click(self, event: events.Click) -> None:
        """Move to the row clicked; a second click opens it; shift makes a range, ctrl marks."""
        offset = event.get_content_offset(self)
        line = -1 if offset is None else offset.y - self._header_lines + self.scroll_offset.y
        if offset is not None and offset.y < self._header_lines:
            self.post_message(HeaderClicked(self._self, offset.x - self.gutter_width + self.scroll_offset.x))
        if not 0 <= line < self._heights.total or offset is None or offset.y < self._header_lines:
            return
        index = self._heights.at(line)[0]
        if not self._selectable(index):
            return
        if event.shift and self.markable and not self._marks.ranging:
            self.action_range()
        self._place(index)
        if self.markable and (event.ctrl or offset.x < self.gutter_width) and not event.shift:
            self.action_mark()
        elif event.chain == 2:
            self.action_open()

    @property
    def gutter_width(self) -> int:
        """Cells before the rows, in which cursor and marks are drawn."""
        return 2
