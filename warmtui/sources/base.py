"""The protocols of session sources: `Source` for all, `Searchable` for those with message search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from warmtui.model.session import Problem, Session, SessionHeader


class Listing(NamedTuple):
    """What a source holds, without its messages."""

    headers: tuple[SessionHeader, ...]
    """Newest first; empty sessions included (their `rows` is 0)."""
    problems: tuple[Problem, ...]
    """What could not be read; the rest was."""
    notes: tuple[str, ...] = ()
    """What a person should know once, and `doctor` tells: a version that is newer than is known."""


class Source(Protocol):
    """Sessions of one agent at one place, read-only.

    A source is used from one thread at a time. Every method raises `SourceError` when the place as a
    whole cannot be read; a single bad session or message becomes a `Problem` instead.
    """

    agent: str
    """Which program wrote the sessions: `hermes`, `openai`, …"""
    path: Path

    def listing(self) -> Listing:
        """Return the headers of all sessions."""
        ...

    def newest(self, count: int) -> list[SessionHeader]:
        """Return the headers of the sessions that began last, without looking at the others."""
        ...

    def read(self, ids: Sequence[str], *, prompts: bool = True) -> Iterator[Session]:
        """Yield whole sessions, in the order of `ids`; ids that are gone are left out.

        System prompts are long and few figures need them: `prompts=False` leaves them unread.
        """
        ...

    def changed(self) -> frozenset[str] | None:
        """Return which sessions grew since the source was opened, or since the last `listing` or `changed`.

        Returns:
            None if nothing was written. Any other change (a title, an end, a rewind) shows only in `listing`.
        """
        ...

    def headers(self, ids: Iterable[str]) -> Mapping[str, SessionHeader]:
        """Return the newest headers of some sessions by their ids; one that is gone is left out."""
        ...

    def close(self) -> None:
        """Release the file; using the source afterwards is an error."""
        ...


class SearchResult(NamedTuple):
    """The sessions that a search found."""

    ids: tuple[str, ...]
    """Ordered by their newest matching message, newest first."""
    note: str
    """What to tell the person about how it was searched; "" for nothing."""
    not_searched: tuple[str, ...] = ()
    """What was left out, and why; empty if all messages were searched."""


OnFound = Callable[[frozenset[str]], None]
"""Called with the ids of the sessions found so far."""


class Searchable(Protocol):
    """A source whose messages can be searched; it is opened for searching alone, one search at a time."""

    def search(self, words: str, *, limit: int, on_found: OnFound) -> SearchResult:
        """Find the sessions with a message that holds every word.

        Args:
            words: as a person types them; see `warmtui.model.search_words`.
            limit: how many sessions at most.
            on_found: called while older messages are searched.

        Raises:
            ReadInterruptedError: `interrupt` was called after the search began.
            SourceError: the source cannot be read.
        """
        ...

    def interrupt(self) -> None:
        """End the running search, from any thread."""
        ...

    def close(self) -> None:
        """Release the file."""
        ...
