"""Every text of a seed that an editor can change: those of `curation.texts`, tool names, domains, tools."""

from __future__ import annotations

import re
from collections.abc import Iterator

from warmtui.curation.texts import USER_PATTERNS, Change, Place, map_texts
from warmtui.model.template import ExampleCall, Recovery, Seed, ToolExample, UserPatterns

_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Return `text` with each lone surrogate as U+FFFD: no file and no database can hold one."""
    return _SURROGATE.sub("\ufffd", text)


def map_every_text(seed: Seed, change: Change) -> Seed:
    """Return the seed with every text that can be edited passed through `change`, empty ones left out."""

    def name(item: str, field: str, value: str) -> str:
        return change(Place(item, field, is_json=False), value) if value else value

    def tool(item: str, field: str, call: ExampleCall) -> ExampleCall:
        return call.model_copy(update={"tool": name(item, f"{field}.tool", call.tool)})

    def recovery(one: Recovery) -> Recovery:
        calls = {field: tool(one.id, field, getattr(one, field)) for field in ("failed", "fixed")}
        return one.model_copy(update=calls)

    def example(one: ToolExample) -> ToolExample:
        calls = tuple(tool(one.id, f"calls.{at}", each) for at, each in enumerate(one.calls))
        return one.model_copy(update={"calls": calls})

    def patterns(one: UserPatterns) -> UserPatterns:
        lists = {
            field: tuple(
                name(USER_PATTERNS, f"{field}.{at}", each) for at, each in enumerate(getattr(one, field))
            )
            for field in ("domains", "preferred_tools")
        }
        return one.model_copy(update=lists)

    seed = map_texts(seed, change)
    return seed.model_copy(
        update={
            "user_patterns": patterns(seed.user_patterns) if seed.user_patterns else None,
            "recoveries": tuple(map(recovery, seed.recoveries)),
            "tool_examples": tuple(map(example, seed.tool_examples)),
        }
    )


def every_text(seed: Seed) -> Iterator[tuple[Place, str]]:
    """Yield every text that can be edited, with its place."""
    found: list[tuple[Place, str]] = []

    def keep(place: Place, text: str) -> str:
        found.append((place, text))
        return text

    map_every_text(seed, keep)
    return iter(found)


def text_at(seed: Seed, item: str, field: str) -> tuple[Place, str] | None:
    """Return the text at one place, None when there is none."""
    for place, text in every_text(seed):
        if place.item == item and place.field == field:
            return place, text
    return None


def with_text(seed: Seed, at: Place, text: str) -> Seed:
    """Return the seed with one text in another's place."""
    return map_every_text(seed, lambda place, old: text if place == at else old)


def without_number(field: str) -> str:
    """Return a field's name without its number in a list, since lists are reordered.

    >>> without_number("corrections.2"), without_number("calls.0.result")
    ('corrections', 'calls.0.result')
    """
    return re.sub(r"\.\d+\Z", "", field)
