"""The pane beside the list of templates: one template, or the changes between two of its versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.text import Text

from warmtui.curation.diff import Change
from warmtui.curation.tokens import message_tokens
from warmtui.model.chat import ChatMessage
from warmtui.model.template import DamagedTemplate, SourceSession, Template, Version
from warmtui.text import counted
from warmtui.tui.list.text_list import TallRowList, TextRows
from warmtui.tui.widgets import bars
from warmtui.tui.widgets.cells import clip
from warmtui.tui.widgets.glyphs import Glyphs, glyphs_of
from warmtui.tui.widgets.paint import ACCENT, ERROR, FAINT, MUTED, OK, WARNING
from warmtui.workspace.effect import Effect
from warmtui.workspace.templates import Preview

SECTION_ROWS = 6
MESSAGES_LENGTH = 20_000
"""Characters of the messages that are shown here; the preview screen has more."""
VALUE_LENGTH = 2_000
"""Characters of an old or new value."""
SIGNS = {"added": "+", "removed": "-", "changed": "~", "moved": "↕"}


class TemplatePane(TallRowList):
    """A template: its facts, how its sessions went, where it is from, and its messages; or changes.

    It draws only the visible lines, so moving from template to template never waits for a long text.
    """

    DEFAULT_CSS = """
    TemplatePane > .rows--cursor { background: $background; text-style: none; }
    """
    _subject: object = None
    """What the text is of; another subject scrolls to the top."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        self.text = TextRows()
        super().__init__(self.text, opens=False, id=id)

    def _gutter(self, cursor: bool, marked: bool, first: bool) -> Text:
        """Show the cursor only while the pane has the focus."""
        return super()._gutter(cursor and self.has_focus, marked, first)

    def show_nothing(self) -> None:
        """Show that there is no template."""
        self._put(Text(""), None)

    def show_damaged(self, damaged: DamagedTemplate) -> None:
        """Show that a template cannot be used, and what a person can do about it."""
        text = Text(f"{clip(damaged.name, self._line_width)}\n", "bold")
        text.append("damaged: its content is not what was saved\n", WARNING)
        text.append(
            "It is never sent or exported. Put a backup of the library in its place to have it back.\n"
        )
        self._put(text, damaged.id)

    def show_template(self, shown: Preview, effect: Effect | None, versions: Sequence[Version]) -> None:
        """Show a template.

        Args:
            shown: the template with its messages.
            effect: how its sessions went; None while that is not known.
            versions: its versions that are not damaged; empty while they are not read.
        """
        text = _template_text(shown, effect, versions, glyphs_of(self), self._line_width)
        self._put(text, shown.template.id)

    def show_changes(self, template: Template, older: int, newer: int, changes: Sequence[Change]) -> None:
        """Show the changes between two versions, given by number."""
        text = Text(f"{clip(template.name, self._line_width)}\n", "bold")
        count = counted(len(changes), "difference")
        text.append(f"version {older} → version {newer}: {count}\n", ACCENT)
        text.append("esc goes back to the template\n", FAINT)
        for change in changes:
            text.append(f"\n{SIGNS[change.kind]} {change.kind} {change.place}\n", MUTED)
            for sign, value, style in (("-", change.before, ERROR), ("+", change.after, OK)):
                if value is not None:
                    text.append(f"  {sign} {value[:VALUE_LENGTH]}\n", style)
        self._put(text, (template.id, older, newer))

    @property
    def _line_width(self) -> int:
        return max(20, (self.content_size.width or 40) - 2)

    def _put(self, text: Text, subject: object) -> None:
        """Show a text; if more of the same subject is shown, the line under the cursor stays."""
        before, at = self.text.lines, self.cursor
        self.text.put_text(text)
        self.refresh_rows()
        if subject != self._subject:
            self.goto(0)
        elif at and (line := _same_line(before, self.text.lines, at)) != at:
            self.goto(line)
        self._subject = subject


def _same_line(before: Sequence[str], after: Sequence[str], at: int) -> int:
    """Return the index that a line has after lines were inserted or removed above or below it."""
    if before[: at + 1] == after[: at + 1]:
        return at
    return at + len(after) - len(before) if before[at:] == after[len(after) - len(before) + at :] else at


