"""What rules find in texts, looked for only when somebody asks: of thousands of candidates few are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import overload


class Looked(Sequence[str]):
    """Findings as a tuple of words, made at the first look at them.

    Equal to a tuple of the same words; a pickled copy is that tuple, without the texts.

    Args:
        look: what finds them; given the same texts it must find the same.
        texts: where.

    >>> Looked(lambda texts: tuple(texts), ("a", "b")) == ("a", "b")
    True
    """

    __slots__ = ("_found", "_look", "_texts")

    def __init__(self, look: Callable[[Sequence[str]], tuple[str, ...]], texts: Sequence[str]) -> None:
        self._look = look
        self._texts = texts
        self._found: tuple[str, ...] | None = None

    @property
    def found(self) -> tuple[str, ...]:
        """The findings."""
        if self._found is None:
            self._found = self._look(self._texts)
            self._texts = ()
        return self._found

    def __len__(self) -> int:
        return len(self.found)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...

    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        return self.found[index]

    def __eq__(self, other: object) -> bool:
        return self.found == (other.found if isinstance(other, Looked) else other)

    def __hash__(self) -> int:
        return hash(self.found)

    def __repr__(self) -> str:
        return repr(self.found)

    def __reduce__(self) -> tuple[type, tuple[tuple[str, ...]]]:
        return tuple, (self.found,)
