"""What one template shows, beside the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.text import Text

from warmtui.analysis.stats import SCORE_FROM
from warmtui.curation.diff import Change
from warmtui.library import DamagedTemplate
from warmtui.model.template import Template, Version
from warmtui.tui.list.tall_row_list import TallRowList
from warmtui.tui.list.text_rows import TextRows
from warmtui.tui.templates.message_text import messages_text
from warmtui.tui.widgets import bars
from warmtui.tui.widgets.cells import clip
from warmtui.tui.widgets.glyphs import Glyphs, glyphs_of
from warmtui.tui.widgets.paint import ACCENT, ERROR, FAINT, MUTED, OK, WARNING
from warmtui.workspace.effect import Effect
from warmtui.workspace.templates import Preview

SHOWN = 6
"""Rows of a section."""
CHARACTERS = 20_000
"""Of the messages that are shown here; the preview screen has more."""
VALUE = 2_000
"""Characters of one side of a difference."""
SIGNS = {"added": "+", "removed": "-", "changed": "~", "moved": "↕"}


class TemplatePane(TallRowList):
    """A template: what it is, how its sessions went, where it is from, its messages; or a difference.

    Only the lines in sight are drawn, so that moving from template to template waits for no text.
    """

    DEFAULT_CSS = """
    TemplatePane > .rows--cursor { background: $background; text-style: none; }
    """
    _subject: object = None
    """What is shown: showing more of it does not scroll."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        self.text = TextRows()
        super().__init__(self.text, opens=False, id=id)

    def _gutter(self, cursor: bool, marked: bool, first: bool) -> Text:
        """Point at a line only while it is read here."""
        return super()._gutter(cursor and self.has_focus, marked, first)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave to the screen what is for lists of things."""
        return False if action == "find" else super().check_action(action, parameters)

    def show_nothing(self) -> None:
        """Show that there is no template."""
        self._put(Text(""), None)

    def show_damaged(self, damaged: DamagedTemplate) -> None:
        """Show that a template cannot be used, and what remains to be done."""
        text = Text(f"{clip(damaged.name, self._room)}\n", "bold")
        text.append("damaged: its content is not what was saved\n", WARNING)
        text.append(
            "It is never sent or exported. Put a backup of the library in its place to have it back.\n"
        )
        self._put(text, damaged.id)

    def show_template(self, shown: Preview, effect: Effect | None, versions: Sequence[Version]) -> None:
        """Show a template.

        Args:
            shown: it, with its messages.
            effect: what became of its sessions, as far as it is known yet.
            versions: its versions that are not damaged, as far as they are read yet.
        """
        self._put(_of_template(shown, effect, versions, glyphs_of(self), self._room), shown.template.id)

    def show_changes(self, one: Template, older: int, newer: int, changes: Sequence[Change]) -> None:
        """Show what differs between two versions."""
        text = Text(f"{clip(one.name, self._room)}\n", "bold")
        count = _counted(len(changes), "difference")
        text.append(f"version {older} → version {newer}: {count}\n", ACCENT)
        text.append("esc goes back to the template\n", FAINT)
        for change in changes:
            text.append(f"\n{SIGNS[change.kind]} {change.kind} {change.place}\n", MUTED)
            for sign, value, style in (("-", change.before, ERROR), ("+", change.after, OK)):
                if value is not None:
                    text.append(f"  {sign} {value[:VALUE]}\n", style)
        self._put(text, (one.id, older, newer))

    @property
    def _room(self) -> int:
        return max(20, (self.content_size.width or 40) - 2)

    def _put(self, text: Text, subject: object) -> None:
        before, at = self.text.lines, self.cursor
        self.text.put_text(text)
        self.refresh_rows()
        if subject != self._subject:
            self.goto(0)
        elif at and (line := _same_line(before, self.text.lines, at)) != at:
            self.goto(line)
        self._subject = subject


def _same_line(before: Sequence[str], after: Sequence[str], at: int) -> int:
    """Return where a line is after lines were added or taken away above or below it, by what stands there."""
    if before[: at + 1] == after[: at + 1]:
        return at
    return at + len(after) - len(before) if before[at:] == after[len(after) - len(before) + at :] else at


def _of_template(
    shown: Preview, effect: Effect | None, versions: Sequence[Version], glyphs: Glyphs, room: int
) -> Text:
    one, version = shown.template, shown.template.version
    text = Text(f"{clip(one.name, room)}\n", "bold")
    if one.deleted_at is not None:
        text.append(f"deleted {day(one.deleted_at)} · z restores it\n", WARNING)
    if version.description:
        text.append(f"{clip(version.description, 3 * room)}\n")
    facts = f"version {version.number} · {version.task_type} · {glyphs.about} {shown.tokens:,} tokens"
    text.append(f"{facts}\n")
    if one.tags:
        text.append(f"{clip(', '.join(one.tags), 2 * room)}\n", MUTED)
    if version.masked:
        kinds = sorted({place.kind for place in version.masked})
        text.append(f"{len(version.masked)} masked: {clip(', '.join(kinds), room)}\n", MUTED)
    for finding in shown.checks[:SHOWN]:
        text.append(f"! {finding.target}, message {finding.index + 1}: {finding.text}\n", WARNING)
    if one.deleted_at is None:
        _success(text, effect, glyphs, room)
    _head(text, "From")
    for source in version.sources[:SHOWN]:
        text.append(f"{clip(source.title or source.id, room)}\n")
    if len(version.sources) > SHOWN:
        text.append(f"and {len(version.sources) - SHOWN} more\n", MUTED)
    if not version.sources:
        text.append("no session\n", MUTED)
    if versions:
        _head(text, "Versions")
        sound = {each.number: each for each in versions}
        newest = max(sound)
        for number in range(newest, max(newest - SHOWN, 0), -1):
            if each := sound.get(number):
                text.append(f"v{number} {day(each.created_at)}")
                text.append(f"  {clip(each.description, room - 24)}\n", MUTED)
            else:
                text.append(f"v{number} damaged\n", WARNING)
        if newest > SHOWN:
            text.append(f"and {newest - SHOWN} older\n", MUTED)
    _head(text, "What is sent")
    text.append_text(messages_text(shown.messages, CHARACTERS, glyphs=glyphs))
    return text


def _success(text: Text, effect: Effect | None, glyphs: Glyphs, room: int) -> None:
    """Tell how the sessions went, and what that stands on."""
    _head(text, "Sessions it started")
    if effect is None:
        text.append("…\n", MUTED)
        return
    if not effect.started:
        text.append("none yet · L starts one\n", MUTED)
        return
    rate = effect.reliability
    if rate is not None:
        enough = rate.n >= SCORE_FROM
        bar = bars.score(rate.value if enough else None, rate.low, rate.high, 24, glyphs=glyphs)
        text.append_text(bar)
        text.append(f"\n{effect.ok} of {rate.n} judged calls worked\n")
        text.append(f"95 % interval {100 * rate.low:.0f}-{100 * rate.high:.0f} %\n", MUTED)
    else:
        text.append("no calls to judge\n", MUTED)
    times = "once" if effect.started == 1 else f"{effect.started} times"
    text.append(f"started {times}, {_counted(len(effect.sessions), 'session')} found", MUTED)
    text.append(f", {effect.missing} not here\n" if effect.missing else "\n", MUTED)
    for row in effect.sessions[:SHOWN]:
        text.append(f"{clip(row.header.title or row.words or row.header.id, room)}\n")


def _head(text: Text, title: str) -> None:
    text.append(f"\n{title}\n", ACCENT)


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def day(at: str) -> str:
    """Return day and minute of a time in the library, as clocks here show it.

    >>> day("when it was")
    'when it was'
    """
    try:
        return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError):
        return clip(at, 16)
