"""What many sessions offer to keep, read one after another: one that cannot be read costs only itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from warmtui.model.session import Problem, SessionKey, unjudged, unreadable
from warmtui.workspace.copies import key_of
from warmtui.workspace.extraction import SessionOffer, offer_of
from warmtui.workspace.findings import findings_of
from warmtui.workspace.reader import JudgedSession, LocatedSession, OnProgress, Reader


class Offers(NamedTuple):
    """What sessions offer to keep, in the order in which they were given."""

    offers: tuple[SessionOffer, ...]
    problems: tuple[Problem, ...]
    """Why sessions are missing."""


def read_offers(
    reader: Reader, chosen: Sequence[LocatedSession], known: Iterable[str], progress: OnProgress | None = None
) -> Offers:
    """Read sessions and find what each offers to keep; nothing else of them stays in memory.

    Args:
        reader: the sources, used from this thread.
        chosen: the sessions.
        known: secret values that are known outright.
        progress: called with the numbers of sessions done and in total.
    """
    values = tuple(known)
    found: dict[SessionKey, SessionOffer | Problem] = {}
    for key, judged in _judged(reader, chosen):
        found[key] = judged if isinstance(judged, Problem) else offer_or_problem(judged, values)
        if progress is not None:
            progress(len(found), len(chosen))
    results = [found[key] for located in chosen if (key := key_of(located.header)) in found]
    return Offers(
        tuple(result for result in results if isinstance(result, SessionOffer)),
        tuple(result for result in results if isinstance(result, Problem)),
    )


def offer_or_problem(judged: JudgedSession, known: Iterable[str]) -> SessionOffer | Problem:
    """Return what a session offers to keep, or that it made warmtui fail.

    Args:
        judged: the session.
        known: secret values that are known outright.
    """
    try:
        return offer_of(findings_of(judged), known)
    except Exception as error:  # our fault with one session must not hide the others
        header = judged.session.header
        return unjudged(header.source, header.id, error)


def _judged(
    reader: Reader, chosen: Sequence[LocatedSession]
) -> Iterator[tuple[SessionKey, JudgedSession | Problem]]:
    """Yield every session, or why it cannot be read."""
    waiting = {key_of(located.header): located for located in chosen}
    try:
        for judged in reader.judged(chosen):
            key = key_of(judged.session.header)
            waiting.pop(key, None)
            yield key, judged
    except Exception:  # nothing says whose fault it is, so the others are read one by one below
        pass
    for key, located in waiting.items():
        if reader.stop.is_set():
            return
        try:
            judged_alone = next(reader.judged([located]), None)
        except Exception as error:
            yield key, unreadable(key.source, key.id, error)
        else:
            gone = Problem(f"{key.source}: session {key.id}", "is gone, or could not be judged")
            yield key, judged_alone or gone
