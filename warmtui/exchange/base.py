"""What every export target provides, and the names of its files."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from warmtui.exchange.checks import CheckTarget
from warmtui.model.chat import ChatMessage

_SLUG_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class SessionMeta:
    """What an exported session has besides its messages."""

    session_id: str
    title: str | None = None
    model: str | None = None
    cwd: str | None = None
    """The folder in which the agent resumes the session."""
    started_at: float = 0.0
    """Unix seconds."""


class Target(NamedTuple):
    """One export format."""

    name: str
    """The name that `export --to` takes."""
    title: str
    """A few words for the person choosing a target."""
    extension: str
    """The extension of its files, with the dot."""
    render: Callable[[Sequence[ChatMessage], SessionMeta], bytes]
    """Writes the whole file. Only targets that are sessions use the second argument."""
    before: str = "what the program that reads it adds of its own"
    """What comes before our messages in the next session."""
    after: str = "the new user message"
    """What comes after our messages in the next session."""
    after_system: bool = False
    """The agent puts its own system message before our messages."""
    refusers: tuple[CheckTarget, ...] = ("openai", "anthropic", "strict-template")
    """The providers that the file may be sent to; only their checks apply."""


def slug(name: str) -> str:
    """Return a safe file name without extension: lower-case ASCII letters, digits and dashes.

    A name that loses characters gets a short hash of the whole name, so that two names never collide.

    >>> slug("shop-conventions")
    'shop-conventions'
    >>> slug("../../etc/passwd")
    'etc-passwd-3754d6cb'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    clean = re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")[:_SLUG_CHARACTERS].strip("-_")
    if clean and clean == name:
        return clean
    return f"{clean or 'template'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
