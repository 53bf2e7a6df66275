"""The token meter: what each part of a template costs in the real bootstrap (C7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal, NamedTuple

from warmtui.analysis.user_patterns import in_words
from warmtui.curation.bootstrap import ACKNOWLEDGED, Folders, bootstrap, opening
from warmtui.curation.editing.labels import item_label
from warmtui.curation.editing.state import DraftState, Item
from warmtui.curation.summaries import recovery_line, single_line
from warmtui.curation.texts import SYSTEM_CONTEXT, USER_PATTERNS
from warmtui.curation.tokens import OVERHEAD, estimate, list_tokens, message_tokens
from warmtui.model.template import ContextMarker, Recovery, Seed

PartName = Literal["context", "how I work", "recoveries", "examples", "markers", "framing"]

UNRESOLVED = Folders(home="{home}", cwd="{cwd}")
"""Leaves the placeholders as they are, for counting what is kept."""


class Row(NamedTuple):
    """One item of a part."""

    id: str
    words: str
    """What it is, in a line; words of a session."""
    tokens: int
    """About what it costs; the title of its section is counted with the part only."""


class Part(NamedTuple):
    """One part of a template."""

    name: PartName
    tokens: int
    items: tuple[Row, ...]
    """In the template's order; those of context and how I work are one at most."""


def seed_tokens(seed: Seed, folders: Folders = UNRESOLVED) -> int:
    """Return about how many tokens a seed costs as a bootstrap, its framing included."""
    return list_tokens(bootstrap(seed, folders))


def parts(state: DraftState, folders: Folders = UNRESOLVED) -> tuple[Part, ...]:
    """Tell what a template holds and costs, part by part.

    Args:
        state: the workbench.
        folders: what stands for `{home}` and `{cwd}`.

    Returns:
        All six parts, empty ones too; their tokens add up to those of the whole bootstrap.
    """
    seed = state.seed
    messages = bootstrap(seed, folders)
    by_item: Counter[str] = Counter()
    for message in messages:
        by_item[message.part] += message_tokens(message)
    context, patterns, recoveries, markers = _sections(seed, folders)
    framing = by_item[ACKNOWLEDGED] + OVERHEAD + estimate(opening(Seed(), folders)) if messages else 0
    shown = sum(by_item[one.id] for one in seed.recoveries)
    return (
        Part("context", context, _context_row(seed)),
        Part("how I work", patterns, _patterns_row(seed)),
        Part("recoveries", recoveries + shown, _rows(seed.recoveries, by_item)),
        Part(
            "examples", sum(by_item[one.id] for one in seed.tool_examples), _rows(seed.tool_examples, by_item)
        ),
        Part("markers", markers, _rows(seed.context_markers, by_item)),
        Part("framing", framing, ()),
    )


def total(counted: Iterable[Part]) -> int:
    """Return the tokens of the whole bootstrap."""
    return sum(part.tokens for part in counted)


def _sections(seed: Seed, folders: Folders) -> tuple[int, int, int, int]:
    """Return the tokens of the four sections of the opening: what each adds to those before it."""
    grown = Seed()
    counts = []
    before = estimate(opening(grown, folders))
    for field in (SYSTEM_CONTEXT, USER_PATTERNS, "recoveries", "context_markers"):
        grown = grown.model_copy(update={field: getattr(seed, field)})
        after = estimate(opening(grown, folders))
        counts.append(after - before)
        before = after
    return counts[0], counts[1], counts[2], counts[3]


def _context_row(seed: Seed) -> tuple[Row, ...]:
    text = seed.system_context.strip()
    return (Row(SYSTEM_CONTEXT, single_line(text), estimate(text)),) if text else ()


def _patterns_row(seed: Seed) -> tuple[Row, ...]:
    if seed.user_patterns is None:
        return ()
    words = " ".join(in_words(seed.user_patterns))
    return (Row(USER_PATTERNS, words, estimate(words)),)


def _rows(items: Iterable[Item], by_item: Counter[str]) -> tuple[Row, ...]:
    return tuple(Row(one.id, item_label(one), by_item[one.id] or estimate(_line(one))) for one in items)


def _line(one: Item) -> str:
    """Return the line of the opening that shows an item; examples have messages instead."""
    if isinstance(one, Recovery):
        return f"- {recovery_line(one)}\n"
    return f"- {single_line(one.text)}\n" if isinstance(one, ContextMarker) else ""
