"""The list of sessions, row by row."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.text import Text

from warmtui.model.times import ago
from warmtui.tui.widgets import bars
from warmtui.tui.widgets.columns import Cell, Column, Layout, fit
from warmtui.tui.widgets.glyphs import Glyphs
from warmtui.tui.widgets.paint import ERROR, FAINT, MUTED, Line
from warmtui.tui.widgets.row_source import RowSource, RowState
from warmtui.workspace.feed import SessionKey, SessionRow

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
SORTS = ("age", "score", "title", "messages", "calls", "errors", "trend", "type", "channel", "agent", "model")
WORDS = frozenset({"title", "type", "channel", "agent", "model"})
"""Columns that are sorted from A to Z first, the others from the highest, the newest or the best."""


def key_text(key: SessionKey) -> str:
    """Return a session's key as a row's."""
    return f"{key.source}\0{key.id}"


def key_of(text: str) -> SessionKey:
    """Return the session's key that `key_text` made a text of."""
    source, _, name = text.partition("\0")
    return SessionKey(source, name)


def count_text(number: int, width: int) -> str:
    """Write a count in at most so many cells: grouped, else without commas, else in whole thousands.

    >>> count_text(10_004, 6), count_text(10_004, 5), count_text(123_999, 5), count_text(1_234_567, 5)
    ('10,004', '10004', '123k', '1234k')
    """
    grouped, plain = f"{number:,}", str(number)
    return grouped if len(grouped) <= width else plain if len(plain) <= width else f"{number // 1000}k"


def sort_value(name: str) -> Callable[[SessionRow], tuple[Any, ...]]:
    """Return the key that sorts rows by a column, ascending; rows without a value come last either way."""

    def age(row: SessionRow) -> tuple[Any, ...]:
        return (-(row.header.last_active_at or 0.0),)

    def score(row: SessionRow) -> tuple[Any, ...]:
        one = row.summary
        if one is None or one.score is None:
            return (1, 0, 0)
        return (0, -one.score, -one.calls)

    def figure(row: SessionRow) -> tuple[Any, ...]:
        return (row.summary is None, -(getattr(row.summary, name) if row.summary else -1))

    def trend(row: SessionRow) -> tuple[Any, ...]:
        gain = row.summary.gain if row.summary else None
        return (gain is None, gain or 0.0)

    def errors(row: SessionRow) -> tuple[Any, ...]:
        rate = row.summary.error_rate if row.summary else None
        return (rate is None, -(rate or 0.0))

    def word(row: SessionRow) -> tuple[Any, ...]:
        if name == "title":
            text = row.header.title or row.words
        elif name == "type":
            text = (row.summary.task_type if row.summary else None) or ""
        else:
            text = getattr(row.header, name) or ""
        return (not text, text.casefold())

    found: dict[str, Callable[[SessionRow], tuple[Any, ...]]] = {
        "age": age,
        "score": score,
        "errors": errors,
        "messages": figure,
        "calls": figure,
        "trend": trend,
    }
    return found.get(name, word)


class SessionRows(RowSource):
    """Sessions in their present order.

    Args:
        rows: every session by its key; the feed's own mapping.
        glyphs: the signs to draw with.
    """

    def __init__(self, rows: Mapping[SessionKey, SessionRow], glyphs: Glyphs) -> None:
        self.rows = rows
        self.glyphs = glyphs
        self.keys: Sequence[SessionKey] = ()
        self.sort = "age"
        self.reverse = False
        self._places: dict[str, int] = {}
        self._layout: Layout = fit(COLUMNS, 80)

    def arrange(self, keep: Callable[[SessionRow], bool]) -> None:
        """Filter and sort anew.

        Args:
            keep: whether a session is shown.
        """
        shown = [row for row in list(self.rows.values()) if keep(row)]
        shown.sort(key=sort_value("age"))
        if self.sort != "age" or self.reverse:
            value = sort_value(self.sort)
            shown.sort(key=value, reverse=self.reverse)
            if self.reverse and self.sort != "age":
                shown.sort(key=lambda row: bool(value(row)[0]))
        self.keys = [row.key for row in shown]
        self._places = {key_text(key): index for index, key in enumerate(self.keys)}

    def session(self, index: int) -> SessionRow | None:
        """Return the session at a position, None when it went away."""
        return self.rows.get(self.keys[index]) if 0 <= index < len(self.keys) else None

    def __len__(self) -> int:
        return len(self.keys)

    def key(self, index: int) -> str:
        """Return what names the session for good."""
        return key_text(self.keys[index])

    def index_of(self, key: str) -> int | None:
        """Return where a session stands."""
        return self._places.get(key)

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
        header, one = row.header, row.summary
        cells: dict[str, Cell] = {
            "title": header.title or (Text(row.words, MUTED) if row.words else Text(header.id, FAINT)),
            "age": ago(header.last_active_at, time.time(), minutes="m"),
            "channel": header.channel or "",
            "agent": header.agent,
            "model": header.model or "",
        }
        if one is None:
            cells["score"] = Text("…" if header.rows else "empty", FAINT)
            cells["messages"] = Text(self._count("messages", header.rows), FAINT)
        else:
            rate = one.reliability if one.score is not None else None
            cells["score"] = bars.score(
                rate.value if rate else None,
                rate.low if rate else 0.0,
                rate.high if rate else 1.0,
                self._layout.width_of("score") or 14,
                glyphs=self.glyphs,
            )
            cells["messages"] = self._count("messages", one.messages)
            cells["calls"] = self._count("calls", one.calls)
            errors = bars.percent(one.error_rate, glyphs=self.glyphs)
            cells["errors"] = Text(errors.plain, ERROR) if (one.error_rate or 0) > 0.25 else errors
            cells["trend"] = bars.sparkline(one.trend, 1.0, glyphs=self.glyphs)
            cells["type"] = one.task_type or ""
        return [self._layout.row(cells, glyphs=self.glyphs)]
