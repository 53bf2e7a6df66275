"""The lines of a timeline's entries: a few when folded, arguments and result when unfolded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from rich.text import Text

from warmtui.analysis.outcomes.error_types import error_line
from warmtui.curation.summaries import call_summary, single_line
from warmtui.model.outcome import SIGNS, Outcome
from warmtui.tui.text.styled_lines import StyledLine, cut_spans, json_lines, plain_lines
from warmtui.tui.timeline.entries import Entry
from warmtui.tui.widgets.cells import clean, clip, wrap
from warmtui.tui.widgets.glyphs import ASCII, Glyphs
from warmtui.tui.widgets.paint import ACCENT, ERROR, FAINT, MUTED, OK, PRIMARY, WARNING

MAX_LINES = 200
"""Lines of a text that the timeline shows; the pane beside it shows all."""
MAX_JSON = 20_000
"""Above this many characters, only the pane lays out JSON, at up to 2 µs per character."""
MAX_ARGUMENTS = 20_000
"""Above this many characters of arguments, a call's line shows their beginning without parsing them."""
MAX_RESULT = 200_000
"""Above this many characters, a result is not searched for the line that names the error."""
REASON_WIDTH = 28
"""From this many cells right of a call on, its reason for being ok is shown."""
SHOWN_LINES = {"person": 4, "agent": 3, "summary": 2}
"""Lines of a folded message, by who wrote it; others have one."""

ASCII_SIGNS: dict[Outcome, str] = {
    "ok": "+",
    "error": "x",
    "denied": "/",
    "interrupted": "!",
    "pending": ".",
    "unknown": "?",
}
STYLES: dict[Outcome, str] = {
    "ok": OK,
    "error": ERROR,
    "denied": WARNING,
    "interrupted": WARNING,
    "pending": MUTED,
    "unknown": MUTED,
}
_WHO = {
    "person": ("user", f"bold {ACCENT}"),
    "agent": ("agent", PRIMARY),
    "system": ("system", FAINT),
    "harness": ("program", FAINT),
    "summary": ("summary", WARNING),
    "tool": ("result", MUTED),
}
_DECODER = json.JSONDecoder()
# Most of the characters that take two cells: exact widths would cost too much for every entry.
_WIDE = re.compile(
    "[\u1100-\u115f\u2600-\u27bf\u2b00-\u2bff\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\ufe10-\ufe6f\uff00-\uff60\uffe0-\uffe6\U00010000-\U0010ffff]"
)


def outcome_text(outcome: Outcome, glyphs: Glyphs, *, findings: bool = False) -> Text:
    """Return an outcome as sign and word."""
    sign = (ASCII_SIGNS if glyphs == ASCII else SIGNS)[outcome]
    return Text(f"{sign} {outcome}{', findings' if findings else ''}", STYLES[outcome])


def label(entry: Entry, glyphs: Glyphs) -> Text:
    """Return who speaks, or what became of a call."""
    if entry.call is not None:
        verdict = entry.call.verdict
        return outcome_text(verdict.outcome, glyphs, findings=verdict.findings)
    if entry.message is None:
        return Text(*_WHO["system"])
    return Text(*_WHO[entry.message.origin])


def style_of(entry: Entry) -> str:
    """Return the style of an entry's words: faint for what neither person nor agent said."""
    if entry.call is not None:
        return FAINT if entry.call.housekeeping else ""
    origin = entry.message.origin if entry.message is not None else "system"
    return {"person": "bold", "agent": "", "summary": MUTED, "tool": MUTED}.get(origin, FAINT)


# folded


def folded_height(entry: Entry, width: int) -> int:
    """Return how many lines a folded entry has; cheap, because it is called for every entry.

    Wide characters are taken to be two cells and all others one; where that is wrong a folded message has a
    line too many or too few.
    """
    if entry.call is not None:
        return 1 if entry.call.verdict.outcome == "ok" else 2
    most = 1 if entry.message is None else SHOWN_LINES.get(entry.message.origin, 1)
    if most == 1 or (len(entry.text) * 2 <= width and "\n" not in entry.text):
        return 1
    lines = 0
    for paragraph in _paragraphs(entry.text, width, most):
        if not paragraph.isascii():
            paragraph = re.sub("[^ -~]", "x", _WIDE.sub("xx", paragraph))
        lines += len(wrap(paragraph, width))
        if lines >= most:
            return most
    return max(1, lines)


def _paragraphs(text: str, width: int, lines: int) -> list[str]:
    # Enough to fill more than `lines`, so that it shows whether the text is cut.
    beginning = text[: 2 * width * lines + 200].lstrip()
    if "\t" in beginning:
        beginning = beginning.expandtabs(4)
    return [line for line in map(str.rstrip, beginning.split("\n")) if line][: lines + 1]


def folded_lines(entry: Entry, width: int, glyphs: Glyphs) -> list[Text]:
    """Return a folded entry's words without its label, in as many lines as `folded_height` says, or fewer."""
    if entry.call is not None:
        return _call_lines(entry, width, glyphs)
    height, style = folded_height(entry, width), style_of(entry)
    lines: list[str] = []
    for paragraph in map(clean, _paragraphs(entry.text, width, height)):
        lines += [paragraph[start:end].rstrip() for start, end in wrap(paragraph, width)]
        if len(lines) > height:
            break
    cut = len(lines) > height or len(entry.text) > 2 * width * height + 200
    lines = lines[:height] or [""]
    if cut:
        lines[-1] = clip(lines[-1], width - 1, "") + glyphs.more
    if not entry.text.strip():
        lines, style = ["(no words)"], FAINT
    return [Text(line, style) for line in lines]


