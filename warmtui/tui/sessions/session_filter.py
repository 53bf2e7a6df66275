"""Which sessions the list shows, and in which order: the filter, what is hidden, how it is sorted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on, work
from textual.suggester import Suggester
from textual.timer import Timer
from textual.widgets import Input, Static
from textual.worker import Worker

from warmtui.analysis.filters import Filter, complete, parse
from warmtui.library.profiles import Selection
from warmtui.tui.base_screen import BaseScreen
from warmtui.tui.list.row_list import RowList
from warmtui.tui.list.row_messages import HeaderClicked
from warmtui.tui.preload import HIDDEN, unfiltered
from warmtui.tui.sessions.session_rows import SORTS, SessionRows
from warmtui.tui.widgets.glyphs import glyphs_of
from warmtui.tui.widgets.paint import content

if TYPE_CHECKING:
    from warmtui.workspace.searcher import Ids

KINDS = {"empty": "empty", "archived": "archived", "subagents": "subagent"}
"""What can be hidden, and how a session of the kind is called."""
SEARCH_SECONDS = 0.3
"""So long what was listed before stays while messages are searched: most searches are quicker, and what their
titles alone would list would only flash up."""
TO_BEGIN = "f says where to begin, with a demo"
"""Where there is nothing to list."""


def one_phrase(free_text: str) -> str:
    """Return what can be gone to in a message: a word or a phrase, but not words that stand anywhere.

    >>> one_phrase("coupon"), one_phrase('"not found"'), one_phrase("coupon cart")
    ('coupon', 'not found', '')
    """
    words = free_text[1:-1] if len(free_text) > 2 and free_text[0] == free_text[-1] == '"' else free_text
    return "" if '"' in words or (" " in words and words == free_text) else words


class FilterSuggester(Suggester):
    """Completes the field or value that is being typed; the right arrow takes it.

    Args:
        values: gives known values by field.
    """

    def __init__(self, values: Callable[[], Mapping[str, Sequence[str]]]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._values = values

    async def get_suggestion(self, value: str) -> str | None:
        """Return the whole text with the first completion, when that continues what is typed."""
        for one in complete(value, len(value), self._values())[:5]:
            whole = value[: one.start] + one.replacement
            if whole.startswith(value) and whole != value:
                return whole
        return None


class SessionsChoosing(BaseScreen):
    """What decides which sessions are listed; use `SessionsScreen`."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = SessionRows(self.workspace.feed.rows, glyphs_of(self))
        self.filter: Filter = parse("", now=time.time())
        self.hidden = dict(HIDDEN)
        self.kinds: Mapping[tuple[str, ...], int] = {}
        """How many sessions there are of each mix of kinds that can be hidden."""
        self._found: Ids = {}
        """Ids by source of the sessions whose messages hold the free text."""
        self._until_found: Timer | None = None
        """Lists what is known when a search takes long."""
        self._values: Mapping[str, Sequence[str]] = {}
        """What a filter can name, by field, as far as it was learned."""
        self._notes: tuple[str, ...] = ()
        """How the free text was searched, where that is less than all."""
        self._troubles: tuple[str, ...] = ()
        """What could not be read."""
        self._said = ""
        """What `draw_problems` said last."""

    # what the screen gives

    @property
    def table(self) -> RowList:
        """The list of sessions."""
        return self.query_one("#sessions", RowList)

    def list_anew(self) -> None:
        """List anew what is to be listed, in its order."""
        raise NotImplementedError

    async def learn(self) -> None:
        """Learn what values fields have."""
        raise NotImplementedError

    def remember(self) -> Worker[None]:
        """Keep where the person is, for the next start."""
        raise NotImplementedError

    # which

    @property
    def asks_for_figures(self) -> bool:
        """Whether what is listed can change when a session is judged."""
        one = self.filter
        return one.needs_figures or one.needs_tools or bool(one.free_text)

    def asked(self) -> Selection:
        """Return what is to be listed, in its order."""
        one = self.filter
        return unfiltered(self.hidden, self.rows.sort, self.rows.reverse)._replace(
            conditions=one.conditions,
            judged=one.needs_figures or one.needs_tools,
            words=self.workspace.words_of(one.free_text),
            found=self._found,
        )

    def hides(self) -> Counter[str]:
        """Return how many sessions are hidden for their kind; what is of two counts for the first."""
        found: Counter[str] = Counter()
        for kinds, count in self.kinds.items():
            first = next((kind for kind in kinds if self.hidden[kind]), None)
            if first is not None:
                found[first] += count
        return found

    @work(exclusive=True, group="search")
    async def _search(self, words: str) -> None:
        """Look for free text in all messages."""
        found = await self.workspace.search(words, lambda ids: self._take_found(words, ids))
        if found is not None and words == self.filter.free_text:
            self._notes = found.notes
            self._take_found(words, found.ids)

    def _take_found(self, words: str, ids: Ids) -> None:
        """List what was found so far, unless something else is looked for by now."""
        if words == self.filter.free_text and self.laid_out:
            self._found = ids
            self._list_now()

    def _list_now(self) -> None:
        """List anew, whatever a search finds later."""
        if self._until_found is not None:
            self._until_found.stop()
        self.list_anew()

    def values(self) -> Mapping[str, Sequence[str]]:
        """Return the values that filters can name."""
        return self._values

    def nothing(self) -> str:
        """Say why the list is empty."""
        if self.filter.terms or self.filter.free_text:
            return "No session fits the filter.\nEsc clears it."
        return f"No sessions yet.\nThey appear here as soon as an agent writes them.\n{TO_BEGIN}"

    def draw_problems(self) -> None:
        """Say what of the filter makes no sense, how it was searched and what could not be read."""
        said = [problem.text for problem in self.filter.problems[:2]]
        said += [*self._notes, *self._troubles]
        text = "\n".join(said[:3])
        if text != self._said:  # else all of the screen would be laid out for nothing
            self._said = text
            line = self.query_one(".problem", Static)
            line.set_class(bool(said), "-shown")
            line.update(content(Text(text)))

    # keys

    def action_filter(self) -> None:
        """Open the filter."""
        self.type_into(self.query_one("#filter", Input))
        self._learn()
        self._prepare()

    @work(exclusive=True, group="learn")
    async def _learn(self) -> None:
        await self.learn()

    @work(group="prepare")
    async def _prepare(self) -> None:
        await self.workspace.prepare_search()

    @on(Input.Changed, "#filter")
    def _filter_changed(self, event: Input.Changed) -> None:
        environ = self.workspace.environ
        zone = datetime.now().astimezone().tzinfo or UTC
        words = self.filter.free_text
        self.filter = parse(event.value, now=time.time(), home=environ.get("HOME"), zone=zone)
        if self.filter.free_text != words:
            self._search_anew(self.filter.free_text)
        if self.filter.free_text in ("", words):
            self._list_now()
        self.draw_problems()
        self.remember()

    def _search_anew(self, words: str) -> None:
        """Look for other words than before, or for none."""
        self._found = {}
        self.workspace.end_search()  # cancelling ends no process
        if self._until_found is not None:
            self._until_found.stop()
        if words:
            self._search(words)
            self._until_found = self.set_timer(SEARCH_SECONDS, self.list_anew)
        else:
            self.workers.cancel_group(self, "search")
            self._notes = ()

    @on(Input.Submitted, "#filter")
    def _filter_done(self, event: Input.Submitted) -> None:
        if not event.value.strip():
            event.input.remove_class("-open")
        self.table.focus()

    def action_sort(self) -> None:
        """Sort by the next column."""
        self.rows.sort = SORTS[(SORTS.index(self.rows.sort) + 1) % len(SORTS)]
        self.list_anew()
        self.remember()

    def action_reverse(self) -> None:
        """Reverse the order."""
        self.rows.reverse = not self.rows.reverse
        self.list_anew()
        self.remember()

    @on(RowList.HeaderClicked, "#sessions")
    def _header_clicked(self, event: HeaderClicked) -> None:
        name = self.rows.column_at(event.x)
        if name in SORTS:
            self.rows.reverse = not self.rows.reverse if name == self.rows.sort else False
            self.rows.sort = name
            self.list_anew()
            self.remember()

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why there is nothing to show or hide; empty when there is."""
        if action == "show_or_hide":
            kind = str(parameters[0])
            return (
                "" if any(kind in kinds for kinds in self.kinds) else f"there are no {KINDS[kind]} sessions"
            )
        return super().why_not(action, parameters)

    def action_show_or_hide(self, what: str) -> None:
        """Show or hide a kind of sessions, and say how many that are."""
        before = self.hides()[what]
        self.hidden[what] = not self.hidden[what]
        self.list_anew()
        self.remember()
        count, done = (self.hides()[what], "hidden") if self.hidden[what] else (before, "shown")
        plural = "session is" if count == 1 else "sessions are"
        self.notify(f"{count:,} {KINDS[what]} {plural} {done}", timeout=2, markup=False)
