"""One item of a template, or one candidate for it, laid out for reading."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from warmtui.curation.editing import Field
from warmtui.tui.widgets.cells import clean_in_place
from warmtui.tui.widgets.glyphs import Glyphs
from warmtui.tui.widgets.json_marks import json_marks
from warmtui.tui.widgets.paint import ERROR, FAINT, MUTED, WARNING

SHOWN = 1_200
"""Characters of one field; the editor and the preview have all of them."""
LABEL = 12
"""Cells of a label that has its value beside it, with the gap between them."""


def item_text(
    title: str,
    fields: Sequence[Field],
    *,
    notes: Sequence[str] = (),
    footing: Sequence[str] = (),
    width: int,
    glyphs: Glyphs,
) -> Text:
    """Lay out an item.

    Args:
        title: what it is, in a line.
        fields: its fields; empty ones are left out, but for those that say what is sent instead.
        notes: what is to be looked at in it.
        footing: where it is from.
        width: cells of a line; short values stand beside their label.
        glyphs: the signs to draw with.
    """
    text = Text(f"{title}\n", "bold")
    for note in notes:
        text.append(f"{note}\n", WARNING)
    for field in fields:
        _field(text, field, width, glyphs)
    for line in footing:
        text.append(f"{line}\n", FAINT)
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