def can_unfold(entry: Entry, width: int, glyphs: Glyphs) -> bool:
    """Return whether unfolding shows more."""
    if entry.kind == "cut":
        return False
    if entry.call is not None:
        return True
    lines = folded_lines(entry, width, glyphs)
    return len(" ".join(line.plain for line in lines)) < len(entry.text.strip()) - len(lines)


def _call_lines(entry: Entry, width: int, glyphs: Glyphs) -> list[Text]:
    assert entry.call is not None
    verdict = entry.call.verdict
    line = _call_line(entry, width)
    if verdict.outcome != "ok":
        return [line, Text(clip(_what_happened(entry), width, glyphs.more), STYLES[verdict.outcome])]
    room = width - line.cell_len - 2
    if room >= REASON_WIDTH:
        shown = clip(single_line(verdict.reason), min(room, max(REASON_WIDTH, width // 2)), glyphs.more)
        line.pad_right(max(2, width - line.cell_len - Text(shown).cell_len))
        line.append(shown, FAINT)
    return [line]


def _what_happened(entry: Entry) -> str:
    assert entry.call is not None
    verdict, result = entry.call.verdict, entry.call.result
    reason = single_line(verdict.reason)
    if verdict.outcome != "error" or result is None or len(result.text) > MAX_RESULT:
        return reason
    line = error_line(result.text)
    return f"{reason.rstrip('.')}: {line}" if line and line not in reason else reason


def _call_line(entry: Entry, width: int) -> Text:
    assert entry.call is not None
    call = entry.call.call
    after = "  housekeeping" if entry.call.housekeeping else ""
    room = max(4, width - len(after))
    long = len(call.arguments) > MAX_ARGUMENTS
    words = call_summary(call.tool, call.arguments[:400] if long else call.arguments, 4 * room)
    tool = clip(call.tool, min(24, room))
    arguments = clip(words[len(call.tool) :].strip(), max(1, room - len(tool) - 1))
    line = Text.assemble((tool, "bold"), " ", arguments, style=style_of(entry))
    return line.append(after, FAINT) if after else line


# unfolded


def unfolded_lines(entry: Entry, width: int) -> list[Text]:
    """Return an entry's words, a call's arguments and result in full; only long texts are cut."""
    if entry.call is None:
        return list(text_lines(entry.text, width, style_of(entry)))
    call, verdict, result = entry.call.call, entry.call.verdict, entry.call.result
    lines = [_call_line(entry, width)]
    lines += _wrapped(f"{verdict.reason} ({verdict.rule})", width, STYLES[verdict.outcome])
    lines += text_lines(call.arguments, width) if call.arguments.strip() else [Text("no arguments", FAINT)]
    if result is None:
        return [*lines, Text("no result", MUTED)]
    lines.append(Text(f"result, {len(result.text):,} characters", MUTED))
    lines += text_lines(result.text, width)
    return lines


def text_lines(text: str, width: int, style: str = "") -> Iterator[Text]:
    """Yield untrusted text in lines that fit, JSON laid out, at most `MAX_LINES` and a note.

    Args:
        text: of any length.
        width: cells.
        style: of what is not JSON.
    """
    count = 0
    for line in _styled_lines(text, width):
        for start, end in line.wrapped(width):
            if count == MAX_LINES:
                yield _more(text)
                return
            count += 1
            part = Text(line.cut(start, end, width), style)
            for span_start, span_end, look in cut_spans(line.spans, start, end, line.indent_in(width)):
                part.stylize(look, span_start, span_end)
            yield part
    if len(text) > max(_characters_read(width), MAX_JSON):
        yield _more(text)


def _more(text: str) -> Text:
    return Text(f"cut here; enter reads all {len(text):,} characters", WARNING)


def _characters_read(width: int) -> int:
    return max(2_000, MAX_LINES * width)


def _styled_lines(text: str, width: int) -> list[StyledLine]:
    if len(text) <= MAX_JSON:
        end = _json_end(text)
        found = json_lines(text[:end]) if end else None
        if found is not None:
            return [*found, *_plain(text[end:].strip("\n"))]
    return _plain(text[: max(_characters_read(width), MAX_JSON)].rstrip("\n")) or [StyledLine("")]


def _json_end(text: str) -> int:
    # Some agents write hints for the model after the JSON.
    if text.lstrip()[:1] not in ("{", "["):
        return 0
    try:
        return _DECODER.raw_decode(text, len(text) - len(text.lstrip()))[1]
    except (ValueError, RecursionError):
        return 0


def _plain(text: str) -> list[StyledLine]:
    return plain_lines(text) if text.strip() else []


def _wrapped(text: str, width: int, style: str) -> list[Text]:
    text = clean(single_line(text[:1_000]))
    return [Text(text[start:end].rstrip(), style) for start, end in wrap(text, width)]
