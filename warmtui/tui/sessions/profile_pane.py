"""The profile of one session, beside the list."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from warmtui.model.stats import SessionRow
from warmtui.text import counted
from warmtui.tui.base_screen import key
from warmtui.tui.commands import Command, bindings
from warmtui.tui.widgets import bars
from warmtui.tui.widgets.cells import clip
from warmtui.tui.widgets.glyphs import Glyphs, glyphs_of
from warmtui.tui.widgets.paint import ACCENT, FAINT, MUTED, WARNING, content

if TYPE_CHECKING:
    from warmtui.model.profile import Profile

SHOWN = 6
"""Rows of a section: the timeline and `warmtui profile` have all."""
SCROLLING = ("scroll_down", "scroll_up", "scroll_home", "scroll_end")


class ProfilePane(VerticalScroll, can_focus=True):
    """A session's profile: first the figures of the list, the rest once the session is analysed."""

    KEYS: ClassVar[tuple[Command, ...]] = (
        key("profile.down", "j", "scroll_down", "Down", palette=False),
        key("profile.up", "k", "scroll_up", "Up", palette=False),
        key("profile.first", "g", "scroll_home", "To the beginning", palette=False),
        key("profile.last", "G", "scroll_end", "To the end", palette=False),
        key("profile.left", "h", "screen.pane", "To the list", palette=False, also=("left",)),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]
    # the bar has its column from the start: lines are cut to the room beside it
    DEFAULT_CSS = "ProfilePane { scrollbar-size: 1 1; scrollbar-gutter: stable; }"

    _text: Callable[[int], Text] = staticmethod(lambda room: Text(""))
    _text_width = 0

    def compose(self) -> ComposeResult:
        """Lay out the one text it is."""
        yield Static("", markup=False)

    def show_row(self, row: SessionRow | None) -> None:
        """Show the figures of the list."""
        self._put(lambda room: Text("") if row is None else _from_row(row, room))

    def show_profile(self, profile: Profile, words: str = "") -> None:
        """Show the whole profile.

        Args:
            profile: of the session.
            words: the person's first words, in place of a title where there is none.
        """
        self._put(lambda room: _from_profile(profile, words, glyphs_of(self), room))

    def show_error(self, words: str) -> None:
        """Say why there is no profile."""
        self._put(lambda room: Text(words, MUTED))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out scrolling where there is nothing to scroll."""
        return None if self.why_not(action, parameters) else super().check_action(action, parameters)

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action cannot run now; empty when it can."""
        if action in SCROLLING and not self.allow_vertical_scroll:
            return "all of it is in sight"
        return ""

    def on_mount(self) -> None:
        """Follow the theme: a text keeps the colours of the theme it was made under."""
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._lay_out())

    def on_resize(self) -> None:
        """Cut the lines again to fit the width."""
        if self._room != self._text_width:
            self._lay_out()

    @property
    def _room(self) -> int:
        return max(20, self.scrollable_content_region.width or 40)

    def _put(self, text: Callable[[int], Text]) -> None:
        """Show a text that is made for this many cells."""
        self._text = text
        self._lay_out()
        self.scroll_home(animate=False)

    def _lay_out(self) -> None:
        self._text_width = self._room
        self.query_one(Static).update(content(self._text(self._text_width)))


def _from_row(row: SessionRow, room: int) -> Text:
    text = Text()
    header, stats = row.header, row.stats
    text.append(f"{clip(header.title or row.words or header.id, room)}\n", "bold")
    if stats is None:
        text.append("not analysed yet\n" if header.rows else "an empty session\n", MUTED)
    elif stats.reliability is None:
        text.append("no calls to judge\n", MUTED)
    else:
        rate = stats.reliability
        text.append(f"{stats.ok} of {rate.n} judged calls worked\n")
        text.append(f"95 % interval {100 * rate.low:.0f}-{100 * rate.high:.0f} %\n", MUTED)
    if stats is not None and stats.unread:
        text.append(f"{counted(stats.unread, 'thing')} not understood\n", WARNING)
    return text


