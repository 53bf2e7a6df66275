"""All sessions of the sources, read from the index on demand and never held in memory as a whole."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from warmtui.library.index import IndexReader, SourceCounts
from warmtui.model.conditions import Selected, Selection
from warmtui.model.session import SessionKey
from warmtui.model.stats import SessionRow
from warmtui.workspace.catalogue import Catalogue

NOTHING = Selected(array("q"), {})
"""What is selected before the index is opened."""


class SessionTable(Mapping[SessionKey, SessionRow]):
    """The sessions of a catalogue, newest first; may be used from any thread.

    Nothing is kept here: of 100,000 sessions, only those being looked at take memory.

    Args:
        catalogue: the catalogue whose index is read.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._lock = threading.Lock()
        self._single: IndexReader | None = None
        """Reads the rows on the screen, so that they never wait for a query over the whole index."""
        self._whole: IndexReader | None = None
        self._writes = 0
        """How often the index was written."""
        self._kinds: Mapping[tuple[str, ...], int] = {}
        """How many sessions there were of each kind when last counted."""
        self._counted: tuple[int, list[str]] | None = None
        """The number of writes and the sources at that count."""

    def close(self) -> None:
        """Close the connections."""
        for reader in (self._single, self._whole):
            if reader is not None:
                reader.close()

    def _readers(self) -> tuple[IndexReader, IndexReader] | None:
        index = self._catalogue.opened
        if index is None:
            return None
        with self._lock:
            if self._single is None or self._whole is None:
                self._single, self._whole = IndexReader(index), IndexReader(index)
        return self._single, self._whole

    # as a mapping

    def __getitem__(self, key: SessionKey) -> SessionRow:
        found = self.by_number([key.id], [key.source])
        if not found:
            raise KeyError(key)
        return next(iter(found.values()))

    def __len__(self) -> int:
        readers = self._readers()
        return 0 if readers is None else readers[1].count(self._catalogue.sources)

    def __iter__(self) -> Iterator[SessionKey]:
        return iter([row.key for row in self.first(Selection(), -1)])

    # queries of the lists

    def select(self, selection: Selection, limit: int = -1) -> Selected:
        """Select and order sessions; see `IndexReader.select`.

        With a limit, `kinds` may be out of date by some writes, so that a screen need not wait for it.
        """
        readers = self._readers()
        if readers is None:
            return NOTHING
        sources = self._catalogue.sources
        # counting reads the whole index, and what a person types does not change the counts
        state = (self._writes, sources)
        known = state == self._counted or (limit >= 0 and self._counted is not None)
        found = readers[1].select(sources, selection, limit, self._kinds if known else None)
        if not known:
            self._kinds, self._counted = found.kinds, state
        return found

    def end_selection(self) -> None:
        """End the running `select`, which raises `SelectionEndedError`; from any thread."""
        readers = self._readers()
        if readers is not None:
            readers[1].end_selection()

    def move_changed(
        self, selection: Selection, before: array[int], keys: Collection[SessionKey]
    ) -> array[int]:
        """Move a few changed sessions to where they belong now; see `IndexReader.move_changed`.

        Args:
            selection: which were selected, and in which order.
            before: the numbers of all that were selected.
            keys: the sessions that changed.
        """
        readers = self._readers()
        if readers is None:
            return before
        changed = [number for key in keys for number in self.by_number([key.id], [key.source])]
        return readers[0].move_changed(self._catalogue.sources, selection, before, changed)

    def note_write(self) -> None:
        """Note that the index was written, so that the next `select` counts again."""
        self._writes += 1

    def fetch(self, numbers: Sequence[int]) -> dict[int, SessionRow]:
        """Return sessions by the numbers that `select` gave; those that are gone are left out."""
        readers = self._readers()
        return {} if readers is None else dict(readers[0].fetch(numbers))

    def by_number(self, ids: Iterable[str], sources: Iterable[str] | None = None) -> dict[int, SessionRow]:
        """Return the sessions with some ids by their numbers.

        Args:
            ids: the ids.
            sources: only of these.
        """
        readers, known = self._readers(), self._catalogue.sources
        places = [place for place in known if place in set(sources)] if sources is not None else known
        if readers is None or not places:
            return {}
        return dict(readers[0].with_ids(places, ids))

    def with_ids(self, ids: Iterable[str]) -> dict[SessionKey, SessionRow]:
        """Return the sessions with some ids, from any source."""
        return {row.key: row for row in self.by_number(ids).values()}

    def in_order(self, numbers: Sequence[int]) -> list[SessionRow]:
        """Return sessions in the order of their numbers; those that are gone are left out."""
        rows = self.fetch(numbers)
        return [rows[number] for number in numbers if number in rows]

    def first(self, selection: Selection, count: int) -> list[SessionRow]:
        """Return the first sessions of a selection; -1 for all."""
        return self.in_order(self.select(selection, count).numbers)

    def agents(self) -> list[str]:
        """Return the agents whose sessions the sources hold."""
        readers = self._readers()
        return [] if readers is None else readers[0].agents(self._catalogue.sources)

    def places(self) -> list[SourceCounts]:
        """Return what each source holds."""
        readers = self._readers()
        return [] if readers is None else readers[1].places(self._catalogue.sources)

    def values_of_fields(self) -> dict[str, list[str]]:
        """Return the values that a filter can name, by field."""
        readers = self._readers()
        return {} if readers is None else readers[1].values(self._catalogue.sources)