def _template_text(
    shown: Preview, effect: Effect | None, versions: Sequence[Version], glyphs: Glyphs, width: int
) -> Text:
    template, version = shown.template, shown.template.version
    text = Text(f"{clip(template.name, width)}\n", "bold")
    if template.deleted_at is not None:
        text.append(f"deleted {day(template.deleted_at)} · z restores it\n", WARNING)
    if version.description:
        text.append(f"{clip(version.description, 3 * width)}\n")
    facts = f"version {version.number} · {version.task_type} · {glyphs.about} {shown.tokens:,} tokens"
    text.append(f"{facts}\n")
    if template.tags:
        text.append(f"{clip(', '.join(template.tags), 2 * width)}\n", MUTED)
    if version.masked:
        kinds = sorted({place.kind for place in version.masked})
        text.append(f"{len(version.masked)} masked: {clip(', '.join(kinds), width)}\n", MUTED)
    for finding in shown.checks[:SECTION_ROWS]:
        text.append(f"! {finding.target}, message {finding.index + 1}: {finding.text}\n", WARNING)
    if template.deleted_at is None:
        _append_effect(text, effect, glyphs, width)
    _append_sources(text, version.sources, width)
    if versions:
        _append_versions(text, versions, width)
    _append_title(text, "What is sent")
    _append_messages(text, shown.messages, glyphs)
    return text


def _append_title(text: Text, title: str) -> None:
    text.append(f"\n{title}\n", ACCENT)


def _append_effect(text: Text, effect: Effect | None, glyphs: Glyphs, width: int) -> None:
    """Append how the sessions went, with the number of calls that this is based on."""
    _append_title(text, "Sessions it started")
    if effect is None:
        text.append("…\n", MUTED)
        return
    if not effect.started:
        text.append("none yet · L starts one\n", MUTED)
        return
    rate = effect.reliability
    if rate is not None:
        text.append_text(bars.reliability(rate, 24, glyphs=glyphs))
        text.append(f"\n{effect.ok} of {rate.n} judged calls worked\n")
        text.append(f"95 % interval {100 * rate.low:.0f}-{100 * rate.high:.0f} %\n", MUTED)
    else:
        text.append("no calls to judge\n", MUTED)
    times = "once" if effect.started == 1 else f"{effect.started} times"
    text.append(f"started {times}, {counted(len(effect.sessions), 'session')} found", MUTED)
    text.append(f", {effect.missing} not here\n" if effect.missing else "\n", MUTED)
    for row in effect.sessions[:SECTION_ROWS]:
        text.append(f"{clip(row.header.title or row.words or row.header.id, width)}\n")


def _append_sources(text: Text, sources: Sequence[SourceSession], width: int) -> None:
    _append_title(text, "From")
    for source in sources[:SECTION_ROWS]:
        text.append(f"{clip(source.title or source.id, width)}\n")
    if len(sources) > SECTION_ROWS:
        text.append(f"and {len(sources) - SECTION_ROWS} more\n", MUTED)
    if not sources:
        text.append("no session\n", MUTED)


def _append_versions(text: Text, versions: Sequence[Version], width: int) -> None:
    """Append the newest versions; a number that is missing is of a damaged one."""
    _append_title(text, "Versions")
    sound = {version.number: version for version in versions}
    newest = max(sound)
    for number in range(newest, max(newest - SECTION_ROWS, 0), -1):
        if version := sound.get(number):
            text.append(f"v{number} {day(version.created_at)}")
            text.append(f"  {clip(version.description, width - 24)}\n", MUTED)
        else:
            text.append(f"v{number} damaged\n", WARNING)
    if newest > SECTION_ROWS:
        text.append(f"and {newest - SECTION_ROWS} older\n", MUTED)


def _append_messages(text: Text, messages: Sequence[ChatMessage], glyphs: Glyphs) -> None:
    """Append numbered messages with their calls, up to `MESSAGES_LENGTH` characters."""
    room = MESSAGES_LENGTH
    for number, message in enumerate(messages, 1):
        mark = "  written by warmtui" if message.invented else ""
        text.append(f"\n{number:>2} {message.role:<9}", ACCENT)
        text.append(f" {glyphs.about} {message_tokens(message):,}{mark}\n", FAINT)
        body = message.content[:room]
        room -= len(body)
        if body:
            text.append("".join(f"   {line}\n" for line in body.splitlines()))
        for call in message.calls:
            words = f"{call.tool} {call.arguments}"[: max(0, room)]
            room -= len(words)
            text.append(f"   {glyphs.cursor} {words}\n")
        if room <= 0:
            text.append("… more than is shown here; the export has all\n", WARNING)
            break


def day(at: str) -> str:
    """Return the day and minute of a library timestamp, in local time.

    >>> day("when it was")
    'when it was'
    """
    try:
        return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError):
        return clip(at, 16)