def _from_profile(profile: Profile, words: str, glyphs: Glyphs, room: int) -> Text:
    text = Text()
    text.append(f"{clip(profile.title or words or profile.id, room)}\n", "bold")
    if profile.title or words:
        text.append(f"{clip(profile.id, room)}\n", FAINT)
    _reliability(text, profile, glyphs, room)
    if profile.problems:
        _head(text, f"Not understood {profile.unread}" if profile.messages else "Could not be read")
        for problem in profile.problems[:SHOWN]:
            text.append(f"{clip(problem.text, 4 * room)}\n", WARNING)
    if profile.tools:
        _head(text, "Tools")
        name = min(16, max(len(tool.tool) for tool in profile.tools[:SHOWN]))
        for tool in profile.tools[:SHOWN]:
            rate = tool.reliability
            text.append(f"{clip(tool.tool, name):<{name}} ")
            text.append(f"{tool.ok:>4} of {tool.ok + tool.errors:<4} ")
            text.append_text(bars.rate_bar(rate.value if rate else None, 8, glyphs=glyphs))
            text.append("\n")
    if profile.recoveries:
        _head(text, f"Recoveries {len(profile.recoveries)}")
        for found in profile.recoveries[:SHOWN]:
            text.append(f"{clip(f'{found.failed.tool}: {found.change}', room)}\n")
    if profile.error_patterns:
        _head(text, "Errors")
        for pattern in profile.error_patterns[:SHOWN]:
            words = f"{pattern.count}× {pattern.error_type}: {pattern.shape}"
            text.append(f"{clip(words, room)}\n", MUTED if pattern.recovered else "")
    patterns = profile.user_patterns.all
    if patterns is not None:
        _head(text, "The person")
        style = patterns.request_style.replace("_", " ")
        text.append(f"asks {style} · {counted(profile.turns, 'message')}\n")
        if patterns.domains:
            text.append(f"{clip(', '.join(patterns.domains), room)}\n", MUTED)
    if profile.markers:
        _head(text, "Where things are")
        for marker in profile.markers[:SHOWN]:
            text.append(f"{clip(marker.text, room - 5)} ×{marker.uses}\n")
    if profile.compactions or profile.parent_id:
        _head(text, "Lineage")
        if profile.parent_id:
            text.append(f"{profile.kind} of {clip(profile.parent_id, room - 16)}\n", MUTED)
        for cut in profile.compactions:
            text.append(f"compacted, {cut.kept_messages} messages kept\n", MUTED)
    text.append(f"\n{counted(profile.messages, 'message')} · {counted(profile.calls, 'call')}\n", FAINT)
    _wrap(text, profile.tokens_and_cost, room, FAINT)
    _wrap(text, f"worth keeping: {profile.worth}, a recovery counts twice", room, FAINT)
    return text


def _wrap(text: Text, words: str, room: int, style: str) -> None:
    """Append our own words on as many lines as they take."""
    text.append("".join(f"{line}\n" for line in textwrap.wrap(words, room)), style)


def _head(text: Text, title: str) -> None:
    text.append(f"\n{title}\n", ACCENT)


def _reliability(text: Text, profile: Profile, glyphs: Glyphs, room: int) -> None:
    rate = profile.reliability
    if rate is None:
        text.append("no calls to judge\n", MUTED)
        return
    text.append("\n")
    text.append_text(bars.reliability(rate, 24, weak=profile.rests_on_weak, glyphs=glyphs))
    text.append(f"\n{profile.outcomes['ok']} of {rate.n} judged calls worked\n")
    interval = f"95 % interval {100 * rate.low:.0f}-{100 * rate.high:.0f} %"
    left = [
        f"{count} {kind}" for kind, count in profile.outcomes.items() if count and kind not in ("ok", "error")
    ]
    left += [f"{sum(profile.housekeeping.values())} housekeeping"] if profile.housekeeping else []
    _wrap(text, " · ".join([interval, *([f"left out: {', '.join(left)}"] if left else [])]), room, MUTED)
    if profile.gain is not None:
        early, late = bars.percent(profile.early_error_rate), bars.percent(profile.late_error_rate)
        text.append(f"errors early {early.plain} → late {late.plain}  ")
        text.append_text(
            bars.sparkline([point.error_rate for point in profile.error_curve], 1.0, glyphs=glyphs)
        )
        text.append("\n")
    if profile.findings:
        text.append(f"{counted(profile.findings, 'test run')} with findings\n", MUTED)
    if profile.cut_results:
        told = f"of {counted(profile.cut_results, 'result')} only a part was kept, as the model saw it"
        _wrap(text, told, room, MUTED)
    if profile.weak:
        told = f"{profile.weak} of {rate.n} calls count as ok only because nothing speaks of a failure"
        _wrap(
            text,
            told
            + (", so the score says little" if profile.score is not None and profile.rests_on_weak else ""),
            room,
            MUTED,
        )
