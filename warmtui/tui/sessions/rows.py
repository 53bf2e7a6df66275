"""The list of sessions, row by row."""

from __future__ import annotations

import time
from array import array
from collections.abc import Collection, Sequence
from typing import get_args

from rich.text import Text
from textual.cache import LRUCache

from warmtui.model.conditions import Order
from warmtui.text import ago
from warmtui.tui.list.columns import Cell, Column, Layout, fit
from warmtui.tui.list.row_source import RowSource, RowState
from warmtui.tui.widgets import bars
from warmtui.tui.widgets.glyphs import Glyphs
from warmtui.tui.widgets.paint import ERROR, FAINT, MUTED, Line
from warmtui.workspace.session_table import SessionKey, SessionRow, SessionTable

COLUMNS = (
    Column("score", "score", 14, 18, priority=1),
    Column("title", "title", 18, 44, priority=0, grow=True),
    Column("age", "age", 6, 6, priority=2, align="right"),
    Column("messages", "msgs", 6, 7, priority=4, align="right"),
    Column("calls", "calls", 6, 7, priority=5, align="right"),
    Column("errors", "errors", 6, 6, priority=3, align="right"),
    Column("trend", "trend", 8, 8, priority=6),
    Column("type", "type", 8, 8, priority=7),
    Column("channel", "channel", 8, 9, priority=9),
    Column("agent", "agent", 7, 11, priority=10),
    Column("model", "model", 10, 20, priority=8),
)
JUDGED = frozenset({"score", "title", "messages", "calls", "errors", "trend", "type"})
"""Columns whose order can change when a session is judged: a title may be the person's first words."""
SORTS: tuple[Order, ...] = get_args(Order)
WORDS = frozenset({"title", "type", "channel", "agent", "model"})
"""Columns that are sorted from A to Z first, the others from the highest, the newest or the best."""
READ_AT_ONCE = 64
"""Sessions read together, more than most screens have lines; that takes a millisecond."""
READ_ROWS = 1_024
"""Sessions kept in memory."""


def count_text(number: int, width: int) -> str:
    """Write a count in at most this many cells: grouped, else without commas, else in whole thousands.

    >>> count_text(10_004, 6), count_text(10_004, 5), count_text(123_999, 5), count_text(1_234_567, 5)
    ('10,004', '10004', '123k', '1234k')
    """
    grouped, plain = f"{number:,}", str(number)
    return grouped if len(grouped) <= width else plain if len(plain) <= width else f"{number // 1000}k"


