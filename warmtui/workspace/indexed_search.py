"""Search in sources that have no index of their own, through the index of words."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from warmtui.analysis.stats import RULES
from warmtui.errors import LibraryError
from warmtui.library.text_index import FoundTexts, IndexedSession, TextIndex
from warmtui.model.search_words import CUT, Piece, pieces_of
from warmtui.model.session import Message, Session, SessionHeader
from warmtui.sources.base import OnFound, SearchResult, Source
from warmtui.sources.live_database import ReadInterruptedError

SECONDS = 2.0
"""After this many seconds a search one by one ends with what it has."""
BATCH = 32
"""Sessions that are indexed in one transaction, if they are not long."""
BATCH_CHARACTERS = 4 * 2**20
"""A transaction ends early when its texts reach this, so that Ctrl-C loses little."""
LOOK_SECONDS = 3.0
"""Seconds between two looks at what is indexed so far."""


def open_text_index(path: Path | None) -> TextIndex:
    """Open the index of words.

    Args:
        path: of the file, without the rules in its name; None for an index in memory.

    Raises:
        LibraryError: it cannot be written.
    """
    return TextIndex(path, RULES)


class IndexedSource:
    """Searches the messages of one source; the first search indexes them, later ones what changed.

    Args:
        source: the source, for this alone.
        index: where its messages are kept.
        on_progress: called with how many of how many sessions are indexed.
    """

    def __init__(self, source: Source, index: TextIndex, on_progress: Callable[[int, int], None]) -> None:
        self._source = source
        self._place = str(source.path)
        self._index = index
        self._interrupts = 0
        self._is_current = False
        """Whether all that was listed last is indexed."""
        self._troubles: tuple[str, ...] = ()
        """What of the source could not be listed or indexed."""
        self._on_progress = on_progress

    def search(self, words: str, *, limit: int, on_found: OnFound) -> SearchResult:
        """Find the sessions with a message that holds every word; see `Searchable.search`.

        Raises:
            ReadInterruptedError: `interrupt` was called after the search began.
            SourceError: the source cannot be read.
            LibraryError: the index cannot be used.
        """
        interrupts = self._interrupts
        pieces, cut = pieces_of(words)
        if not pieces or limit <= 0:
            return SearchResult((), "" if pieces else "nothing to search for")
        try:
            self._update(pieces, interrupts, on_found)
            found = self._find(pieces, on_found)
            left_out = [*([CUT] if cut else []), *self._left_out()]
        except LibraryError:
            self._check(interrupts)
            raise
        if not found.complete:
            left_out.append(f"older messages: the search ended after {SECONDS:g} s")
        if len(found.ids) > limit:
            left_out.append(f"more sessions with the words than the newest {limit:,}")
        return SearchResult(found.ids[:limit], "", tuple(left_out))

    def _check(self, interrupts: int) -> None:
        if self._interrupts != interrupts:
            raise ReadInterruptedError(f"searching {self._place} was interrupted")

    def _update(self, pieces: Sequence[Piece], interrupts: int, on_found: OnFound) -> None:
        """Index what is new or changed, newest first, and tell what is found meanwhile."""
        if self._source.changed() is None and self._is_current:
            return
        self._is_current = False
        listing = self._source.listing()
        self._troubles = tuple(f"{problem.place}: {problem.text}" for problem in listing.problems)
        waiting: list[SessionHeader] = []
        done, looked = 0, 0.0
        try:
            waiting = self._index.sync(self._place, listing.headers)
            while done < len(waiting):
                if time.monotonic() - looked > LOOK_SECONDS:
                    on_found(frozenset(self._find(pieces, on_found).ids))
                    looked = time.monotonic()
                self._on_progress(done, len(waiting))
                some = {header.id: header for header in waiting[done : done + BATCH]}
                for batch in self._read(some, interrupts):
                    self._index.put(self._place, batch)
                done += len(some)
        except LibraryError as error:
            self._check(interrupts)
            # what is indexed is searched all the same
            self._troubles += (f"sessions that are not indexed, {len(waiting) - done:,}: {error.what}",)
        else:
            self._is_current = True

    def _read(self, headers: Mapping[str, SessionHeader], interrupts: int) -> Iterator[list[IndexedSession]]:
        """Read sessions, and yield them as soon as they hold `BATCH_CHARACTERS`."""
        batch: list[IndexedSession] = []
        size = 0
        for session in self._source.read(list(headers), prompts=False):
            self._check(interrupts)
            batch.append(_indexed(session, headers[session.header.id]))
            size += sum(map(len, batch[-1].texts))
            if size > BATCH_CHARACTERS:
                yield batch
                batch, size = [], 0
        yield batch

    def _find(self, pieces: Sequence[Piece], on_found: OnFound) -> FoundTexts:
        deadline = time.monotonic() + SECONDS
        return self._index.search(self._place, pieces, deadline=deadline, on_found=on_found)

    def _left_out(self) -> list[str]:
        """Return what of the source could not be read."""
        told = list(self._troubles)
        troubles = self._index.troubles(self._place)
        if troubles:
            (name, why), *others = troubles
            more = f", and parts of {len(others):,} more sessions" if others else ""
            told.append(f"parts of session {name} ({why}){more}")
        return told

    def interrupt(self) -> None:
        """End the running search, from any thread."""
        self._interrupts += 1
        self._index.interrupt()

    def close(self) -> None:
        """Release the source."""
        self._source.close()


def _indexed(session: Session, header: SessionHeader) -> IndexedSession:
    """Return what the index takes of a session; its stamp is that of the listing before it was read."""
    trouble = f"{session.problems[0].place}: {session.problems[0].text}" if session.problems else ""
    return IndexedSession(header, [text for text in map(_text, session.messages) if text], trouble)


def _text(message: Message) -> str:
    """Return all that a message says: its text, the tool it is of, its calls with their arguments."""
    parts = [message.text, message.tool, *(f"{call.tool} {call.arguments}" for call in message.calls)]
    return "\n".join(filter(None, parts))
