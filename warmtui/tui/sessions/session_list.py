"""The list of sessions: filtered, sorted, and kept up to date while agents write."""

from __future__ import annotations

import asyncio
import time
from array import array
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from rich.text import Text
from textual import on, work
from textual.cache import LRUCache
from textual.message import Message
from textual.reactive import var
from textual.timer import Timer

from warmtui.analysis.filters import Filter, parse
from warmtui.errors import WarmtuiError
from warmtui.model.conditions import Order, Selected, Selection
from warmtui.model.session import SessionKey
from warmtui.model.stats import SessionRow
from warmtui.text import ago, dollars, short_tokens
from warmtui.tui.list.columns import Cell, Column, Layout, fit
from warmtui.tui.list.row_list import RowList
from warmtui.tui.list.row_source import RowSource, RowState
from warmtui.tui.start import SCREENFUL
from warmtui.tui.ui_state import HIDDEN, unfiltered
from warmtui.tui.widgets import bars
from warmtui.tui.widgets.glyphs import Glyphs
from warmtui.tui.widgets.paint import ERROR, FAINT, MUTED, WARNING, Line
from warmtui.workspace.feed import Changes
from warmtui.workspace.session_table import SessionTable
from warmtui.workspace.sessions import Sessions

if TYPE_CHECKING:
    from warmtui.workspace.session_search import Ids

COLUMNS = (
    Column("score", "score", 14, 18, priority=1),
    Column("title", "title", 18, 44, priority=0, grow=True),
    Column("age", "age", 6, 6, priority=2, align="right"),
    Column("messages", "msgs", 6, 7, priority=4, align="right"),
    Column("calls", "calls", 6, 7, priority=5, align="right"),
    Column("errors", "errors", 6, 6, priority=3, align="right"),
    Column("trend", "trend", 8, 8, priority=6),
    Column("type", "type", 8, 8, priority=7),
    Column("tokens", "tokens", 7, 7, priority=9, align="right"),
    Column("cost", "cost", 6, 8, priority=10, align="right"),
    Column("agent", "agent", 11, 11, priority=13),
    Column("project", "project", 10, 16, priority=8),
    Column("channel", "channel", 8, 9, priority=12),
    Column("model", "model", 10, 20, priority=11),
)
SEVERAL = {"agent": 2.3, "project": 2.6}
"""Priorities where the sessions are of several agents: whose they are is told before their figures."""
JUDGED = frozenset({"score", "title", "messages", "calls", "errors", "trend", "type", "tokens", "cost"})
"""Columns whose order can change when a session is judged: a title may be the person's first words."""
SORTS: tuple[Order, ...] = get_args(Order)
WORDS = frozenset({"title", "type", "channel", "agent", "project", "model"})
"""Columns that are sorted from A to Z first, the others from the highest, the newest or the best."""
NOT_UNDERSTOOD = "!"
"""Stands before the title when something in the session was not understood."""
READ_AT_ONCE = 64
"""Sessions read together, more than most screens have lines; that takes a millisecond."""
READ_ROWS = 1_024
"""Sessions kept in memory."""

POLL_SECONDS = 0.25
"""Seconds between two checks of the sources; a check of an unchanged database costs microseconds."""
RETRY_SECONDS = 1.0
"""Seconds until another try after the sources could not be read."""
SLICE_SECONDS = 0.025
"""Seconds of judging between two redraws, so that keys never wait for it."""
ARRANGE_SECONDS = 0.2
"""The least number of seconds between two orders of the list."""
ARRANGE_SHARE = 5
"""Listing again after many sessions changed takes at most one part in this many of the time."""
QUIET_SHARE = 60
"""The same after a few sessions changed and were moved to their places: only counts may be out of date."""
FEW = 8
"""Up to this many changed sessions are moved to their places one by one."""
TOGETHER = 8
"""Up to this many sessions, new messages and their figures are drawn at once."""
MANY = 20_000
"""From this many sessions on, selecting all takes longer than a key may wait."""
SEARCH_SECONDS = 0.3
"""How long the old list stays during a search: most searches are quicker, and the matches in titles alone
would only flash up."""
TO_BEGIN = "f says where to begin, with a demo"
"""Shown where there is nothing to list."""


def count_text(number: int, width: int) -> str:
    """Write a count in at most this many cells: grouped, else without commas, else in whole thousands.

    >>> count_text(10_004, 6), count_text(10_004, 5), count_text(123_999, 5), count_text(1_234_567, 5)
    ('10,004', '10004', '123k', '1234k')
    """
    # cutting a number would show another number
    grouped, plain = f"{number:,}", str(number)
    return grouped if len(grouped) <= width else plain if len(plain) <= width else f"{number // 1000}k"


