"""Sessions that several sources hold: a database and its export, a copy of a transcript.

Each is listed once, by its newest copy. Two sessions are the same when agent and id are, and they began at
the same time; where one does not say when, one begins with all that the other says. So two different
sessions that share an id, as `1` in two files, stay two.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from warmtui.model.session import Problem, Session, SessionHeader, SessionKey
from warmtui.sources.copies import began_together, say_the_same


@dataclass(slots=True)
class Copies:
    """Which sessions are copies of listed ones.

    Args:
        read: reads a whole session; None if it is gone or cannot be read.
    """

    read: Callable[[SessionHeader], Session | None]
    newer: dict[SessionKey, SessionHeader] = field(default_factory=dict)
    """The session that is listed in place of each copy."""
    older: dict[SessionKey, list[SessionHeader]] = field(default_factory=dict)
    """The copies of each session that is listed and has any."""
    _same: dict[tuple[SessionHeader, SessionHeader], bool] = field(default_factory=dict)
    """What was found by reading."""

    def settle(self, groups: Iterable[Sequence[SessionHeader]], ids: Collection[str] | None = None) -> None:
        """Decide anew which sessions are copies.

        Args:
            groups: the sessions of several sources that share agent and id; of equally new copies, the
                first is listed.
            ids: the ids that are looked at; None for all.
        """
        for known in (self.newer, self.older):
            for key in [key for key in known if ids is None or key.id in ids]:
                known.pop(key)
        for group in groups:
            listed: list[SessionHeader] = []
            for header in sorted(group, key=_newness, reverse=True):
                same = next((other for other in listed if self._are_same(other, header)), None)
                if same is None:
                    listed.append(header)
                else:
                    self.newer[key_of(header)] = same
                    self.older.setdefault(key_of(same), []).append(header)

    def problems_of(self, key: SessionKey) -> tuple[Problem, ...]:
        """Name the copies of a listed session."""
        return tuple(
            Problem(f"{key.source}: session {key.id}", f"also in {copy.source}, {_kind(copy, self.newer)}")
            for copy in self.older.get(key, ())
        )

    def _are_same(self, header: SessionHeader, other: SessionHeader) -> bool:
        together = began_together(header, other)
        if together is not None:
            return together
        pair = (header, other)
        if pair not in self._same:
            self._same[pair] = say_the_same(self.read(header), self.read(other))
        return self._same[pair]


def key_of(header: SessionHeader) -> SessionKey:
    """Return a session's key."""
    return SessionKey(header.source, header.id)


def _newness(header: SessionHeader) -> tuple[float, int]:
    at = header.last_active_at or header.started_at or 0.0
    return (at if at == at else 0.0, header.rows)


def _kind(copy: SessionHeader, newer: dict[SessionKey, SessionHeader]) -> str:
    listed = newer[key_of(copy)]
    return "an older copy" if _newness(copy) < _newness(listed) else "the same copy"
