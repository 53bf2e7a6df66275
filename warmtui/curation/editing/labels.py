"""Items and edits in words: rows of the template, and what undo takes back, for toasts.

What is said holds words of sessions, so it is shown as any of their text is.
"""

from __future__ import annotations

from warmtui.curation.editing.edits import (
    Accept,
    Clear,
    Describe,
    Edit,
    Keep,
    MakeRelative,
    Move,
    Pick,
    Remask,
    Remove,
    Rename,
    Restore,
    SetField,
    SetTags,
    SetType,
    ToggleShown,
    Unpick,
)
from warmtui.curation.editing.fields import record_of, specs
from warmtui.curation.editing.state import Group, Listed, find_item, group_items
from warmtui.curation.summaries import call_summary, candidate_summary, clipped, single_line
from warmtui.curation.texts import SYSTEM_CONTEXT, USER_PATTERNS
from warmtui.model.template import Recovery, Seed, UserPatterns

WORDS = 60
"""Characters of an item's own words in a label: it stands in one line with what was done."""
NOUNS: dict[Group, str] = {
    "recoveries": "recovery",
    "tool_examples": "example",
    "context_markers": "marker",
}
_SINGLES = {SYSTEM_CONTEXT: "the context", USER_PATTERNS: "how I work"}


def item_label(record: Listed) -> str:
    """Say in a line what an item is, for a row of the template."""
    if isinstance(record, Recovery):
        if change := single_line(record.change):
            return f"{record.fixed.tool}: {change}"
        calls = (call_summary(one.tool, one.arguments, WORDS) for one in (record.failed, record.fixed))
        return " → ".join(calls)
    return candidate_summary(record)


def position_label(seed: Seed, item: str) -> str:
    """Say which item it is, by its place: `example 2`."""
    found = find_item(seed, item)
    if found is None:
        return _SINGLES.get(item, "an item")
    return f"{NOUNS[found[0]]} {found[1] + 1}"


def heading(seed: Seed, item: str) -> str:
    """Say which item of how many the editor shows: `Example 2 of 3`."""
    found = find_item(seed, item)
    if found is None:
        return {SYSTEM_CONTEXT: "Context", USER_PATTERNS: "How I work"}.get(item, "")
    return f"{NOUNS[found[0]].capitalize()} {found[1] + 1} of {len(group_items(seed, found[0]))}"


def field_label(seed: Seed, item: str, field: str) -> str:
    """Say which field of which item it is: `result of example 2`."""
    return f"{_field_label(seed, item, field)}{position_label(seed, item)}"


def _named(seed: Seed, item: str) -> str:
    found = find_item(seed, item)
    if found is None:
        return position_label(seed, item)
    return f"{position_label(seed, item)}: {clipped(single_line(item_label(found[2])), WORDS)}"


def _several(seed: Seed, items: tuple[str, ...]) -> str:
    return _named(seed, items[0]) if len(items) == 1 else f"{len(items)} items"


def _field_label(seed: Seed, item: str, field: str) -> str:
    record = record_of(seed, item)
    if record is None or isinstance(record, UserPatterns):
        return ""
    label = next((one.label for one in specs(record) if one.name == field), field)
    return f"{label[:1].lower()}{label[1:]} of "


def edit_words(before: Seed, edit: Edit) -> str:
    """Say what an edit did, in a few words: `removed example 2: terminal `pytest -q``.

    Args:
        before: the seed as it was.
        edit: what was done to it.
    """
    match edit:
        case Pick(offers, suggested):
            if suggested:
                return f"took the suggestion, {len(offers)} item{'s' * (len(offers) != 1)}"
            if len(offers) != 1:
                return f"picked {len(offers)} items"
            return f"picked {clipped(single_line(candidate_summary(offers[0].record)), WORDS)}"
        case Unpick(offers):
            if len(offers) != 1:
                return f"unpicked {len(offers)} items"
            return f"unpicked {clipped(single_line(candidate_summary(offers[0].record)), WORDS)}"
        case Remove(items):
            return f"removed {_several(before, items)}"
        case Clear():
            return "cleared the template"
        case Move(item, by):
            return f"moved {position_label(before, item)} {'down' if by > 0 else 'up'}"
        case SetField(item, field):
            return f"edited {field_label(before, item, field)}"
        case ToggleShown(items):
            return f"changed how {_several(before, items)} is shown"
        case MakeRelative(_, item):
            return f"made paths relative in {position_label(before, item) if item else 'all items'}"
        case Rename(name):
            return f"named it {clipped(single_line(name), WORDS)}"
        case Describe():
            return "edited the description"
        case SetTags():
            return "changed the tags"
        case SetType(task_type):
            return f"set the type to {task_type or 'what the examples tell'}"
        case Restore(item, field):
            return f"restored a masked place in {field_label(before, item, field)}"
        case Keep(item, field):
            return f"left a place unmasked in {field_label(before, item, field)}"
        case Remask(item, field):
            return f"masked {field_label(before, item, field)}"
        case Accept(item):
            return f"accepted a masked place in {position_label(before, item)}"
