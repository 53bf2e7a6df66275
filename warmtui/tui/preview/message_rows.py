"""The messages of the next session in their three zones: what the agent adds, ours, the new message."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rich.text import Text

from warmtui.curation.redact import SLOT
from warmtui.curation.tokens import message_tokens
from warmtui.exchange.base import Target
from warmtui.model.chat import ChatMessage, CheckFinding
from warmtui.tui.list.row_source import RowSource, RowState
from warmtui.tui.widgets.cells import clean, wrap
from warmtui.tui.widgets.glyphs import Glyphs
from warmtui.tui.widgets.paint import ACCENT, ERROR, FAINT, MUTED, WARNING, Line, cut

MOST_LINES = 1_000
"""Lines of one message that are shown; the export has all, and so has the JSON."""
MOST_CHARACTERS = 60_000
INDENT = 3
NO_MESSAGE = "the message to try it with: i types one"


@dataclass(frozen=True, slots=True)
class Zones:
    """What is shown."""

    target: Target
    ours: tuple[ChatMessage, ...]
    words: str = ""
    """The new user message; empty when none is tried."""
    added: str = ""
    """What else is known to come before ours."""
    findings: tuple[CheckFinding, ...] = ()
    unmasked: Collection[str] = field(default_factory=tuple)
    """Secrets that a person wants unmasked: they are shown where they stand."""


class _Row(NamedTuple):
    key: str
    head: Text | None
    """None for a line that only names a zone."""
    lines: tuple[Text, ...]
    finding: bool = False


class PreviewRows(RowSource):
    """One row per message, with its number, role and tokens; zones between them.

    Args:
        glyphs: the signs to draw with.
    """

    variable = True

    def __init__(self, glyphs: Glyphs) -> None:
        self.glyphs = glyphs
        self._rows: list[_Row] = []
        self._wrapped: dict[int, list[Text]] = {}
        self._width = 0

    def put(self, zones: Zones) -> None:
        """Show other messages."""
        before = self._rows
        self._rows = list(self._made(zones))
        for index in list(self._wrapped):  # what stays as it is need not be wrapped again at every key
            if index >= len(self._rows) or self._rows[index] != before[index]:
                del self._wrapped[index]

    def _made(self, zones: Zones) -> Iterator[_Row]:
        refused: dict[int, list[CheckFinding]] = {}
        for one in zones.findings:
            refused.setdefault(one.index, []).append(one)
        yield _zone("before", f"before ours: {zones.target.before}")
        if zones.added:
            yield _zone("added", zones.added)
        names: dict[str, str] = {}
        for number, message in enumerate(zones.ours):
            names |= {call.id: call.tool for call in message.calls}
            yield self._message(number, message, names, refused.get(number, ()), zones.unmasked)
        if not zones.ours:
            yield _zone("nothing", "nothing of ours: the template is empty")
        yield _zone("after", f"after ours: {zones.target.after}")
        if zones.words:
            tokens = message_tokens(ChatMessage("user", zones.words))
            head = Text(f"{'':>2} {'user':<9}", ACCENT).append(f" {self.glyphs.about} {tokens:,}", FAINT)
            yield _Row("words", head, tuple(map(Text, clean_lines(zones.words))))
        else:
            yield _zone("no words", NO_MESSAGE)

    def _message(
        self,
        number: int,
        message: ChatMessage,
        names: Mapping[str, str],
        refused: Sequence[CheckFinding],
        unmasked: Collection[str],
    ) -> _Row:
        head = Text(f"{number + 1:>2} {message.role:<9}", ACCENT)
        head.append(f" {self.glyphs.about} {message_tokens(message):,}", FAINT)
        if message.call_id and message.call_id in names:
            head.append(f"  result of {clean(names[message.call_id][:60])}", MUTED)
        if message.invented:
            head.append("  written by warmtui", WARNING)
        lines = [Text(line) for line in clean_lines(message.content)]
        for call in message.calls:
            words = f"{self.glyphs.cursor} {call.tool} {call.arguments}"
            lines += (Text(line) for line in clean_lines(words))
        for line in lines:
            _show_masks(line, unmasked)
        by_text: dict[str, list[str]] = {}
        for one in refused:
            by_text.setdefault(one.text, []).append(one.target)
        lines += (Text(f"! {', '.join(who)}: {text}", ERROR) for text, who in by_text.items())
        return _Row(f"message {number}", head, tuple(lines), bool(refused))

    def row_of(self, message: int) -> str:
        """Return the key of a message's row."""
        return f"message {message}"

    def message_at(self, index: int) -> int | None:
        """Return which of our messages a row is, None for one that is none."""
        if not 0 <= index < len(self._rows):
            return None
        kind, _, number = self._rows[index].key.partition(" ")
        return int(number) if kind == "message" else None

    def refused(self, index: int) -> bool:
        """Return whether somebody would refuse the row's message."""
        return self._rows[index].finding

    def __len__(self) -> int:
        return len(self._rows)

    def key(self, index: int) -> str:
        """Return what names the row."""
        return self._rows[index].key

    def resize(self, width: int) -> None:
        """Wrap to a width."""
        if width != self._width:
            self._width = width
            self._wrapped.clear()

    def height(self, index: int) -> int:
        """Return how many lines a row has."""
        return len(self._lines(index))

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        """Return a row's lines."""
        return self._lines(index)

    def _lines(self, index: int) -> list[Text]:
        if index not in self._wrapped:
            self._wrapped[index] = self._wrap(self._rows[index])
        return self._wrapped[index]

    def _wrap(self, row: _Row) -> list[Text]:
        indent = INDENT if row.head is not None else 0
        room = max(10, self._width - indent)
        found: list[Text] = [] if row.head is None else [row.head]
        for line in row.lines:
            for start, end in wrap(line.plain, room):
                piece = cut(line, start, end)
                piece.pad_left(indent)
                found.append(piece)
                if len(found) > MOST_LINES:
                    return [*found, Text("   … more than is shown here; the export has all", WARNING)]
        return found


def clean_lines(text: str) -> list[str]:
    """Return the lines of a text, made safe to show; a very long one is cut, and says so."""
    if len(text) > MOST_CHARACTERS:
        text = (
            f"{text[:MOST_CHARACTERS]}\n… {len(text) - MOST_CHARACTERS:,} characters more; the export has all"
        )
    return [clean(line) for line in text.splitlines()]


def _zone(key: str, words: str) -> _Row:
    return _Row(key, None, (Text(words, FAINT),))


def _show_masks(line: Text, unmasked: Collection[str]) -> None:
    """Style what is masked, and what is not though it was."""
    for slot in SLOT.finditer(line.plain):
        line.stylize(WARNING, *slot.span())
    for value in unmasked:
        for piece in clean_lines(value):
            for found in re.finditer(re.escape(piece), line.plain) if piece.strip() else ():
                line.stylize(f"bold reverse {ERROR}", *found.span())
