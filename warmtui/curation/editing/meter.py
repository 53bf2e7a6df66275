"""The token meter: what each part of a template costs in the real bootstrap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal, NamedTuple

from warmtui.analysis.user_patterns import in_words
from warmtui.curation.bootstrap import ACKNOWLEDGED, bootstrap, opening
from warmtui.curation.editing.fields import item_label
from warmtui.curation.editing.state import DraftState
from warmtui.curation.folders import UNRESOLVED
from warmtui.curation.seed_texts import SYSTEM_CONTEXT, USER_PATTERNS
from warmtui.curation.summaries import note_line, recovery_line, single_line
from warmtui.curation.tokens import list_tokens, message_tokens
from warmtui.model.template import ContextMarker, Item, Note, NoteKind, Recovery, Seed
from warmtui.text import TOKEN_OVERHEAD, estimate_tokens

NotePart = Literal["preferences", "conventions", "dead ends", "known noise"]
PartName = Literal["context", "how I work", "recoveries", "examples", "markers", "framing"] | NotePart
NOTE_PARTS: dict[NoteKind, NotePart] = {
    "preference": "preferences",
    "convention": "conventions",
    "dead_end": "dead ends",
    "known_noise": "known noise",
}


class PartItem(NamedTuple):
    """One item of a part."""

    id: str
    words: str
    """A line that says what it is; it may contain text of a session."""
    tokens: int
    """What it costs, estimated. The title of its section counts with the part only."""


class Part(NamedTuple):
    """One part of a template."""

    name: PartName
    tokens: int
    items: tuple[PartItem, ...]
    """The items in the template's order; at most one for `context` and `how I work`."""


def seed_tokens(seed: Seed) -> int:
    """Return the estimated tokens of a seed as a bootstrap, its framing included."""
    return list_tokens(bootstrap(seed, UNRESOLVED))


def parts(state: DraftState) -> tuple[Part, ...]:
    """Return what a template holds and costs.

    Returns:
        All parts, empty ones too. Their tokens add up to those of the whole bootstrap.
    """
    seed = state.seed
    messages = bootstrap(seed, UNRESOLVED)
    by_item: Counter[str] = Counter()
    for message in messages:
        by_item[message.part] += message_tokens(message)
    sections = _section_tokens(seed)
    framing = (
        by_item[ACKNOWLEDGED] + TOKEN_OVERHEAD + estimate_tokens(opening(Seed(), UNRESOLVED))
        if messages
        else 0
    )
    recoveries = sections["recoveries"] + sum(by_item[recovery.id] for recovery in seed.recoveries)
    examples = sum(by_item[example.id] for example in seed.tool_examples)

    def notes(kind: NoteKind) -> Part:
        part = NOTE_PARTS[kind]
        items = _part_items((note for note in seed.notes if note.kind == kind), by_item)
        return Part(part, sections[part], items)

    return (
        Part("context", sections["context"], _context_item(seed)),
        notes("preference"),
        Part("how I work", sections["how I work"], _patterns_item(seed)),
        notes("convention"),
        Part("recoveries", recoveries, _part_items(seed.recoveries, by_item)),
        notes("dead_end"),
        notes("known_noise"),
        Part("examples", examples, _part_items(seed.tool_examples, by_item)),
        Part("markers", sections["markers"], _part_items(seed.context_markers, by_item)),
        Part("framing", framing, ()),
    )


def total(counted: Iterable[Part]) -> int:
    """Return the tokens of the whole bootstrap."""
    return sum(part.tokens for part in counted)


def _section_tokens(seed: Seed) -> dict[PartName, int]:
    """Return what each part of the opening adds to the tokens of those before it."""
    fields: dict[PartName, str] = {
        "context": SYSTEM_CONTEXT,
        "how I work": USER_PATTERNS,
        "recoveries": "recoveries",
        "markers": "context_markers",
    }
    steps = [(part, {field: getattr(seed, field)}) for part, field in fields.items()]
    kinds: list[NoteKind] = []
    for kind, note_part in NOTE_PARTS.items():
        kinds.append(kind)
        steps.append((note_part, {"notes": tuple(note for note in seed.notes if note.kind in kinds)}))
    grown = Seed()
    counts: dict[PartName, int] = {}
    # each estimate is rounded up, so the parts are differences and add up to the whole
    before = estimate_tokens(opening(grown, UNRESOLVED))
    for part, update in steps:
        grown = grown.model_copy(update=update)
        after = estimate_tokens(opening(grown, UNRESOLVED))
        counts[part] = after - before
        before = after
    return counts


def _context_item(seed: Seed) -> tuple[PartItem, ...]:
    text = seed.system_context.strip()
    return (PartItem(SYSTEM_CONTEXT, single_line(text), estimate_tokens(text)),) if text else ()


def _patterns_item(seed: Seed) -> tuple[PartItem, ...]:
    if seed.user_patterns is None:
        return ()
    words = " ".join(in_words(seed.user_patterns))
    return (PartItem(USER_PATTERNS, words, estimate_tokens(words)),)


def _part_items(items: Iterable[Item], by_item: Counter[str]) -> tuple[PartItem, ...]:
    return tuple(
        PartItem(item.id, item_label(item), by_item[item.id] or estimate_tokens(_opening_line(item)))
        for item in items
    )


def _opening_line(item: Item) -> str:
    """Return the line of the opening that shows an item. Examples are messages instead."""
    if isinstance(item, Recovery):
        return f"- {recovery_line(item)}\n"
    if isinstance(item, Note):
        return f"- {note_line(item)}\n"
    return f"- {single_line(item.text)}\n" if isinstance(item, ContextMarker) else ""
