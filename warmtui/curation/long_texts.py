"""What was found in long texts: the same text is asked about again at every step of a draft."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

R = TypeVar("R")

LONG = 20_000
"""Characters from which a result is remembered: going through a shorter text takes a few milliseconds."""
ROOM = 30_000_000
"""Characters of all texts remembered for one question, so that a history of long texts fills no memory."""


class LongTexts(Generic[R]):
    """Results of a pure function of a text, for the long texts that were asked about last.

    That they are remembered changes no result. May be used in several threads.

    Args:
        room: characters of all texts together; the longest ago goes first.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._used = 0
        self._found: OrderedDict[tuple[str, Hashable], R] = OrderedDict()
        self._lock = Lock()

    def of(self, text: str, rest: Hashable, compute: Callable[[], R]) -> R:
        """Return what is found in a text, computed now unless it is remembered.

        Args:
            text: any text.
            rest: what else the result depends on.
            compute: finds it.
        """
        if len(text) < LONG:
            return compute()
        key = text, rest
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        result = compute()
        if len(text) <= self._room:
            with self._lock:
                if key not in self._found:
                    self._found[key] = result
                    self._used += len(text)
                while self._used > self._room:
                    (old, _rest), _result = self._found.popitem(last=False)
                    self._used -= len(old)
        return result
