"""Items and fields in a few words: rows of the template, headings, and what undo takes back.

Labels hold words of sessions, so screens must sanitize them like any session text.
"""

from __future__ import annotations

from warmtui.curation.editing.fields import record_of, specs
from warmtui.curation.editing.state import Group, Item, find_item, group_items
from warmtui.curation.summaries import call_summary, candidate_summary, single_line, truncate
from warmtui.curation.texts import SYSTEM_CONTEXT, USER_PATTERNS
from warmtui.model.template import Recovery, Seed, UserPatterns

LABEL_CHARACTERS = 60
"""Characters of an item's own words in a label, which also says what was done on the same line."""
NOUNS: dict[Group, str] = {
    "recoveries": "recovery",
    "tool_examples": "example",
    "context_markers": "marker",
}
_SINGLES = {SYSTEM_CONTEXT: "the context", USER_PATTERNS: "how I work"}


def item_label(item: Item) -> str:
    """Describe an item in one line, for a row of the template."""
    if isinstance(item, Recovery):
        if change := single_line(item.change):
            return f"{item.fixed.tool}: {change}"
        calls = (
            call_summary(call.tool, call.arguments, LABEL_CHARACTERS) for call in (item.failed, item.fixed)
        )
        return " → ".join(calls)
    return candidate_summary(item)


def position_label(seed: Seed, item_id: str) -> str:
    """Name an item by its position: `example 2`."""
    found = find_item(seed, item_id)
    if found is None:
        return _SINGLES.get(item_id, "an item")
    return f"{NOUNS[found.group]} {found.index + 1}"


def heading(seed: Seed, item_id: str) -> str:
    """Return the heading of an item's editor: `Example 2 of 3`."""
    found = find_item(seed, item_id)
    if found is None:
        return {SYSTEM_CONTEXT: "Context", USER_PATTERNS: "How I work"}.get(item_id, "")
    count = len(group_items(seed, found.group))
    return f"{NOUNS[found.group].capitalize()} {found.index + 1} of {count}"


def field_label(seed: Seed, item_id: str, field: str) -> str:
    """Name a field and its item: `result of example 2`. Single parts go without their field."""
    record = record_of(seed, item_id)
    if record is None or isinstance(record, UserPatterns):
        return position_label(seed, item_id)
    label = next((spec.label for spec in specs(record) if spec.name == field), field)
    return f"{label[:1].lower()}{label[1:]} of {position_label(seed, item_id)}"


def items_label(seed: Seed, item_ids: tuple[str, ...]) -> str:
    """Name one item by its position and words, several by their number."""
    if len(item_ids) != 1:
        return f"{len(item_ids)} items"
    found = find_item(seed, item_ids[0])
    position = position_label(seed, item_ids[0])
    return position if found is None else f"{position}: {short_label(item_label(found.item))}"


def short_label(text: str) -> str:
    """Return a text on one line, in at most `LABEL_CHARACTERS`."""
    return truncate(single_line(text), LABEL_CHARACTERS)
