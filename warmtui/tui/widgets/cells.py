"""Text measured in terminal cells: cleaned, clipped, padded and wrapped, in time linear in what is shown."""

from __future__ import annotations

import re

from rich.cells import cell_len, set_cell_size, split_graphemes

from warmtui.display import COMBINING_CAP, display_line, display_text

PER_CELL = 2 + COMBINING_CAP
"""Characters read per cell of room: a base, its marks (`display_text` caps them) and a selector."""

_PLAIN = re.compile(
    "[ -~\xa0-\xac\xae-\u02ff\u0370-\u0482\u2010-\u2027\u2400-\u2426\u2500-\u25fc\u2800-\u28ff\ufffd]*"
)
"""Text of harmless characters one cell wide; most text is, and one pass tells."""


def is_plain(text: str) -> bool:
    """Return whether every character is harmless and one cell wide, so that its width is its length."""
    return (text.isascii() and text.isprintable()) or _PLAIN.fullmatch(text) is not None


def clean(text: str) -> str:
    r"""Return `text` safe to show on one line, with a width that can be trusted.

    As `display_line`, in one pass where there is nothing to clean.

    >>> clean("a\x1b[2J\u200db")
    'a␛[2J\ufffdb'
    """
    return text if is_plain(text) else display_line(text)


def clean_in_place(text: str, *, lines: bool = False) -> str | None:
    """Return `text` cleaned with every character at its place, so that styles still fit.

    Args:
        text: anything.
        lines: whether line breaks stay.

    Returns:
        The text, tabs as single blanks; None when cleaning it takes characters away (piles of marks).
    """
    if is_plain(text):
        return text
    text = text.replace("\t", " ").replace("\r\n", " \n")
    cleaned = display_text(text) if lines else display_line(text)
    return cleaned if len(cleaned) == len(text) else None


def clip(text: str, width: int, more: str = "…") -> str:
    """Return `text` cleaned and cut to at most `width` cells, with `more` where something is missing.

    A wide character that does not fit is left out whole. Only the beginning of a long text is looked at.

    >>> clip("日本語", 5)
    '日本…'
    """
    if width <= 0:
        return ""
    if len(text) <= width and is_plain(text):
        return text
    room = width * PER_CELL + PER_CELL
    cut = len(text) > room
    text = clean(text[:room] if cut else text)
    if not cut and cell_len(text) <= width:
        return text
    kept, used = [], 0
    for start, end, cells in split_graphemes(text)[0]:
        if used + cells > width - 1:
            break
        kept.append(text[start:end])
        used += cells
    return "".join(kept).rstrip(" ") + more


def fill(text: str, width: int, more: str = "…") -> str:
    """Return `text` clipped and padded to exactly `width` cells."""
    return set_cell_size(clip(text, width, more), max(0, width))


def wrap(text: str, width: int) -> list[tuple[int, int]]:
    """Return where a line breaks: at spaces if there are any, else anywhere.

    Args:
        text: one line, already cleaned.
        width: cells per line; at least 2 are used, so that a wide character always fits.

    Returns:
        Start and end of each piece in characters; the spaces at a break belong to the piece before it and
        may reach past its width. An empty text is one empty piece. Linear in the text.
    """
    width = max(2, width)
    single = is_plain(text)
    if single and len(text) <= width:
        return [(0, len(text))]
    return _wrap_single(text, width) if single else _wrap_wide(text, width)


def _wrap_single(text: str, width: int) -> list[tuple[int, int]]:
    """Wrap text whose characters are all one cell wide, without measuring each."""
    pieces: list[tuple[int, int]] = []
    start, length = 0, len(text)
    while length - start > width:
        space = text.rfind(" ", start, start + width + 1)
        end = start + width
        if space > start and not text[start:space].isspace():
            end = space + 1
            while end < length and text[end] == " ":
                end += 1
        pieces.append((start, end))
        start = end
    if start < length:
        pieces.append((start, length))
    return pieces


def _wrap_wide(text: str, width: int) -> list[tuple[int, int]]:
    """Wrap text of any characters, grapheme by grapheme."""
    pieces: list[tuple[int, int]] = []
    start = used = after = 0  # characters; cells since the start; cells since the last space
    space = 0  # where the word after the last space begins; 0 while the line holds no word before it
    word = False
    for at, end, cells in split_graphemes(text)[0]:
        if text[at:end] == " ":
            if word:
                space, after = at + 1, 0
            used += cells
            continue
        while used + cells > width:
            if space > start:
                pieces.append((start, space))
                start, used = space, after
            else:
                pieces.append((start, at))
                start, used, after = at, 0, 0
        word = True
        used += cells
        after += cells
    if start < len(text) or not pieces:
        pieces.append((start, len(text)))
    return pieces
