"""The formats that a template can be exported to, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from warmtui.exchange import hermes_prefill, hermes_session, openai_json
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


TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target(
            "hermes-prefill",
            "Hermes prefill file: sent before every conversation",
            ".json",
            lambda messages, _meta: hermes_prefill.render(messages),
        ),
        Target(
            "hermes-session",
            "Hermes session to import and resume",
            ".jsonl",
            hermes_session.render,
        ),
        Target(
            "openai-json",
            "OpenAI chat JSON",
            ".json",
            lambda messages, _meta: openai_json.render(messages),
        ),
    )
}
"""Every target by its name, in the order in which they are offered."""
