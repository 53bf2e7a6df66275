"""A cache of results for long texts, which every step of a draft asks for again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

R = TypeVar("R")

LONG = 20_000
"""From this many characters on, a result is cached; a shorter text takes only a few milliseconds."""
ROOM = 30_000_000
"""Characters of all cached texts together, so that a history of long texts does not fill the memory."""


class LongTextCache(Generic[R]):
    """Results of a pure function for the long texts that were used last. Thread-safe.

    Args:
        room: characters of all texts together; the least recently used texts go first.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._used = 0
        self._results: OrderedDict[tuple[str, Hashable], R] = OrderedDict()
        self._lock = Lock()

    def get(self, text: str, arguments: Hashable, compute: Callable[[], R]) -> R:
        """Return the cached result for a text, or compute it.

        Args:
            text: any text.
            arguments: what else the result depends on.
            compute: computes the result.
        """
        if len(text) < LONG:
            return compute()
        key = text, arguments
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
        result = compute()
        if len(text) <= self._room:
            with self._lock:
                if key not in self._results:
                    self._results[key] = result
                    self._used += len(text)
                while self._used > self._room:
                    (oldest, _arguments), _result = self._results.popitem(last=False)
                    self._used -= len(oldest)
        return result
