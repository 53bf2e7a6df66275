"""How the list of sessions keeps up with what agents write, and says how far it is."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from rich.text import Text
from textual import work
from textual.widgets import Input, Static

from warmtui.errors import WarmtuiError
from warmtui.library.profiles import Selected
from warmtui.tui.early import SCREENFUL
from warmtui.tui.rows.session_rows import JUDGED
from warmtui.tui.screens.sessions_choosing import KINDS, TO_BEGIN, SessionsChoosing
from warmtui.tui.widgets.paint import ACCENT, FAINT, MUTED, WARNING, content
from warmtui.workspace.feed import Changes
from warmtui.workspace.listed import SessionKey, SessionRow

POLL_SECONDS = 0.25
"""Between two looks at the sources; a look at an unchanged database costs microseconds."""
SLICE_SECONDS = 0.025
"""Of judging between two redraws, so that keys are never waited for."""

ARRANGE_SECONDS = 0.2
"""Between two orders of the list, at least."""
MANY = 20_000
"""Sessions from which selecting all takes longer than a key may be waited for."""
LEARN_SECONDS = 1.0
"""Between two looks at the values that fields have, at least."""


class SessionsReading(SessionsChoosing):
    """What keeps the list up to date; use `SessionsScreen`."""

    def __init__(self) -> None:
        super().__init__()
        self._arranged_at = 0.0
        self._pending = False
        self._crumbs = Text()
        self.total = 0
        """How many sessions there are."""
        self._wanted = 0
        """Counts what was asked to be listed."""
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
            self.tell(tuple(changes.problems))
            self._take(changes)
            self.looked = True
            if self.workspace.feed.waiting:
                judged = await self.workspace.judge(SLICE_SECONDS, self._in_sight())
                self._take(judged)
                await asyncio.sleep(0)
            else:
                if self._pending:
                    self.list_anew()
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
        self._pending = self._new_values = True
        # while thousands are judged the order stays, unless it is one of figures
        moves = changes.listed or bool(changes.removed) or self.rows.sort in JUDGED or self.asks_for_figures
        if moves and time.monotonic() - self._arranged_at > ARRANGE_SECONDS:
            self.list_anew()
        row = self.current()
        if row is not None and row.key in changes.updated:
            self.profile_soon()

    def list_anew(self) -> None:
        """List what is to be listed in its order; the cursor stays on its session."""
        self._arranged_at = time.monotonic()
        self._pending = False
        self._wanted += 1
        if not self._selecting:
            self._selecting = True
            self._select()

    @work(group="list")
    async def _select(self) -> None:
        """Select what is wanted until nothing newer is; keys are heard meanwhile."""
        try:
            done = None
            while done != self._wanted and self.laid_out:
                done, asked = self._wanted, self.asked()
                if not self.table.cursor and (not len(self.rows) or self.total > MANY):
                    # what the screen shows comes first; the rest follows at once
                    self.show_selected(await self.workspace.select(asked, SCREENFUL))
                if done == self._wanted:
                    self.show_selected(await self.workspace.select(asked))
        finally:
            self._selecting = False
        await self.learn()

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
        self.total, self.kinds = selected.total, selected.kinds
        if moved or not before:  # what changed in its place was drawn already
            self.table.refresh_rows(keep_cursor=True)
        if not before and len(self.rows):
            self.table.goto(0)
        self.arranged()
        self.table.empty = self.nothing()
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
        if self.shell.kept_draft and self.shell.desk is None:
            text.append(" · a draft is kept, key 2 opens it", FAINT)
        if text != self._crumbs:
            self._crumbs = text
            self.query_one(".crumbs", Static).update(content(text), layout=False)
