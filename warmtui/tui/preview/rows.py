"""What the Preview screen shows: the messages in three zones, the lines below them, changes of a version."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from rich.text import Text

from warmtui.curation.bootstrap import OPENING
from warmtui.curation.diff import Change
from warmtui.curation.editing import DraftProblem, ReviewedPlace
from warmtui.curation.editing.fields import field_label, position_label
from warmtui.curation.editing.state import find_item
from warmtui.curation.redact import SLOT
from warmtui.curation.tokens import message_tokens
from warmtui.exchange.checks import CheckTarget
from warmtui.exchange.targets import Target
from warmtui.model.chat import ChatMessage, CheckFinding
from warmtui.model.template import GROUPS, Seed
from warmtui.tui.list.row_source import RowSource, RowState
from warmtui.tui.list.text_list import Piece
from warmtui.tui.widgets.cells import clean, wrap
from warmtui.tui.widgets.glyphs import ASCII, Glyphs
from warmtui.tui.widgets.paint import ACCENT, ERROR, FAINT, MUTED, OK, WARNING, Line, cut

MAX_LINES = 1_000
"""Lines of one message that are shown; the JSON and the export have all of them."""
MAX_LENGTH = 60_000
"""Characters of one message that are shown."""
INDENT = 3
PROVIDERS = {"openai": "OpenAI", "anthropic": "Anthropic", "strict-template": "strict templates"}
NO_MESSAGE = "the message to try it with: i types one"
VALUE_LENGTH = 4_000
"""Characters of an old or new value that are shown."""
SIGNS = {"added": "+", "removed": "-", "changed": "~", "moved": ">"}
_ITEM = re.compile(rf"(?:{'|'.join(GROUPS.values())})\[(?P<item>[^\]]+)\]\.?(?P<field>.*)")


class Zones(NamedTuple):
    """What a request consists of: ours, and what the target sends before and after."""

    target: Target
    ours: tuple[ChatMessage, ...]
    user_message: str
    """The message that the draft is tried with; empty for none."""
    configured: str
    """Says which prefill is configured already; it comes before ours."""
    findings: tuple[CheckFinding, ...]
    seed: Seed
    """What our messages are made of."""
    unmasked: Collection[str]
    """Secrets that a person wants unmasked; they are highlighted."""


class _Row(NamedTuple):
    key: str
    head: Text | None
    """None for a line that only names a zone."""
    lines: tuple[Text, ...]
    refused: bool = False


class MessageRows(RowSource):
    """One row per message, with its number, role and tokens, and lines between the zones."""

    variable = True

    def __init__(self, glyphs: Glyphs) -> None:
        self.glyphs = glyphs
        self._rows: list[_Row] = []
        self._wrapped: dict[int, list[Text]] = {}
        self._width = 0

    def put(self, zones: Zones) -> None:
        """Show these zones."""
        before = self._rows
        self._rows = list(self._zone_rows(zones))
        for index in list(self._wrapped):  # A row that stays as it is keeps its lines.
            if index >= len(self._rows) or self._rows[index] != before[index]:
                del self._wrapped[index]

    def _zone_rows(self, zones: Zones) -> Iterator[_Row]:
        refused: dict[int, list[CheckFinding]] = {}
        for finding in zones.findings:
            refused.setdefault(finding.index, []).append(finding)
        yield _zone("before", f"before ours: {zones.target.before}")
        if zones.configured:
            yield _zone("configured", zones.configured)
        tools: dict[str, str] = {}  # by the id of the call
        before = ""
        for number, message in enumerate(zones.ours):
            tools |= {call.id: call.tool for call in message.calls}
            found = message.part != before and find_item(zones.seed, message.part)
            name = position_label(zones.seed, message.part) if found else ""
            before = message.part
            yield self._message_row(number, name, message, tools, refused.get(number, ()), zones.unmasked)
        if not zones.ours:
            yield _zone("nothing", "nothing of ours: the template is empty")
        yield _zone("after", f"after ours: {zones.target.after}")
        if zones.user_message:
            tokens = message_tokens(ChatMessage("user", zones.user_message))
            head = Text(f"{'':>2} {'user':<9}", ACCENT).append(f" {self.glyphs.about} {tokens:,}", FAINT)
            yield _Row("words", head, tuple(map(Text, clean_lines(zones.user_message))))
        else:
            yield _zone("no words", NO_MESSAGE)

    def _message_row(
        self,
        number: int,
        name: str,
        message: ChatMessage,
        tools: Mapping[str, str],
        findings: Sequence[CheckFinding],
        unmasked: Collection[str],
    ) -> _Row:
        head = Text(f"{number + 1:>2} {message.role:<9}", ACCENT)
        head.append(f" {self.glyphs.about} {message_tokens(message):,}", FAINT)
        if name:
            head.append(f"  {name}", MUTED)
        if message.call_id and message.call_id in tools:
            head.append(f"  result of {clean(tools[message.call_id][:60])}", MUTED)
        if message.invented:
            head.append("  written by warmtui", WARNING)
        lines = [Text(line) for line in clean_lines(message.content)]
        for line in lines:
            if message.part == OPENING and line.plain.startswith("## "):
                line.stylize(ACCENT)
        for call in message.calls:
            words = f"{self.glyphs.cursor} {call.tool} {call.arguments}"
            lines += (Text(line) for line in clean_lines(words))
        for line in lines:
            _highlight_masks(line, unmasked)
        refusers: dict[str, list[str]] = {}  # by the reason
        for finding in findings:
            refusers.setdefault(finding.text, []).append(finding.target)
        lines += (Text(f"! {', '.join(names)}: {reason}", ERROR) for reason, names in refusers.items())
        return _Row(f"message {number}", head, tuple(lines), bool(findings))

    def message_at(self, index: int) -> int | None:
        """Return the index of the message in a row; None if the row has none of ours."""
        if not 0 <= index < len(self._rows):
            return None
        kind, _, number = self._rows[index].key.partition(" ")
        return int(number) if kind == "message" else None

    def refused(self, index: int) -> bool:
        """Return whether a provider would refuse the row's message."""
        return self._rows[index].refused

    def __len__(self) -> int:
        return len(self._rows)

    def key(self, index: int) -> str:
        """Return the key of a row."""
        return self._rows[index].key

    def resize(self, width: int) -> None:
        """Wrap to another width."""
        if width != self._width:
            self._width = width
            self._wrapped.clear()

    def height(self, index: int) -> int:
        """Return the number of lines of a row."""
        return len(self._lines(index))

    def render(self, index: int, width: int, state: RowState) -> Sequence[Line]:
        """Return the lines of a row."""
        return self._lines(index)

    def _lines(self, index: int) -> list[Text]:
        if index not in self._wrapped:
            self._wrapped[index] = self._wrap(self._rows[index])
        return self._wrapped[index]

    def _wrap(self, row: _Row) -> list[Text]:
        indent = INDENT if row.head is not None else 0
        room = max(10, self._width - indent)
        lines: list[Text] = [] if row.head is None else [row.head]
        for line in row.lines:
            for start, end in wrap(line.plain, room):
                piece = cut(line, start, end)
                piece.pad_left(indent)
                lines.append(piece)
                if len(lines) > MAX_LINES:
                    return [*lines, Text("   … more than is shown here; the export has all", WARNING)]
        return lines


