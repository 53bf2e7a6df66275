"""A cache of results for long texts, which every step of a draft asks for again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Concatenate, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

LONG = 20_000
"""From this many characters on, a result is cached; a shorter text takes only a few milliseconds."""
ROOM = 30_000_000
"""Characters of all texts that one function caches, so that long histories do not fill the memory."""


def cache_long_texts(
    function: Callable[Concatenate[str, P], R], *, room: int = ROOM
) -> Callable[Concatenate[str, P], R]:
    """Cache the results of a pure function for the long texts that were used last. Thread-safe.

    Args:
        function: takes a text and other hashable arguments.
        room: characters of all cached texts together; the least recently used texts go first.
    """
    results: OrderedDict[tuple[str, object, object], R] = OrderedDict()
    lock = Lock()
    used = 0

    @wraps(function)
    def cached(text: str, /, *args: P.args, **kwargs: P.kwargs) -> R:
        nonlocal used
        if len(text) < LONG:
            return function(text, *args, **kwargs)
        key = text, args, tuple(kwargs.items())
        with lock:
            if key in results:
                results.move_to_end(key)
                return results[key]
        # two threads may compute the same result; holding the lock meanwhile would block every other text
        result = function(text, *args, **kwargs)
        if len(text) <= room:
            with lock:
                if key not in results:
                    results[key] = result
                    used += len(text)
                while used > room:
                    (oldest, *_), _ = results.popitem(last=False)
                    used -= len(oldest)
        return result

    return cached
