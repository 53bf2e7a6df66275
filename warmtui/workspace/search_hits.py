"""The hits of a search: messages with its words, and the text around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from warmtui.model.search_words import Finder
from warmtui.model.session import Message, Origin, Session, SessionHeader
from warmtui.workspace.reader import LocatedSession, Reader
from warmtui.workspace.session_search import Found

AROUND = 60
"""Characters of a snippet on either side of the first words."""
BATCH = 16
"""Sessions that are read at a time."""
MASKED_AROUND = 4_000
"""Characters on either side that are masked with it: a secret is known by what stands before it."""


class Hit(NamedTuple):
    """A message, or one of its calls, that holds all words of a search."""

    session: SessionHeader
    position: int
    """Index of the message in its session."""
    call_id: str | None
    """The call whose arguments or result hold the words; None where it is what somebody said."""
    origin: Origin
    snippet: str
    """The words with the text around them, masked, on one line."""
    spans: Sequence[tuple[int, int]]
    """Where in the snippet the words stand."""


class Hits(NamedTuple):
    """The result of `Sessions.search_hits`."""

    hits: tuple[Hit, ...]
    """Newest session first, in the order of its messages."""
    notes: tuple[str, ...]
    """What a person should know about how it was searched."""
    not_searched: tuple[str, ...]
    """What was left out, and why."""


def locate(
    reader: Reader,
    found: Found,
    finder: Finder,
    mask: Callable[[str], str],
    *,
    limit: int,
    include_hidden: bool,
) -> Hits:
    """Read the sessions that were found, newest first, and find the words in them.

    Args:
        reader: the sources.
        found: what a search found.
        finder: finds the words.
        mask: replaces secrets.
        limit: at most this many hits.
        include_hidden: look in archived and hidden sessions too.

    Raises:
        SourceError: no source could be read.
    """
    if found.ids and not any(found.ids.values()):
        return Hits((), found.notes, found.not_searched)
    located = reader.headers()
    ids = {id(reader.source_at(path)): set(some) for path, some in found.ids.items() if some}
    chosen = [place for place in located if place.header.id in ids.get(id(place.source), ())]
    left_out = Counter(_why_hidden(place.header) for place in chosen if not include_hidden)
    shown = [place for place in chosen if include_hidden or not _why_hidden(place.header)]
    hits: list[Hit] = []
    told = list(found.not_searched)
    for done, session in enumerate(_read(shown)):
        if len(hits) >= limit or reader.stop.is_set():
            told.append(f"more sessions with the words, {len(shown) - done:,}: --limit {limit} was reached")
            break
        hits += hits_in(session, finder, mask)
        problems = (f"{problem.place}: {problem.text}" for problem in session.problems)
        # of a session that was indexed in parts, the search told the first already
        told += [text for text in problems if not any(text in other for other in told)]
    if len(hits) > limit:
        told.append(f"more places in the last session, {len(hits) - limit:,}: --limit {limit} was reached")
    told += (
        f"{why} sessions with the words, {count:,}: --all shows them"
        for why, count in left_out.items()
        if why
    )
    told += (f"{problem.place}: {problem.text}" for problem in reader.problems())
    return Hits(tuple(hits[:limit]), found.notes, tuple(dict.fromkeys(told)))


def _read(places: Sequence[LocatedSession]) -> Iterator[Session]:
    """Read sessions in their order, a few at a time."""
    for _, some in groupby(places, lambda place: id(place.source)):
        batch = list(some)
        for start in range(0, len(batch), BATCH):
            ids = [place.header.id for place in batch[start : start + BATCH]]
            yield from batch[0].source.read(ids, prompts=False)


def _why_hidden(header: SessionHeader) -> str:
    """Return why a list leaves a session out; "" when it does not."""
    return "archived" if header.archived else "hidden" if header.hidden else ""


def hits_in(session: Session, finder: Finder, mask: Callable[[str], str]) -> Iterator[Hit]:
    """Yield the places of one session that hold the words.

    Args:
        session: the session.
        finder: finds the words.
        mask: replaces secrets.
    """
    for position, message in enumerate(session.messages):
        for call_id, text in _places(message, finder):
            shown = snippet(text, finder, mask)
            yield Hit(session.header, position, call_id, message.origin, shown, finder.spans(shown))


def _places(message: Message, finder: Finder) -> Iterator[tuple[str | None, str]]:
    """Yield the parts of a message that hold the words: its text, and each call with its arguments.

    Where only the parts together hold them, the first part with one of the words stands for the message.
    """
    parts: list[tuple[str | None, str]] = [(message.call_id or None, message.text)]
    parts += ((call.id or None, f"{call.tool} {call.arguments}") for call in message.calls)
    whole = [part for part in parts if finder.holds(part[1])]
    if whole:
        yield from whole
    elif finder.holds(message.tool, *(text for _, text in parts)):
        yield next((part for part in parts if finder.spans(part[1])), parts[0])


def snippet(text: str, finder: Finder, mask: Callable[[str], str]) -> str:
    """Return the first words with some text around them, masked, on one line."""
    start, end = _first(text, finder)
    low = max(0, start - MASKED_AROUND)
    masked = mask(text[low : end + MASKED_AROUND])
    # what was masked before the words moved them
    start, end = _first(masked, finder, start - low)
    low, high = max(0, start - AROUND), min(len(masked), end + AROUND)
    shown = " ".join(masked[low:high].split())
    return f"{'…' if low else ''}{shown}{'…' if high < len(masked) else ''}"


def _first(text: str, finder: Finder, otherwise: int = 0) -> tuple[int, int]:
    spans = finder.spans(text)
    return spans[0] if spans else (min(otherwise, len(text)),) * 2