class SessionRows(RowSource):
    """Sessions in the order that they were selected in; read when they come into sight.

    Args:
        table: the sessions of the feed.
        glyphs: the signs to draw with.
    """

    def __init__(self, table: SessionTable, glyphs: Glyphs) -> None:
        self.table = table
        self.glyphs = glyphs
        self.sort: Order = "age"
        self.reverse = False
        self._numbers = array("q")
        """The index's numbers of the sessions, in their order; as text they are the rows' keys."""
        self._read: LRUCache[int, SessionRow] = LRUCache(READ_ROWS)
        self._layout: Layout = fit(COLUMNS, 80)

    def put(self, numbers: array[int]) -> bool:
        """Show the sessions of a selection, by their numbers; return whether they are others than before."""
        before, self._numbers = self._numbers, numbers
        return before != numbers

    @property
    def numbers(self) -> array[int]:
        """The index's numbers of the sessions, in their order; not to be changed."""
        return self._numbers

    def forget(self, keys: Collection[SessionKey]) -> set[str]:
        """Read changed sessions again; return the keys of their rows, as far as those were in sight."""
        kept = [(number, self._read.get(number)) for number in list(self._read.keys())]
        changed = [number for number, row in kept if row is not None and row.key in keys]
        for number in changed:
            self._read.discard(number)
        return set(map(str, changed))

    def session(self, index: int) -> SessionRow | None:
        """Return the session at a position, None when it went away."""
        if not 0 <= index < len(self._numbers):
            return None
        number = self._numbers[index]
        if number not in self._read:
            first = index - index % READ_AT_ONCE
            unread = [near for near in self._numbers[first : first + READ_AT_ONCE] if near not in self._read]
            for near, row in self.table.at(unread).items():
                self._read[near] = row
        return self._read.get(number)

    def sessions(self, first: int, count: int) -> list[SessionRow]:
        """Return the sessions of some positions."""
        rows = [self.session(index) for index in range(max(0, first), first + count)]
        return [row for row in rows if row is not None]

    def of_keys(self, keys: Collection[str]) -> list[SessionRow]:
        """Return the sessions of some rows' keys, in the order of the rows, those that are not shown last."""
        shown = [number for number in self._numbers if str(number) in keys]
        numbers = [*shown, *sorted({int(key) for key in keys}.difference(shown))]
        return self.table.in_order(numbers)

    def key_of(self, key: SessionKey) -> str | None:
        """Return the key of the row of a session, None when there is no such session."""
        return next((str(number) for number in self.table.numbered([key.id], [key.source])), None)

    def __len__(self) -> int:
        return len(self._numbers)

    def key(self, index: int) -> str:
        """Return the session's lasting name."""
        return str(self._numbers[index])

    def index_of(self, key: str) -> int | None:
        """Return the index of a session."""
        try:
            return self._numbers.index(int(key))
        except ValueError:
            return None

    def resize(self, width: int) -> None:
        """Choose the columns for a width."""
        self._layout = fit(COLUMNS, width)

    def column_at(self, x: int) -> str | None:
        """Return the column at a cell of the header."""
        return self._layout.at(x)

    def header(self, width: int) -> Line:
        """Return the line of heads."""
        return self._layout.header(self.sort, descending=self.descending, glyphs=self.glyphs)

    @property
    def descending(self) -> bool:
        """Whether the highest, the newest, the best or the end of the alphabet comes first."""
        return self.reverse == (self.sort in WORDS)

    @property
    def sorted_by(self) -> str:
        """What the rows are sorted by where no head shows it; empty where one does."""
        if self._layout.width_of(self.sort):
            return ""
        return f"by {self.sort} {self.glyphs.descending if self.descending else self.glyphs.ascending}"

    def _count(self, column: str, number: int) -> str:
        """Write a count so that it fits its column."""
        return count_text(number, self._layout.width_of(column) or 6)

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        """Return one session's line."""
        row = self.session(index)
        if row is None:
            return [Text("")]
        header, stats = row.header, row.stats
        cells: dict[str, Cell] = {
            "title": header.title or (Text(row.words, MUTED) if row.words else Text(header.id, FAINT)),
            "age": ago(header.last_active_at, time.time(), minutes="m"),
            "channel": header.channel or "",
            "agent": header.agent,
            "model": header.model or "",
        }
        if stats is None:
            cells["score"] = Text("…" if header.rows else "empty", FAINT)
            cells["messages"] = Text(self._count("messages", header.rows), FAINT)
        else:
            rate = stats.reliability if stats.score is not None else None
            cells["score"] = bars.score(
                rate.value if rate else None,
                rate.low if rate else 0.0,
                rate.high if rate else 1.0,
                self._layout.width_of("score") or 14,
                glyphs=self.glyphs,
            )
            cells["messages"] = self._count("messages", stats.messages)
            cells["calls"] = self._count("calls", stats.calls)
            errors = bars.percent(stats.error_rate, glyphs=self.glyphs)
            cells["errors"] = Text(errors.plain, ERROR) if (stats.error_rate or 0) > 0.25 else errors
            cells["trend"] = bars.sparkline(stats.trend, 1.0, glyphs=self.glyphs)
            cells["type"] = stats.task_type or ""
        return [self._layout.row(cells, glyphs=self.glyphs)]
