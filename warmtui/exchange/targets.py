"""The formats that a template can be exported to, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from warmtui.exchange import hermes_prefill, hermes_session, openai_json
from warmtui.exchange.checks import CheckTarget
from warmtui.exchange.hermes_session import SessionMeta
from warmtui.model.chat import ChatMessage


class Target(NamedTuple):
    """One format."""

    name: str
    """As `export --to` takes it."""
    title: str
    """For a person, in a few words."""
    extension: str
    """Of its files, with the dot."""
    render: Callable[[Sequence[ChatMessage], SessionMeta], bytes]
    """Writes the whole file; only a session target looks at the second argument."""
    before: str = "what the program that reads it adds of its own"
    """What comes before ours in the next session, in words."""
    after: str = "the new user message"
    """What comes after ours, in words."""
    after_system: bool = False
    """A system message of the agent's own comes before ours."""
    refusers: tuple[CheckTarget, ...] = ("openai", "anthropic", "strict-template")
    """Whose refusals matter: those of the providers that it may be sent to."""


TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target(
            "hermes-prefill",
            "Hermes prefill file: sent before every conversation",
            ".json",
            lambda messages, _meta: hermes_prefill.render(messages),
            "Hermes' own system prompt and tools",
            "the new user message; ours is sent again before it with every request",
            after_system=True,
        ),
        Target(
            "hermes-session",
            "Hermes session to import and resume",
            ".jsonl",
            hermes_session.render,
            "Hermes' own system prompt and tools",
            "the new user message, once the session is imported and resumed",
            after_system=True,
        ),
        Target(
            "openai-json",
            "OpenAI chat JSON",
            ".json",
            lambda messages, _meta: openai_json.render(messages),
            "nothing, unless the program that sends it puts a system message there",
            "the new user message, put at the end of messages by that program",
            refusers=("openai", "strict-template"),
        ),
    )
}
"""Every target by its name, in the order in which they are offered."""
