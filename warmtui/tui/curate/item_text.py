"""An item of the draft, or a candidate for it, laid out for reading."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rich.text import Text

from warmtui.curation.candidates import Candidate
from warmtui.curation.editing import DraftState, Field, Offer, Pick, Problem, apply, fields_of, heading
from warmtui.curation.editing.state import find_item
from warmtui.tui.text.json_marks import json_marks
from warmtui.tui.widgets.cells import clean_in_place, clip
from warmtui.tui.widgets.glyphs import Glyphs
from warmtui.tui.widgets.paint import ERROR, FAINT, MUTED, WARNING

FIELD_LENGTH = 1_200
"""Characters of one field; the editor and the preview have all of them."""
LINE_WIDTH = 300
"""Cells of a text on a line of its own, such as a title, which may have any length."""
MAX_NOTES = 4
"""Problems that are named above an item; n goes through all of them."""
LABEL_WIDTH = 12
"""Cells of a label beside its value, with the gap between them."""


class ItemView(NamedTuple):
    """What there is to read about an item."""

    item: str
    """The item's id; empty when there is none."""
    title: str
    fields: tuple[Field, ...] = ()
    notes: tuple[str, ...] = ()
    """Its problems."""
    footer: tuple[str, ...] = ()
    """Why it is offered, and where it is from."""


def item_id_of(candidate: Candidate) -> str:
    """Return the id of the item that a candidate becomes: the kind for items that exist only once."""
    return str(getattr(candidate.record, "id", "") or candidate.kind)


def item_view(
    state: DraftState,
    item: str,
    problems: Iterable[Problem],
    candidate: Candidate | None = None,
    offer: Offer | None = None,
) -> ItemView:
    """Gather what there is to read about an item of the draft, or about what a candidate would become.

    Args:
        state: the draft.
        item: the item's id; empty when the cursor is on nothing that is picked.
        problems: the problems of the whole draft.
        candidate: the candidate under the cursor.
        offer: the candidate as it would be picked.
    """
    footer = [", ".join(candidate.reasons)] if candidate is not None else []
    if item:
        title = heading(state.seed, item)
        notes = [problem.text for problem in problems if problem.item == item][:MAX_NOTES]
    elif candidate is not None and offer is not None:
        item, state = item_id_of(candidate), apply(DraftState(), Pick((offer,)))
        title = "Not picked; space picks it"
        notes = [f"reads like an instruction: {flag}" for flag in candidate.flags]
    else:
        return ItemView("", "Nothing is picked here yet.")
    found = find_item(state.seed, item)
    if found is not None:
        origin = found.item.provenance
        source = next((source for source in state.sources if source.id == origin.session_id), None)
        name = (source.title if source is not None else None) or origin.session_id
        message = f", id {clip(origin.message_id, LINE_WIDTH)}" if origin.message_id else ""
        footer.append(f"From {clip(name, LINE_WIDTH)}{message} · o reads on there")
    return ItemView(item, title, fields_of(state, item), tuple(notes), tuple(filter(None, footer)))


def item_text(view: ItemView, *, width: int, glyphs: Glyphs) -> Text:
    """Lay out an item; an empty field is shown only if its placeholder is sent instead.

    Args:
        view: the item.
        width: cells of a line; short values stand beside their label.
        glyphs: the signs to draw with.
    """
    text = Text(f"{clip(view.title, LINE_WIDTH)}\n", "bold")
    for note in view.notes:
        text.append(f"{clip(note, LINE_WIDTH)}\n", WARNING)
    for field in view.fields:
        _append_field(text, field, width, glyphs)
    for line in view.footer:
        text.append(f"{clip(line, 3 * LINE_WIDTH)}\n", FAINT)
    return text


def _append_field(text: Text, field: Field, width: int, glyphs: Glyphs) -> None:
    value = field.text[:FIELD_LENGTH].rstrip("\n")
    if not value:
        if field.placeholder:
            text.append(f"{field.label.ljust(LABEL_WIDTH)}", MUTED)
            text.append(f"{field.placeholder} (written by warmtui)\n", FAINT)
        return
    beside = "\n" not in value and len(field.label) < LABEL_WIDTH and len(value) <= width - LABEL_WIDTH
    text.append(f"{field.label.ljust(LABEL_WIDTH)}" if beside else f"{field.label}\n", MUTED)
    if field.kind == "json":
        text.append_text(_json(value))
    else:
        text.append(value)
    text.append("\n")
    if len(field.text) > FIELD_LENGTH:
        text.append(f"{glyphs.more} {len(field.text) - FIELD_LENGTH:,} more characters\n", FAINT)
    if field.error is not None:
        text.append(f"! {field.error.in_words()}\n", ERROR)


def _json(value: str) -> Text:
    """Return coloured JSON; without colours if cleaning it would move characters."""
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
