"""A row list whose rows may be taller than the view: keys scroll through such a row before they leave it."""

from __future__ import annotations

from warmtui.tui.list.row_list import RowList


class TallRowList(RowList):
    """A list for texts: moving on from a row that reaches out of the view scrolls first."""

    DEFAULT_CSS = """
    TallRowList {
        & > .rows--cursor { background: $foreground 6%; }
        &:focus > .rows--cursor { background: $primary 15%; text-style: none; }
    }
    """

    def reveal_line(self, part: int) -> None:
        """Scroll as little as needed to see one line of the cursor's row.

        Args:
            part: which of its lines, from 0.
        """
        line = self._heights.start(self.cursor) + part
        top, view = self.scroll_offset.y, self._view_height
        if not top <= line < top + view:
            self._scroll(max(0, line - view // 3))

    def action_step(self, step: int) -> None:
        """Scroll through a tall row, else go to the next or previous row."""
        if self._read_on(step):
            return
        before, top = self.cursor, self.scroll_offset.y
        super().action_step(step)
        if self.cursor == before:
            self._scroll(top)
        elif step < 0:
            self._show_end()

    def action_page(self, pages: float) -> None:
        """Scroll through a tall row by pages, else as in any list."""
        if self._read_on(int(pages * self._view_height)):
            return
        before, top = self.cursor, self.scroll_offset.y
        super().action_page(pages)
        if self.cursor == before:
            self._scroll(top)

    def _read_on(self, lines: int) -> bool:
        """Scroll to more of the cursor's row; return whether there was any."""
        if not len(self._heights):
            return False
        start, top, view = self._heights.start(self.cursor), self.scroll_offset.y, self._view_height
        end = start + self._heights.of(self.cursor)
        if end - start <= view or end <= top or start >= top + view:
            return False
        if lines > 0 and end > top + view:
            self._scroll(min(top + lines, end - view))
            return True
        if lines < 0 and start < top:
            self._scroll(max(top + lines, start))
            return True
        return False

    def _show_end(self) -> None:
        """Show the end of a row that was entered from below."""
        height, view = self._heights.of(self.cursor), self._view_height
        if height > view:
            self._scroll(self._heights.start(self.cursor) + height - view)
