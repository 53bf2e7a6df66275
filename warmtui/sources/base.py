"""The one protocol that every source of sessions follows."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from warmtui.model.session import Problem, ReadRow, Session, SessionHeader, StoredMessage


class Listing(NamedTuple):
    """What a source holds, without its messages."""

    headers: tuple[SessionHeader, ...]
    """Newest first; empty sessions included (their `rows` is 0)."""
    problems: tuple[Problem, ...]
    """What could not be read; the rest was."""


class Stretch(NamedTuple):
    """Some rows of one session, as a pass over a whole source meets them."""

    session: str
    rows: Sequence[StoredMessage]
    read: ReadRow
    """Reads rows of this session, in their order; what it was given before may decide who wrote a row."""
    plain: bool = True
    """Whether every row counts as it is; else only `Source.read` tells which do."""


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

    def last_row(self, header: SessionHeader) -> int | None:
        """Return where a session's newest row lies among all rows; None when `stretches` is not offered."""
        ...

    def counts_alone(self, header: SessionHeader) -> bool:
        """Tell whether every row of a session counts unless it says otherwise itself.

        False where rows of another session decide: a continuation, a branch, what was continued.
        """
        ...

    def stretches(self, first: int, last: int, delegated: Container[str]) -> Iterator[Stretch]:
        """Yield rows `first` to `last`, of all sessions, in the order they were written.

        `delegated` are the sessions that work for another agent, whose user rows are not a person's.
        """
        ...

    def stretches_of(self, session: str, *, delegated: bool) -> Iterator[Stretch]:
        """Yield the rows of one session piece by piece, however long it is."""
        ...

    def changed(self) -> frozenset[str] | None:
        """Tell which sessions grew since the source was opened, or since the last `listing` or `changed`.

        None when nobody wrote. `headers` gives what is new; what else changed only a new `listing` shows.
        """
        ...

    def headers(self, ids: Iterable[str]) -> Mapping[str, SessionHeader]:
        """Return the newest headers of some sessions by their ids; one that is gone is left out."""
        ...

    def close(self) -> None:
        """Release the file; using the source afterwards is an error."""
        ...
