"""The list of sessions: filtered, sorted, and kept up to date while agents write."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on, work
from textual.message import Message
from textual.reactive import var
from textual.timer import Timer

from warmtui.analysis.filters import Filter, parse
from warmtui.errors import WarmtuiError
from warmtui.model.conditions import Order, Selected, Selection
from warmtui.tui.list.row_list import RowList
from warmtui.tui.preload import HIDDEN, SCREENFUL, unfiltered
from warmtui.tui.sessions.rows import JUDGED, SORTS, SessionRows
from warmtui.tui.widgets.glyphs import Glyphs
from warmtui.workspace.feed import Changes
from warmtui.workspace.session_table import SessionKey, SessionRow
from warmtui.workspace.sessions import Sessions

if TYPE_CHECKING:
    from warmtui.workspace.session_search import Ids

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


class SessionList(RowList):
    """The sessions of the workspace.

    Args:
        sessions: of the workspace.
        glyphs: the signs to draw with.
    """

    troubles: var[tuple[str, ...]] = var((), init=False)
    """Sources that could not be read the last time."""

    @dataclass
    class Listed(Message):
        """Sessions were listed: others, in another order, or of other kinds than before."""

        session_list: SessionList

        @property
        def control(self) -> SessionList:
            """The list."""
            return self.session_list

    @dataclass
    class Updated(Message):
        """Agents wrote sessions, or sessions were judged."""

        session_list: SessionList
        keys: set[SessionKey]

        @property
        def control(self) -> SessionList:
            """The list."""
            return self.session_list

    @dataclass
    class Rearranged(Message):
        """The person sorted the list, or showed or hid a kind of sessions."""

        session_list: SessionList

        @property
        def control(self) -> SessionList:
            """The list."""
            return self.session_list

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
        self.post_message(self.Updated(self, changes.updated))

    @property
    def _depends_on_figures(self) -> bool:
        """Whether what is listed, or its order, can change when a session is judged."""
        filtered = self.filter.needs_figures or self.filter.needs_tools or bool(self.filter.free_text)
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
            judged=self.filter.needs_figures or self.filter.needs_tools,
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
        if not self.cursor and (not len(self.rows) or self.total > MANY):
            self.show_selected(await self.sessions.select(self._selection, SCREENFUL))
        if self._listed == self._wanted:
            self.show_selected(await self.sessions.select(self._selection))
            self._took = time.monotonic() - began

    async def _place_changed(self, selection: Selection) -> None:
        """Move the few sessions that changed to their places."""
        changed, self._changed = self._changed, set()
        numbers = await self.sessions.placed(selection, self.rows.numbers, changed)
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
        # kinds are counted now and then, new sessions listed at once
        self.total, self.kinds = max(selected.total, len(selected.numbers)), selected.kinds
        if moved or not before:  # what changed in its place was drawn already
            self.refresh_rows(keep_cursor=True)
        if not before and len(self.rows):
            self.goto(0)
        self.empty = self._why_empty()
        self.post_message(self.Listed(self))

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
        found = await self.sessions.search(words, lambda ids: self._take_found(words, ids))
        if found is not None and words == self.filter.free_text:
            self.notes = found.notes
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
        self.post_message(self.Rearranged(self))

    @on(RowList.HeaderClicked)
    def _on_header_clicked(self, event: RowList.HeaderClicked) -> None:
        order = next((order for order in SORTS if order == self.rows.column_at(event.x)), None)
        if order is not None:
            self.sort_by(order, reverse=not self.rows.reverse if order == self.rows.sort else False)

    def toggle_kind(self, kind: str) -> None:
        """Show or hide a kind of sessions."""
        self.hidden[kind] = not self.hidden[kind]
        self.list_anew()
        self.post_message(self.Rearranged(self))

    def hides(self) -> Counter[str]:
        """Return how many sessions are hidden for their kind; a session of two kinds counts for the first."""
        found: Counter[str] = Counter()
        for kinds, count in self.kinds.items():
            first = next((kind for kind in kinds if self.hidden[kind]), None)
            if first is not None:
                found[first] += count
        return found