def clean_lines(text: str) -> list[str]:
    """Return the lines of a text, safe to show; a very long text is cut, and its last line says so."""
    if len(text) > MAX_LENGTH:
        text = f"{text[:MAX_LENGTH]}\n… {len(text) - MAX_LENGTH:,} characters more; the export has all"
    return [clean(line) for line in text.splitlines()]


def _zone(key: str, words: str) -> _Row:
    return _Row(key, None, (Text(words, FAINT),))


def _highlight_masks(line: Text, unmasked: Collection[str]) -> None:
    """Style masked slots, and secrets that are not masked any more."""
    for slot in SLOT.finditer(line.plain):
        line.stylize(WARNING, *slot.span())
    for value in unmasked:
        for piece in clean_lines(value):
            for match in re.finditer(re.escape(piece), line.plain) if piece.strip() else ():
                line.stylize(f"bold reverse {ERROR}", *match.span())


def cost_line(tokens: int, requests: int, glyphs: Glyphs) -> Text:
    """Return the cost of our messages over a session, where they are sent with each of its requests."""
    total = f"{glyphs.about} {tokens * requests:,} over {requests:,}"
    line = Text(f"{glyphs.about} {tokens:,} tokens with every request, {total}")
    return line.append(" (+/-), cheap where cached", MUTED)


