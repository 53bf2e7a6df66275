"""One item of a template, or one candidate for it, laid out for reading."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rich.text import Text

from warmtui.curation.candidates import Candidate
from warmtui.curation.editing import (
    DraftState,
    Field,
    Offer,
    Pick,
    Problem,
    apply,
    fields_of,
    heading,
)
from warmtui.curation.editing.state import find_item
from warmtui.tui.text.json_marks import json_marks
from warmtui.tui.widgets.cells import clean_in_place, clip
from warmtui.tui.widgets.glyphs import Glyphs
from warmtui.tui.widgets.paint import ERROR, FAINT, MUTED, WARNING

SHOWN = 1_200
"""Characters of one field; the editor and the preview have all of them."""
LINE = 300
"""Cells of what stands on a line of its own: a title may have any length."""
NOTES = 4
"""Things to look at that are said above an item; n goes through all."""
LABEL = 12
"""Cells of a label that has its value beside it, with the gap between them."""


class Reading(NamedTuple):
    """What there is to read of an item."""

    item: str
    """Its id; empty when there is none."""
    title: str
    fields: tuple[Field, ...] = ()
    notes: tuple[str, ...] = ()
    """What is to be looked at in it."""
    footing: tuple[str, ...] = ()
    """Why it is offered, and where it is from."""


def item_of(candidate: Candidate) -> str:
    """Return the id of the item that a candidate becomes; single parts are called as their kind is."""
    return str(getattr(candidate.record, "id", "") or candidate.kind)


def reading(
    state: DraftState,
    item: str,
    problems: Iterable[Problem],
    candidate: Candidate | None = None,
    offer: Offer | None = None,
) -> Reading:
    """Gather what there is to read: of an item of the template, or of what a candidate would become.

    Args:
        state: the template.
        item: the item's id; empty when nothing is picked where the cursor is.
        problems: what is to be looked at in the whole template.
        candidate: the candidate under the cursor.
        offer: it, as it would be picked.
    """
    footing = [", ".join(candidate.reasons)] if candidate is not None else []
    if item:
        title = heading(state.seed, item)
        notes = [one.text for one in problems if one.item == item][:NOTES]
    elif candidate is not None and offer is not None:
        item, state = item_of(candidate), apply(DraftState(), Pick((offer,)))
        title = "Not picked; space picks it"
        notes = [f"reads like an instruction: {one}" for one in candidate.flags]
    else:
        return Reading("", "Nothing is picked here yet.")
    found = find_item(state.seed, item)
    if found is not None:
        origin = found[2].provenance
        source = next((one for one in state.sources if one.id == origin.session_id), None)
        name = (source.title if source is not None else None) or origin.session_id
        message = f", id {clip(origin.message_id, LINE)}" if origin.message_id else ""
        footing.append(f"From {clip(name, LINE)}{message} · o reads on there")
    return Reading(item, title, fields_of(state, item), tuple(notes), tuple(filter(None, footing)))


def item_text(one: Reading, *, width: int, glyphs: Glyphs) -> Text:
    """Lay out an item; fields that are empty are left out, but for those where something else is sent.

    Args:
        one: the item.
        width: cells of a line; short values stand beside their label.
        glyphs: the signs to draw with.
    """
    text = Text(f"{clip(one.title, LINE)}\n", "bold")
    for note in one.notes:
        text.append(f"{clip(note, LINE)}\n", WARNING)
    for field in one.fields:
        _field(text, field, width, glyphs)
    for line in one.footing:
        text.append(f"{clip(line, 3 * LINE)}\n", FAINT)
    return text


def _field(text: Text, field: Field, width: int, glyphs: Glyphs) -> None:
    value = field.text[:SHOWN].rstrip("\n")
    if not value:
        if field.placeholder:
            text.append(f"{field.label.ljust(LABEL)}", MUTED)
            text.append(f"{field.placeholder} (written by warmtui)\n", FAINT)
        return
    beside = "\n" not in value and len(field.label) < LABEL and len(value) <= width - LABEL
    text.append(f"{field.label.ljust(LABEL)}" if beside else f"{field.label}\n", MUTED)
    if field.kind == "json":
        text.append_text(_json(value))
    else:
        text.append(value)
    text.append("\n")
    if len(field.text) > SHOWN:
        text.append(f"{glyphs.more} {len(field.text) - SHOWN:,} more characters\n", FAINT)
    if field.error is not None:
        text.append(f"! {field.error.in_words()}\n", ERROR)


def _json(value: str) -> Text:
    """Return JSON in its colours, where cleaning it leaves every character at its place."""
    if clean_in_place(value, lines=True) is None:
        return Text(value)
    text = Text()
    for number, (line, spans) in enumerate(zip(value.split("\n"), json_marks(value), strict=True)):
        text.append("\n" if number else "")
        start = len(text)
        text.append(line)
        for span in spans:
            text.stylize(span.style, start + span.start, start + span.end)
    return text
