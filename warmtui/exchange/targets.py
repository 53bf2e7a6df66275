"""The export targets, and the names of their files.

A new target is one entry in `TARGETS`; its format is a module of its own unless it is as small as those here.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

from warmtui.exchange.checks import CheckTarget, check
from warmtui.exchange.hermes import render_session
from warmtui.exchange.messages import SessionMeta, json_bytes, to_bytes, to_dicts
from warmtui.model.chat import ChatMessage, CheckFinding

_SLUG_CHARACTERS = 60


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


def _prefill(messages: Sequence[ChatMessage], _meta: SessionMeta) -> bytes:
    return to_bytes(messages)


def _openai(messages: Sequence[ChatMessage], _meta: SessionMeta) -> bytes:
    return json_bytes({"messages": to_dicts(messages)})


TARGETS = {
    target.name: target
    for target in (
        Target(
            "hermes-prefill",
            "Hermes prefill file: sent before every conversation",
            ".json",
            _prefill,
            "Hermes' own system prompt and tools",
            "the new user message; ours is sent again before it with every request",
            after_system=True,
        ),
        Target(
            "hermes-session",
            "Hermes session to import and resume",
            ".jsonl",
            render_session,
            "Hermes' own system prompt and tools",
            "the new user message, once the session is imported and resumed",
            after_system=True,
        ),
        Target(
            "openai-json",
            "OpenAI chat JSON",
            ".json",
            _openai,
            "nothing, unless the program that sends it puts a system message there",
            "the new user message, put at the end of messages by that program",
            refusers=("openai", "strict-template"),
        ),
    )
}
"""Every target by name, in the order in which the app offers them."""


def refusals(messages: Sequence[ChatMessage], target: Target) -> tuple[CheckFinding, ...]:
    """Return what the providers that a target may be sent to would refuse, with a user message after ours."""
    findings = check(messages, after_system=target.after_system)
    return tuple(finding for finding in findings if finding.target in target.refusers)


def slug(name: str) -> str:
    """Return a safe file name without extension: lower-case ASCII letters, digits and dashes.

    A name that loses characters gets a short hash of the whole name, so that two names never collide.

    >>> slug("shop-conventions")
    'shop-conventions'
    >>> slug("../../etc/passwd")
    'etc-passwd-3754d6cb'
    """
    # NFKD splits é into e and an accent, which ASCII leaves out.
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    clean = re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")[:_SLUG_CHARACTERS].strip("-_")
    if clean and clean == name:
        return clean
    return f"{clean or 'template'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