def invalid_lines(problems: Sequence[DraftProblem]) -> Iterator[Text]:
    """Yield a line about texts that are not valid, so that they are neither sent nor saved."""
    if problems:
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        yield Text(f"! not in the template (e mends it): {clean(problems[0].text[:300])}{more}", ERROR)


def check_lines(
    findings: Sequence[CheckFinding], refusers: Sequence[CheckTarget], glyphs: Glyphs
) -> Iterator[Text]:
    """Yield the providers that accept the messages, and the first reason why another refuses them.

    Args:
        findings: what is refused.
        refusers: the providers that matter for the target.
        glyphs: the signs to draw with.
    """
    good = "+" if glyphs == ASCII else "✓"
    refusing = {finding.target for finding in findings}
    line = Text()
    for provider in refusers:
        if provider not in refusing:
            line.append(f"{good} {PROVIDERS[provider]}  ", OK)
    if line:
        yield line
    if findings:
        index, reason = findings[0].index, findings[0].text
        reasons = {(finding.index, finding.text) for finding in findings}
        same = (finding for finding in findings if (finding.index, finding.text) == (index, reason))
        names = ", ".join(PROVIDERS[finding.target] for finding in same)
        more = f"  (]: {len(reasons) - 1} more)" if len(reasons) > 1 else ""
        yield Text(f"! {names}, message {index + 1}: {reason}{more}", ERROR)


def masked_lines(
    places: Sequence[ReviewedPlace], unmasked: str, flags: int, glyphs: Glyphs
) -> Iterator[Text]:
    """Yield what is unmasked, what is masked, and how many texts read like an instruction.

    Args:
        places: every place that is masked, or was.
        unmasked: says what is unmasked.
        flags: the number of texts that read like an instruction.
        glyphs: the signs to draw with.
    """
    masked = [place for place in places if not place.restored]
    sign = "*" if glyphs == ASCII else "⚿"
    if unmasked:
        yield Text(f"! {unmasked}", ERROR)
    line = Text()
    if masked:
        reviewed = sum(place.standing == "accepted" for place in masked)
        kinds = ", ".join(sorted({place.kind for place in masked}))
        line.append(f"{sign} {len(masked)} masked, {reviewed} reviewed (m): {kinds}", MUTED)
    elif not unmasked:
        line.append(f"{sign} none recognised: read it before you share it", MUTED)
    if flags:
        line.append(f"   ! {flags} read{'s' * (flags == 1)} like an instruction", WARNING)
    if line:
        yield line


def change_pieces(
    title: str, changes: Sequence[Change], seeds: Sequence[Seed], both: Collection[str] = frozenset()
) -> Iterator[Piece]:
    """Yield the changes between two versions as text to read from top to bottom.

    Args:
        title: names the versions.
        changes: the changes.
        seeds: of the newer and the older version; they name the items.
        both: places that the other side changed too, each in another way.
    """
    yield Piece(f"{title}: {len(changes)} change{'s' * (len(changes) != 1)}", ACCENT)
    for change in changes:
        conflict = "  changed by both" if change.place in both else ""
        words = f"{SIGNS[change.kind]} {change.kind} {place_in_words(change.place, seeds)}{conflict}"
        yield Piece(words, WARNING if conflict else MUTED)
        for sign, value, style in (("-", change.before, ERROR), ("+", change.after, OK)):
            if value is not None:
                yield Piece(f"{sign} {value[:VALUE_LENGTH]}", style, 2)
                if len(value) > VALUE_LENGTH:
                    yield Piece(f"… {len(value) - VALUE_LENGTH:,} characters more", FAINT, 2)
    yield Piece("")


def changed_by_both(theirs: Sequence[Change], mine: Sequence[Change]) -> frozenset[str]:
    """Return the places that two sides changed, each to something else."""
    after = {change.place: change.after for change in theirs}
    return frozenset(
        change.place for change in mine if change.place in after and after[change.place] != change.after
    )


def place_in_words(place: str, seeds: Sequence[Seed]) -> str:
    """Return the place of a change in words: `closing of example 2` for `tool_examples[ID].closing`.

    Args:
        place: as `diff_versions` gives it.
        seeds: where the item is looked up, in this order.

    Returns:
        The place as it was given if no seed has the item.
    """
    found = _ITEM.fullmatch(place)
    for seed in seeds if found else ():
        if found and find_item(seed, found["item"]) is not None:
            field = found["field"].replace("[", ".").replace("]", "")
            return field_label(seed, found["item"], field) if field else position_label(seed, found["item"])
    return place