class SessionRows(RowSource):
    """Sessions in the order that they were selected in; read when they come into sight.

    Args:
        table: the sessions of the feed.
    """

    def __init__(self, table: SessionTable, glyphs: Glyphs) -> None:
        self.table = table
        self.glyphs = glyphs
        self.sort: Order = "age"
        self.reverse = False
        self._numbers = array("q")
        """The index's numbers of the sessions, in their order; as text they are the rows' keys."""
        self._read: LRUCache[int, SessionRow] = LRUCache(READ_ROWS)
        self._columns: Sequence[Column] = COLUMNS
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
            # neighbours come into sight next, and one query reads them all
            first = index - index % READ_AT_ONCE
            unread = [near for near in self._numbers[first : first + READ_AT_ONCE] if near not in self._read]
            for near, row in self.table.fetch(unread).items():
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
        return next((str(number) for number in self.table.by_number([key.id], [key.source])), None)

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
        self._layout = fit(self._columns, width)

    def put_agents(self, several: bool) -> bool:
        """Choose columns for sessions of one agent or of several; return whether they are others now."""
        before, priorities = self._columns, SEVERAL if several else {}
        self._columns = tuple(
            column._replace(priority=priorities.get(column.name, column.priority)) for column in COLUMNS
        )
        return self._columns != before

    def column_at(self, x: int) -> str | None:
        """Return the column at a cell of the header."""
        return self._layout.column_at(x)

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
            "project": header.project or "",
            "model": header.model or "",
        }
        if stats is None:
            cells["score"] = Text("…" if header.rows else "empty", FAINT)
            cells["messages"] = Text(self._count("messages", header.rows), FAINT)
        else:
            width = self._layout.width_of("score") or 14
            if stats.unread:
                title = cells["title"]
                cells["title"] = Text(f"{NOT_UNDERSTOOD} ", WARNING).append_text(
                    Text(title) if isinstance(title, str) else title
                )
            cells["score"] = bars.reliability(
                stats.reliability, width, weak=stats.rests_on_weak, glyphs=self.glyphs
            )
            cells["messages"] = self._count("messages", stats.messages)
            cells["calls"] = self._count("calls", stats.calls)
            errors = bars.percent(stats.error_rate, glyphs=self.glyphs)
            cells["errors"] = Text(errors.plain, ERROR) if (stats.error_rate or 0) > 0.25 else errors
            cells["trend"] = bars.sparkline(stats.trend, 1.0, glyphs=self.glyphs)
            cells["type"] = stats.task_type or ""
            cells["tokens"] = short_tokens(stats.tokens, stats.tokens_estimated, self.glyphs.about)
            cells["cost"] = "" if stats.cost_usd is None else dollars(stats.cost_usd)
        return [self._layout.row(cells, glyphs=self.glyphs)]


