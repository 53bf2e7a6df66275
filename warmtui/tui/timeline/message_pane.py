"""A pane that shows a message, or a call with its arguments and result, in full."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import BindingType

from warmtui.tui.base_screen import key
from warmtui.tui.commands import bindings
from warmtui.tui.text.text_view import DetailView
from warmtui.tui.timeline.entries import Entry
from warmtui.tui.timeline.entry_lines import STYLES, label, text_lines
from warmtui.tui.widgets.cells import clean, wrap
from warmtui.tui.widgets.glyphs import glyphs_of
from warmtui.tui.widgets.paint import FAINT, MUTED, OK
from warmtui.workspace.call_fixes import CallFix, CallFixes
from warmtui.workspace.reader import JudgedSession

ARGUMENT_LINES = 12
"""Lines of arguments shown above a result; all of them are one key away."""
NOT_FIXED = "nothing that fixed it was found in this session"
FAILURES_SHOWN = 5
"""Messages of failed calls that are named."""
CHANGE_SHOWN = 400
"""Characters of the change that are shown."""


class MessagePane(DetailView):
    """The entry under the timeline's cursor: a message's text, or a call's result below its arguments.

    A call's arguments are shown above its result, shortened; a key shows them in full.
    """

    KEYS = (key("timeline.part", "a", "other_part", "Arguments in full, or the result", "arguments/result"),)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]
    DEFAULT_CSS = "MessagePane { padding: 0 1 0 2; }"

    def __init__(self) -> None:
        super().__init__(id="message")
        self.entry: Entry | None = None
        self._arguments = False
        self._shown_width = 0
        self._fixes: CallFixes | None = None
        self._judged: JudgedSession | None = None

    @property
    def _width(self) -> int:
        return max(20, self.view.scrollable_content_region.width or self.content_size.width or 40)

    def show_entry(
        self,
        entry: Entry | None,
        words: str = "",
        *,
        fixes: CallFixes | None = None,
        judged: JudgedSession | None = None,
    ) -> None:
        """Show an entry; the place in it stays if it is shown already.

        Args:
            entry: None for nothing.
            words: what was searched for in the timeline, marked here too.
            fixes: which calls of the session fixed which; None while that is searched for.
            judged: the session that they are of.
        """
        same = entry is not None and self.entry is not None and entry.key == self.entry.key
        known = fixes is self._fixes
        self._fixes, self._judged = fixes, judged
        if same and known and entry == self.entry and self._shown_width == self._width:
            self._mark(words)
            return
        if not same:
            self._arguments = entry is not None and entry.call is not None and entry.call.result is None
        self.entry = entry
        self._put(keep_place=same)
        self._mark(words)
        self.refresh_bindings()

    def _mark(self, words: str) -> None:
        if words.casefold() not in self.view.text.casefold():
            words = ""
        if words != self.view.words:
            self.view.search(words)

    def _put(self, *, keep_place: bool = False) -> None:
        entry, self._shown_width = self.entry, self._width
        if entry is None:
            self.show("")
        elif entry.call is None:
            self.show(entry.text, heading=self._message_heading(entry), keep_place=keep_place)
        else:
            call, result = entry.call.call, entry.call.result
            text = call.arguments if self._arguments or result is None else result.text
            self.show(text, heading=self._call_heading(entry), keep_place=keep_place)

    def _message_heading(self, entry: Entry) -> list[Text]:
        message = entry.message
        head = label(entry, glyphs_of(self))
        if message is None:
            return [head.append(" prompt", FAINT), Text()]
        head.append(
            f"  message {entry.position + 1:,}, id {clean(message.id[:60])}{_time(message.at)}", FAINT
        )
        if entry.kind == "result":
            head.append(f"  answers no call, id {clean(message.call_id[:60])}", MUTED)
        return [head, Text()]

    def _call_heading(self, entry: Entry) -> list[Text]:
        assert entry.call is not None
        call, width = entry.call, self._width
        head = label(entry, glyphs_of(self))
        head.append(f"  {clean(call.call.tool[:60])}", "bold")
        at = entry.message.at if entry.message is not None else None
        head.append(f"  message {entry.position + 1:,}, id {clean(call.message_id[:60])}{_time(at)}", FAINT)
        reason = clean(f"{call.verdict.reason} ({call.verdict.rule})")
        style = STYLES[call.verdict.outcome]
        lines = [head, *(Text(reason[start:end], style) for start, end in wrap(reason, width))]
        if call.verdict.error_type:
            lines.append(Text(f"error type {clean(call.verdict.error_type)}", MUTED))
        lines += _fix_lines(entry, self._fixes, self._judged, width)
        if call.housekeeping:
            lines.append(Text("housekeeping: left out of every rate", MUTED))
        lines.append(Text())
        if self._arguments:
            return [*lines, Text("arguments", MUTED)]
        if call.result is None:
            return [*lines, Text("no result; arguments", MUTED)]
        arguments = list(islice(text_lines(call.call.arguments, width), ARGUMENT_LINES + 1))
        if len(arguments) > ARGUMENT_LINES:
            arguments[ARGUMENT_LINES] = Text("… a shows the rest", MUTED)
        return [*lines, *arguments, Text(), Text(f"result, {len(call.result.text):,} characters", MUTED)]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out the other part where there is none."""
        return None if self.why_not(action, parameters) else super().check_action(action, parameters)

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why there is no other part to show; empty when there is."""
        if action != "other_part":
            return ""
        has_two = self.entry is not None and self.entry.call is not None and self.entry.call.result
        return "" if has_two else "only a call with a result has two parts"

    def action_other_part(self) -> None:
        """Show the arguments in full, or the result again."""
        self._arguments = not self._arguments
        self._put()

    def on_resize(self, event: events.Resize) -> None:
        """Fit the heading to the new width."""
        if self.entry is not None and self._shown_width != self._width:
            self._put(keep_place=True)


def _time(at: float | None) -> str:
    if at is None:
        return ""
    try:
        return f", {datetime.fromtimestamp(at, UTC).astimezone():%Y-%m-%d %H:%M:%S}"
    except (OverflowError, ValueError, OSError):  # A log may hold any number.
        return ""


def fix_of(entry: Entry, fixes: CallFixes | None) -> CallFix | None:
    """Return what fixed a call that failed, or what a call that worked fixed; None when nothing is known."""
    if fixes is None or entry.call is None:
        return None
    return fixes.of_failure(entry.call_index) if entry.failed else fixes.by(entry.call_index)


def other_end(entry: Entry, fix: CallFix) -> int:
    """Return the index of the call at the other end of a fix: what fixed it, or the last it fixed."""
    if entry.failed:
        return fix.fixed
    return max((index for index in fix.failures if index < fix.fixed), default=fix.failures[0])


def _fix_lines(
    entry: Entry, fixes: CallFixes | None, judged: JudgedSession | None, width: int
) -> Iterator[Text]:
    """Yield what fixed a call, or what it fixed; `fixes` is None while they are searched for."""
    if fixes is None or judged is None:
        if entry.failed:
            yield Text("what fixed it is being looked for …", FAINT)
        return
    fix = fix_of(entry, fixes)
    if fix is None or max(fix.fixed, *fix.failures) >= len(judged.calls):
        if entry.failed:
            yield Text(NOT_FIXED, MUTED)
        return
    positions = [judged.calls[index].position + 1 for index in fix.failures]
    if entry.failed:
        words = f"fixed by the call of message {judged.calls[fix.fixed].position + 1:,} (x)"
    else:
        shown = ", ".join(f"{position:,}" for position in positions[:FAILURES_SHOWN])
        more = f" and {len(positions) - FAILURES_SHOWN:,} more" if len(positions) > FAILURES_SHOWN else ""
        words = f"fixed what failed in message{'s' * (len(positions) > 1)} {shown}{more} (x)"
    words = f"{words}: {clean(fix.change[:CHANGE_SHOWN])}" if fix.change else words
    for start, end in wrap(words, width):
        yield Text(words[start:end].rstrip(), OK)
