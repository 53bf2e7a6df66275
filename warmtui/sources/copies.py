"""Whether two records of sessions are copies of one session, by what is said in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from warmtui.model.session import Message, Session, SessionHeader

T = TypeVar("T")

SAME_SECONDS = 1.0
"""Two copies say when they began to within this: some formats cut fractions off."""
MAX_COMPARED = 200
"""Messages that are compared at most; two different sessions part long before."""


def began_together(header: SessionHeader, other: SessionHeader) -> bool | None:
    """Whether two sessions began at the same time; None where one does not say when."""
    if header.started_at is None or other.started_at is None:
        return None
    return abs(header.started_at - other.started_at) < SAME_SECONDS


def say_the_same(session: Session | None, other: Session | None) -> bool:
    """Whether one of two sessions begins with all messages of the other.

    System messages do not count: some formats keep them elsewhere.
    """
    if session is None or other is None:
        return False
    said, said_there = _said(session)[: MAX_COMPARED + 1], _said(other)[: MAX_COMPARED + 1]
    return bool(said and said_there) and one_begins_with_other(said, said_there, _gist)


def one_begins_with_other(said: Sequence[T], said_there: Sequence[T], gist: Callable[[T], object]) -> bool:
    """Whether one of two lists of messages begins with all of the other.

    The last message of the shorter one may have grown since.

    Args:
        said: messages.
        said_there: other messages.
        gist: returns what a message says, to compare it by.
    """
    compared = max(min(len(said), len(said_there)) - 1, 1)
    pairs = zip(said[:compared], said_there, strict=False)
    return all(gist(message) == gist(counterpart) for message, counterpart in pairs)


def _said(session: Session) -> list[Message]:
    return [message for message in session.messages if message.origin != "system"]


def _gist(message: Message) -> tuple[object, ...]:
    return message.role, message.text, [(call.tool, call.arguments) for call in message.calls]
