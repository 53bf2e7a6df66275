"""How a person names a session: by its id, `agent:id` or `path:id`, each id by any unique beginning."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType

from warmtui.errors import AmbiguousError, NotFoundError
from warmtui.model.session import SessionHeader, SessionKey

CHOICES = 5
"""How many matching sessions an error lists."""


Newer = Mapping[SessionKey, SessionHeader]
"""The session that is listed in place of a copy, by the copy's key."""


def find_header(
    reference: str, headers: Sequence[SessionHeader], newer: Newer = MappingProxyType({})
) -> SessionHeader:
    """Return the one session that a reference names.

    Args:
        reference: as a person wrote it.
        headers: the sessions to choose from.
        newer: which of them are copies of others; a copy is meant only where its path is given.

    Raises:
        NotFoundError: nothing fits; close ids are offered.
        AmbiguousError: several fit; each is listed by a reference that names only it.
    """
    fits = _meant(reference, headers, newer)
    if not fits:
        close = get_close_matches(reference, [header.id for header in headers], n=3, cutoff=0.6)
        raise NotFoundError(
            f"no session is named {reference!r}",
            f"did you mean {', '.join(dict.fromkeys(close))}?" if close else "see: warmtui sessions --all",
        )
    if len(fits) > 1:
        shown = ", ".join(reference_of(header, headers, newer) for header in fits[:CHOICES])
        more = f" and {len(fits) - CHOICES} more" if len(fits) > CHOICES else ""
        raise AmbiguousError(
            f"{len(fits)} sessions are named {reference!r}…: {shown}{more}",
            "name one of these, or give more of the id",
        )
    return fits[0]


def fitting(reference: str, headers: Sequence[SessionHeader]) -> list[SessionHeader]:
    """Return the sessions that a reference names, by the first of these ways that finds any.

    1. its whole id
    2. `agent:id`, or `path:id` with the path of its source, of the folder that holds it, or the end of either
    3. the same with the beginning of the id
    4. the beginning of its id
    5. its whole title, in any case
    """
    if not reference:
        return []
    places = [(_Place(place), name) for place, name in _splits(reference)]
    title = reference.strip().casefold()
    ways: tuple[Callable[[SessionHeader], bool], ...] = (
        lambda header: header.id == reference,
        lambda header: any(header.id == name and place.holds(header) for place, name in places),
        lambda header: any(header.id.startswith(name) and place.holds(header) for place, name in places),
        lambda header: header.id.startswith(reference),
        lambda header: bool(title) and (header.title or "").casefold() == title,
    )
    return next((fits for way in ways if (fits := list(filter(way, headers)))), [])


def _meant(reference: str, headers: Sequence[SessionHeader], newer: Newer) -> list[SessionHeader]:
    """Return the sessions that a reference names, without the copies of one of them."""
    fits = fitting(reference, headers)
    return [header for header in fits if newer.get(SessionKey(header.source, header.id)) not in fits]


def reference_of(
    header: SessionHeader, headers: Sequence[SessionHeader], newer: Newer = MappingProxyType({})
) -> str:
    """Return the shortest reference that `find_header` takes for this session."""
    for reference in _references(header):
        if _meant(reference, headers, newer) == [header]:
            return reference
    return f"{header.source}:{header.id}"


def _references(header: SessionHeader) -> Iterator[str]:
    """Yield references to a session, the shortest first."""
    yield header.id
    yield f"{header.agent}:{header.id}"
    source = header.source
    for at in range(len(source) - 1, 0, -1):
        if source[at - 1] in "/\\":
            yield f"{source[at:]}:{header.id}"


def _splits(reference: str) -> Iterator[tuple[str, str]]:
    """Cut a reference at each of its colons, which ids and paths may hold too."""
    for at, char in enumerate(reference):
        if char == ":" and 0 < at < len(reference) - 1:
            yield reference[:at], reference[at + 1 :]


class _Place:
    """What stands before the colon of a reference: an agent, or a path or its end."""

    def __init__(self, text: str) -> None:
        self._agent = text
        self._end = "/" + _unified(text).strip("/")
        self._is_whole = Path(text).is_absolute()
        self._resolved = {_unified(text).rstrip("/")}
        # no home, a loop of links, a zero byte: no path of this machine
        with suppress(OSError, RuntimeError, ValueError):
            self._resolved.add(_unified(str(Path(text).expanduser().resolve())))

    def holds(self, header: SessionHeader) -> bool:
        """Whether a session is of this agent, or its source is at this path."""
        if header.agent == self._agent:
            return True
        file = _unified(header.source)
        paths = (file, file.rpartition("/")[0])
        if self._is_whole:
            return any(path in self._resolved for path in paths)
        return any(path in self._resolved or f"/{path}".endswith(self._end) for path in paths)


def _unified(path: str) -> str:
    """Write a path as it compares: with `/` everywhere, in lower case where the system ignores case."""
    return os.path.normcase(path).replace("\\", "/")