class SessionList(RowList):
    """The sessions of the workspace.

    Args:
        sessions: of the workspace.
    """

    troubles: var[tuple[str, ...]] = var((), init=False)
    """Sources that could not be read the last time."""

    class Listed(Message):
        """Sessions were listed: others, in another order, or of other kinds than before."""

    @dataclass
    class Updated(Message):
        """Agents wrote sessions, or sessions were judged."""

        keys: set[SessionKey]

    class Rearranged(Message):
        """The person sorted the list, or showed or hid a kind of sessions."""

    def __init__(self, sessions: Sessions, glyphs: Glyphs) -> None:
        self.rows = SessionRows(sessions.table, glyphs)
        super().__init__(
            self.rows, markable=True, pin_top=True, opens=False, id="sessions", empty="Reading sessions …"
        )
        self.sessions = sessions
        self.filter: Filter = parse("", now=time.time())
        self.hidden = dict(HIDDEN)
        """Kinds of sessions, and whether they are hidden."""
        self.kinds: Mapping[tuple[str, ...], int] = {}
        """How many sessions there are of each mix of kinds that can be hidden."""
        self.total = 0
        """How many sessions there are, hidden ones included."""
        self.looked = False
        """Whether the sources were read once, whatever was found."""
        self.notes: tuple[str, ...] = ()
        """How the free text was searched, where that is less than all."""
        self._found: Ids = {}
        """Ids by source of the sessions whose messages hold the free text."""
        self._until_found: Timer | None = None
        """Lists what is known when a search takes long."""
        self._wanted = 0
        """Counts the calls of `list_anew`."""
        self._listed = 0
        """The count that is listed now."""
        self._selection: Selection | None = None
        """What is being listed, or was last."""
        self._selecting = False
        self._changed: set[SessionKey] = set()
        """Changed sessions that are not yet moved to their places."""
        self._pending = 0
        """Not 0 while changes wait to be listed, which may take one part in this many of the time."""
        self._arranged_at = 0.0
        self._took = 0.0
        """Seconds that listing took last."""

    @property
    def settled(self) -> bool:
        """Whether the list shows all that is known: nothing waits to be listed or is being listed."""
        return not (self._pending or self._changed or self._selecting)

    def current(self) -> SessionRow | None:
        """Return the session under the cursor."""
        return self.rows.session(self.cursor)

    def chosen(self) -> list[SessionRow]:
        """Return the marked sessions in their order, those the filter hides last; else the current one."""
        found = self.rows.of_keys(self.marked) if self.marked else []
        row = self.current()
        return found or ([row] if row else [])

    # the feed

    @work(exclusive=True, group="feed")
    async def follow(self, *, preloaded: bool) -> None:
        """Keep the list up to date for as long as the app is open.

        Args:
            preloaded: the feed was begun already.
        """
        if not preloaded:
            with suppress(WarmtuiError):  # reported when everything is listed
                self._take(await self.sessions.begin())
        elif not len(self.rows):
            self.list_anew()
        force = True
        while True:
            try:
                changes = await self.sessions.refresh(force=force)
                force = False
            except WarmtuiError as error:
                # while nothing is listed, the error is shown in place of the list
                self.troubles = (str(error),) if len(self.rows) else ()
                self.empty = f"{error.what}\n{error.remedy}\n{TO_BEGIN}"
                self.looked = True
                await asyncio.sleep(RETRY_SECONDS)
                force = True
                continue
            if changes and self.looked and 0 < self.sessions.waiting <= TOGETHER:
                changes.add(await self.sessions.judge(SLICE_SECONDS, self._in_sight()))
            self.troubles = tuple(changes.problems)
            self._take(changes)
            self.looked = True
            if self.sessions.waiting:
                self._take(await self.sessions.judge(SLICE_SECONDS, self._in_sight()))
                await asyncio.sleep(0)
            else:
                self._list_changes()
                await asyncio.sleep(POLL_SECONDS)

    def _in_sight(self) -> list[SessionKey]:
        """Return the sessions on screen without figures, to be judged first."""
        rows = self.rows.sessions(int(self.scroll_y), self.size.height)
        return [row.key for row in rows if row.stats is None]

    def _take(self, changes: Changes) -> None:
        """Show what changed: figures at once, a new order at most five times a second."""
        if not changes or not self.is_attached:
            return
        self.update_keys(self.rows.forget(changes.updated))
        if len(self.rows) and not changes.removed and 0 < len(changes.updated) <= FEW:
            self._changed |= changes.updated
            self._start_selecting()
        else:
            self._pending = ARRANGE_SHARE
            # while thousands are judged the order stays, unless it is one of figures
            if self._depends_on_figures or changes.listed or changes.removed:
                self._list_changes()
        self.post_message(self.Updated(changes.updated))

    @property
    def _depends_on_figures(self) -> bool:
        """Whether what is listed, or its order, can change when a session is judged."""
        filtered = self.filter.judged or bool(self.filter.free_text)
        return filtered or self.rows.sort in JUDGED

    def _list_changes(self) -> None:
        """List what agents changed, unless that would take too much of the time."""
        pause = max(ARRANGE_SECONDS, self._pending * self._took)
        if self._pending and time.monotonic() - self._arranged_at > pause:
            self.list_anew()

    # selecting

    def wanted_selection(self) -> Selection:
        """Return which sessions are to be listed, and in which order."""
        return unfiltered(self.hidden, self.rows.sort, self.rows.reverse)._replace(
            conditions=self.filter.conditions,
            judged=self.filter.judged,
            words=self.sessions.words_of(self.filter.free_text),
            found=self._found,
        )

    def list_anew(self) -> None:
        """List the wanted sessions again, in order; the cursor stays on its session."""
        self._arranged_at = time.monotonic()
        self._pending = 0
        self._wanted += 1
        if self._selecting and self._selection is not None:
            wanted = self.wanted_selection()
            if wanted != self._selection._replace(found=wanted.found):  # results grow during a search
                self.sessions.end_selection()
        self._start_selecting()

    def _start_selecting(self) -> None:
        if not self._selecting:
            self._selecting = True
            self._select()

    @work(group="list")
    async def _select(self) -> None:
        """Select what is wanted until nothing newer is; keys are handled meanwhile."""
        try:
            while self.is_attached:
                if self._listed != self._wanted:
                    await self._select_all()
                elif self._changed and self._selection is not None:
                    await self._place_changed(self._selection)
                else:
                    break
        finally:
            self._selecting = False

    async def _select_all(self) -> None:
        """Select what is wanted now; a screenful is shown first where all of it takes long."""
        began = time.monotonic()
        self._listed, self._selection = self._wanted, self.wanted_selection()
        self._changed.clear()
        # with the cursor further down, the first screenful is not what the person sees
        if not self.cursor and (not len(self.rows) or self.total > MANY):
            self.show_selected(await self.sessions.select(self._selection, SCREENFUL))
        if self._listed == self._wanted:
            self.show_selected(await self.sessions.select(self._selection))
            self._took = time.monotonic() - began

    async def _place_changed(self, selection: Selection) -> None:
        """Move the few sessions that changed to their places."""
        changed, self._changed = self._changed, set()
        numbers = await self.sessions.move_changed(selection, self.rows.numbers, changed)
        if len(numbers) != len(self.rows):  # there may be more sessions, or others hidden
            self._pending = self._pending or QUIET_SHARE
        if self._listed == self._wanted:
            self.show_selected(Selected(numbers, self.kinds))

    def show_selected(self, selected: Selected | None) -> None:
        """Show what was selected; the cursor stays on its session.

        Args:
            selected: None where the selection was ended: what was shown stays.
        """
        if selected is None or not self.is_attached:
            return
        before = len(self.rows)
        moved = self.rows.put(selected.numbers)
        moved |= self.rows.put_agents(len(self.sessions.table.agents()) > 1)
        # kinds are counted now and then, new sessions listed at once
        self.total, self.kinds = max(selected.total, len(selected.numbers)), selected.kinds
        if moved or not before:  # what changed in its place was drawn already
            self.refresh_rows(keep_cursor=True)
        if not before and len(self.rows):
            self.goto(0)
        self.empty = self._why_empty()
        self.post_message(self.Listed())

    def _why_empty(self) -> str:
        if self.filter.terms or self.filter.free_text:
            return "No session fits the filter.\nEsc clears it."
        return f"No sessions yet.\nThey appear here as soon as an agent writes them.\n{TO_BEGIN}"

    # the filter

    def apply_filter(self, filter: Filter) -> None:  # noqa: A002 - what it is called everywhere else
        """List only the sessions that fit."""
        before, self.filter = self.filter.free_text, filter
        if filter.free_text != before:
            self._start_search(filter.free_text)
        if filter.free_text in ("", before):
            self._list_now()

    def _start_search(self, words: str) -> None:
        """Search for other words than before, or for none."""
        self._found = {}
        self.sessions.end_search()  # cancelling ends no process
        if self._until_found is not None:
            self._until_found.stop()
        if words:
            self._search(words)
            self._until_found = self.set_timer(SEARCH_SECONDS, self.list_anew)
        else:
            self.workers.cancel_group(self, "search")
            self.notes = ()

    @work(exclusive=True, group="search")
    async def _search(self, words: str) -> None:
        """Search all messages for free text."""

        def tell(done: int, total: int) -> None:
            if words == self.filter.free_text and self.is_attached:
                self.notes = (f"indexing sessions for search: {done:,} of {total:,}",)
                self.post_message(self.Listed())

        found = await self.sessions.search(words, lambda ids: self._take_found(words, ids), tell)
        if found is not None and words == self.filter.free_text:
            self.notes = found.remarks
            self._take_found(words, found.ids)

    def _take_found(self, words: str, ids: Ids) -> None:
        """List what was found so far, unless the filter has other words by now."""
        if words == self.filter.free_text and self.is_attached:
            self._found = ids
            self._list_now()

    def _list_now(self) -> None:
        """List again now, whatever a search finds later."""
        if self._until_found is not None:
            self._until_found.stop()
        self.list_anew()

    # order and kinds

    def sort_by(self, order: Order, *, reverse: bool = False) -> None:
        """Sort by a column."""
        self.rows.sort, self.rows.reverse = order, reverse
        self.list_anew()
        self.post_message(self.Rearranged())

    @on(RowList.HeaderClicked)
    def _on_header_clicked(self, event: RowList.HeaderClicked) -> None:
        order = next((order for order in SORTS if order == self.rows.column_at(event.x)), None)
        if order is not None:
            self.sort_by(order, reverse=not self.rows.reverse if order == self.rows.sort else False)

    def toggle_kind(self, kind: str) -> None:
        """Show or hide a kind of sessions."""
        self.hidden[kind] = not self.hidden[kind]
        self.list_anew()
        self.post_message(self.Rearranged())

    def hides(self) -> Counter[str]:
        """Return how many sessions are hidden for their kind; a session of two kinds counts for the first."""
        found: Counter[str] = Counter()
        for kinds, count in self.kinds.items():
            first = next((kind for kind in kinds if self.hidden[kind]), None)
            if first is not None:
                found[first] += count
        return found
