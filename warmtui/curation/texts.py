"""Every text of a seed, in one walk: for masking, checking and searching."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from warmtui.model.template import (
    ContextMarker,
    ExampleCall,
    Recovery,
    Seed,
    ToolExample,
    UserPatterns,
)

SYSTEM_CONTEXT = "system_context"
USER_PATTERNS = "user_patterns"


class Place(NamedTuple):
    """Where a text stands in a seed."""

    item: str
    """The id of the item, or `system_context`, `user_patterns`."""
    field: str
    """`before`, `result`, `calls.0.arguments`, …"""
    is_json: bool
    """The text is JSON and has to stay so."""


Change = Callable[[Place, str], str]


def map_texts(seed: Seed, change: Change) -> Seed:
    """Return the seed with every text that came from a session passed through `change`."""

    def text(item: str, field: str, value: str) -> str:
        return change(Place(item, field, is_json=False), value) if value else value

    def call(item: str, field: str, one: ExampleCall) -> ExampleCall:
        return one.model_copy(
            update={
                "arguments": change(Place(item, f"{field}.arguments", is_json=True), one.arguments),
                "result": text(item, f"{field}.result", one.result),
            }
        )

    def recovery(one: Recovery) -> Recovery:
        update: dict[str, object] = {
            field: text(one.id, field, getattr(one, field))
            for field in ("error", "change", "before", "closing", "note")
        }
        update["failed"] = call(one.id, "failed", one.failed)
        update["fixed"] = call(one.id, "fixed", one.fixed)
        return one.model_copy(update=update)

    def example(one: ToolExample) -> ToolExample:
        update: dict[str, object] = {
            field: text(one.id, field, getattr(one, field)) for field in ("before", "closing", "note")
        }
        update["calls"] = tuple(call(one.id, f"calls.{at}", each) for at, each in enumerate(one.calls))
        return one.model_copy(update=update)

    def marker(one: ContextMarker) -> ContextMarker:
        return one.model_copy(update={"text": text(one.id, "text", one.text)})

    def patterns(one: UserPatterns) -> UserPatterns:
        corrections = (
            text(USER_PATTERNS, f"corrections.{at}", each) for at, each in enumerate(one.corrections)
        )
        return one.model_copy(update={"corrections": tuple(corrections)})

    return Seed(
        system_context=text(SYSTEM_CONTEXT, SYSTEM_CONTEXT, seed.system_context),
        user_patterns=patterns(seed.user_patterns) if seed.user_patterns else None,
        recoveries=tuple(map(recovery, seed.recoveries)),
        tool_examples=tuple(map(example, seed.tool_examples)),
        context_markers=tuple(map(marker, seed.context_markers)),
    )
