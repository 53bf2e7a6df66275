"""How the list of sessions keeps up with what agents write, and says how far it is."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from rich.text import Text
from textual import work
from textual.widgets import Input, Static

from warmtui.errors import WarmtuiError
from warmtui.library.profiles import Selected, Selection
from warmtui.tui.preload import SCREENFUL
from warmtui.tui.sessions.session_filter import KINDS, TO_BEGIN, SessionsChoosing
from warmtui.tui.sessions.session_rows import JUDGED
from warmtui.tui.widgets.paint import ACCENT, FAINT, MUTED, WARNING, content
from warmtui.workspace.feed import Changes
from warmtui.workspace.session_table import SessionKey, SessionRow

POLL_SECONDS = 0.25
"""Between two looks at the sources; a look at an unchanged database costs microseconds."""
SLICE_SECONDS = 0.025
"""Of judging between two redraws, so that keys are never waited for."""

ARRANGE_SECONDS = 0.2
"""Between two orders of the list, at least."""
ARRANGE_SHARE = 5
"""Listing anew what many changed sessions ask for takes at most one part in so many of the time."""
QUIET_SHARE = 60
"""The same where a few changed and were put in their places, and only counts may be old."""
FEW = 8
"""Sessions that are put in their places one by one."""
TOGETHER = 8
"""Sessions up to which what agents wrote and what it comes to are drawn at once."""
MANY = 20_000
"""Sessions from which selecting all takes longer than a key may be waited for."""
LEARN_SECONDS = 1.0
"""Between two looks at the values that fields have, at least."""


class SessionsReading(SessionsChoosing):
    """What keeps the list up to date; use `SessionsScreen`."""

    def __init__(self) -> None:
        super().__init__()
        self._arranged_at = 0.0
        self._pending = 0
        """Whether changes wait to be listed: that may take one part in so many of the time."""
        self._crumbs = Text()
        self.total = 0
        """How many sessions there are."""
        self._wanted = 0
        """Counts what was asked to be listed."""
        self._listed = 0
        """The count of what is listed now."""
        self._asked: Selection | None = None
        """What is being listed, or was last."""
        self._took = 0.0
        """Seconds that listing took last."""
        self._changed: set[SessionKey] = set()
        """Sessions that are to be put in their places."""
        self._selecting = False
        self._new_values = False
        """Whether fields may have values that completion does not know."""
        self._learned_at = 0.0
        self.looked = False
        """Whether the sources were looked at once, whatever was found."""

    # what the screen gives

    def current(self) -> SessionRow | None:
        """Return the session under the cursor."""
        raise NotImplementedError

    def arranged(self) -> None:
        """Hear that the list was arranged anew."""
        raise NotImplementedError

    def profile_soon(self) -> None:
        """Show the profile of the session under the cursor, once it stays there."""
        raise NotImplementedError

    # reading

    @work(exclusive=True, group="feed")
    async def follow(self) -> None:
        """Keep the list up to date for as long as the app is open."""
        if self.shell.early is None:
            with suppress(WarmtuiError):  # said when all is listed
                self._take(await self.workspace.begin())
        elif not len(self.rows):
            self.list_anew()
        force = True
        while True:
            try:
                changes = await self.workspace.refresh(force=force)
                force = False
            except WarmtuiError as error:
                # where nothing is listed, it stands in the list's place
                self.tell((str(error),) if len(self.rows) else ())
                self.table.empty = f"{error.what}\n{error.remedy}\n{TO_BEGIN}"
                self.looked = True
                await asyncio.sleep(1.0)
                force = True
                continue
            if changes and self.looked and 0 < self.workspace.feed.waiting <= TOGETHER:
                changes.add(await self.workspace.judge(SLICE_SECONDS, self._in_sight()))
            self.tell(tuple(changes.problems))
            self._take(changes)
            self.looked = True
            if self.workspace.feed.waiting:
                judged = await self.workspace.judge(SLICE_SECONDS, self._in_sight())
                self._take(judged)
                await asyncio.sleep(0)
            else:
                self._list_again()
                await asyncio.sleep(POLL_SECONDS)

    def _in_sight(self) -> list[SessionKey]:
        """Return the sessions on screen, to be judged first."""
        rows = self.rows.sessions(int(self.table.scroll_y), self.table.size.height)
        return [row.key for row in rows if row.summary is None]

    def _take(self, changes: Changes) -> None:
        """Show what changed: figures at once, a new order at most five times a second."""
        if not changes or not self.laid_out:
            return
        self.table.update_keys(self.rows.forget(changes.updated))
        self._new_values = True
        if len(self.rows) and not changes.removed and 0 < len(changes.updated) <= FEW:
            self._changed |= changes.updated
            self._select_soon()
        else:
            self._pending = ARRANGE_SHARE
            # while thousands are judged the order stays, unless it is one of figures
            figures = self.rows.sort in JUDGED or self.asks_for_figures
            if figures or changes.listed or changes.removed:
                self._list_again()
        row = self.current()
        if row is not None and row.key in changes.updated:
            self.profile_soon()

    def _list_again(self) -> None:
        """List what agents changed, unless that would take too much of the time."""
        pause = max(ARRANGE_SECONDS, self._pending * self._took)
        if self._pending and time.monotonic() - self._arranged_at > pause:
            self.list_anew()

    def list_anew(self) -> None:
        """List what is to be listed in its order; the cursor stays on its session."""
        self._arranged_at = time.monotonic()
        self._pending = 0
        self._wanted += 1
        if self._selecting and self._asked is not None:
            asked = self.asked()
            if asked != self._asked._replace(found=asked.found):  # what is found grows while it is searched
                self.workspace.end_selection()
        self._select_soon()

    def _select_soon(self) -> None:
        if not self._selecting:
            self._selecting = True
            self._select()

    @work(group="list")
    async def _select(self) -> None:
        """Select what is wanted until nothing newer is; keys are heard meanwhile."""
        try:
            while self.laid_out:
                if self._listed != self._wanted:
                    await self._select_all()
                elif self._changed and self._asked is not None:
                    changed, self._changed = self._changed, set()
                    numbers = await self.workspace.placed(self._asked, self.rows.numbers, changed)
                    if len(numbers) != len(self.rows):  # there may be more sessions, or others hidden
                        self._pending = self._pending or QUIET_SHARE
                    if self._listed == self._wanted:
                        self.show_selected(Selected(numbers, self.kinds))
                else:
                    break
        finally:
            self._selecting = False
        await self.learn()

    async def _select_all(self) -> None:
        """Select what is wanted now; what the screen shows comes first, the rest follows at once."""
        began = time.monotonic()
        self._listed, self._asked = self._wanted, self.asked()
        self._changed.clear()
        if not self.table.cursor and (not len(self.rows) or self.total > MANY):
            self._show(await self.workspace.select(self._asked, SCREENFUL))
        if self._listed == self._wanted:
            self._show(await self.workspace.select(self._asked))
            self._took = time.monotonic() - began

    def _show(self, selected: Selected | None) -> None:
        if selected is not None:
            self.show_selected(selected)

    async def learn(self) -> None:
        """Learn what values fields have, for completion, while a filter is being typed."""
        if not self.laid_out:
            return
        box = self.query_one("#filter", Input)
        if (
            box.has_class("-open")
            and self._new_values
            and time.monotonic() - self._learned_at > LEARN_SECONDS
        ):
            self._new_values, self._learned_at = False, time.monotonic()
            self._values = await self.workspace.values_of_fields()

    def show_selected(self, selected: Selected) -> None:
        """Show what was selected; the cursor stays on its session."""
        if not self.laid_out:
            return
        before = len(self.rows)
        moved = self.rows.put(selected.numbers)
        # kinds are counted now and then, new sessions listed at once
        self.total, self.kinds = max(selected.total, len(selected.numbers)), selected.kinds
        if moved or not before:  # what changed in its place was drawn already
            self.table.refresh_rows(keep_cursor=True)
        if not before and len(self.rows):
            self.table.goto(0)
        self.arranged()
        self.table.empty = self.nothing()
        self.draw_problems()  # with the list: a line more lays out all of the screen
        self.draw_crumbs()

    # saying

    def tell(self, troubles: tuple[str, ...]) -> None:
        """Say what could not be read, and stop saying it when it can."""
        if troubles == self._troubles:
            return
        self._troubles = troubles
        self.draw_problems()

    def draw_crumbs(self) -> None:
        """Say how current the list is, and how much of everything it shows."""
        feed = self.workspace.feed
        text = Text(" warmtui › Sessions  ")
        if feed.waiting:
            text.append(f"judging {max(0, self.total - feed.waiting):,} of {self.total:,}  ", MUTED)
        elif feed.read_at is not None:
            ago = int(time.monotonic() - feed.read_at)
            text.append(
                "● live" if not self._troubles else "● not readable", WARNING if self._troubles else ""
            )
            text.append(f", read {ago} s ago  " if ago else "  ", FAINT)
        text.append(f"{len(self.rows):,} of {self.total:,}", MUTED)
        hidden = ", ".join(
            f"{count:,} {KINDS[kind]}" for kind, count in sorted(self.hides().items()) if count
        )
        if hidden:
            text.append(f" · {hidden} hidden", FAINT)
        if self.table.marked:
            text.append(f" · {len(self.table.marked):,} marked", ACCENT)
        if self.rows.sorted_by:
            text.append(f" · {self.rows.sorted_by}", MUTED)
        if self.shell.kept_draft and self.shell.draft is None:
            text.append(" · a draft is kept, key 2 opens it", FAINT)
        if text != self._crumbs:
            self._crumbs = text
            self.query_one(".crumbs", Static).update(content(text), layout=False)
