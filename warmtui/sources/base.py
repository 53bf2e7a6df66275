"""The one protocol that every source of sessions follows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from warmtui.model.session import Message, Problem, Session, SessionHeader


class Listing(NamedTuple):
    """What a source holds, without its messages."""

    headers: tuple[SessionHeader, ...]
    """Newest first; empty sessions included (their `rows` is 0)."""
    problems: tuple[Problem, ...]
    """What could not be read; the rest was."""


class Stretch(NamedTuple):
    """Some messages of one session, as a pass over a whole source meets them."""

    session: str
    messages: tuple[Message, ...]
    problems: tuple[Problem, ...]
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

    def read(self, ids: Sequence[str], *, prompts: bool = True) -> Iterator[Session]:
        """Yield whole sessions, in the order of `ids`; ids that are gone are left out.

        System prompts are long and few figures need them: `prompts=False` leaves them unread.
        """
        ...

    def changed(self) -> frozenset[str] | None:
        """Tell which sessions grew since the last `listing` or `changed`; None when nobody wrote.

        After it, `header` and `read` give what is new. What else changed only a new `listing` shows.
        """
        ...

    def header(self, session: str) -> SessionHeader | None:
        """Return the newest header of a session that was listed."""
        ...

    def close(self) -> None:
        """Release the file; using the source afterwards is an error."""
        ...
