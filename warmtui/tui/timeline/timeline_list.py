"""The list of a timeline: folding, and moving from error to error and from turn to turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.message import Message

from warmtui.tui.base_screen import key
from warmtui.tui.commands import Command, bindings
from warmtui.tui.list.tall_row_list import TallRowList
from warmtui.tui.timeline.entries import Entry
from warmtui.tui.timeline.rows import TimelineRows

NOTHING = "there is nothing in this session yet"


class TimelineList(TallRowList):
    """Messages and calls in order.

    Args:
        rows: what is listed.
    """

    KEYS: ClassVar[tuple[Command, ...]] = (
        key("timeline.read", "enter", "open", "Read it in full", "read"),
        key("timeline.fold", "space", "fold", "Fold or unfold", "fold"),
        key("timeline.fold_turn", "f", "fold_turn", "Fold or unfold the whole turn"),
        key("timeline.fold_all", "F", "fold_all", "Fold everything"),
        key("timeline.next_error", "right_square_bracket", "error(1)", "Next error", "error", show_key="]"),
        key("timeline.previous_error", "left_square_bracket", "error(-1)", "Previous error"),
        key("timeline.next_turn", "right_curly_bracket", "turn(1)", "Next turn", "turn", show_key="}"),
        key("timeline.previous_turn", "left_curly_bracket", "turn(-1)", "Previous turn"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]

    def __init__(self, rows: TimelineRows, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(rows, id=id, empty="Reading the session …")
        self.rows = rows

    @dataclass
    class Folded(Message):
        """Rows were folded or unfolded."""

        timeline_list: TimelineList

        @property
        def control(self) -> TimelineList:
            """The list."""
            return self.timeline_list

    def current(self) -> Entry | None:
        """Return the entry under the cursor."""
        return self.rows.entry(self.cursor)

    # folding

    def refold(self, change: Callable[[], None]) -> None:
        """Fold or unfold rows; the cursor's row stays in place, as far as it fits in the view."""
        change()
        self.refresh_rows()
        self.reveal()
        self.post_message(self.Folded(self))

    @on(TallRowList.Sideways)
    def _sideways(self, event: TallRowList.Sideways) -> None:
        """Unfold to the right; fold to the left, from a folded row go to where its turn begins."""
        if event.step > 0:
            if not self.rows.can_unfold(event.index):
                return
            self.refold(lambda: self.rows.unfold([event.key]))
        elif event.key in self.rows.unfolded:
            self.refold(lambda: self.rows.fold([event.key]))
        else:
            self.goto(self.rows.turn_of(event.index).start)
        event.stop()

    def action_fold(self) -> None:
        """Fold or unfold the entry under the cursor."""
        here = self.current()
        if here is not None:
            folds = self.rows.fold if here.key in self.rows.unfolded else self.rows.unfold
            self.refold(lambda: folds([here.key]))

    def action_fold_turn(self) -> None:
        """Fold or unfold the turn under the cursor."""
        keys = [self.rows.key(index) for index in self.rows.turn_of(self.cursor)]
        some = any(key in self.rows.unfolded for key in keys)
        self.refold(lambda: (self.rows.fold if some else self.rows.unfold)(keys))

    def action_fold_all(self) -> None:
        """Fold everything."""
        self.refold(self.rows.unfolded.clear)

    # moving

    def action_error(self, step: int) -> None:
        """Go to the next or previous call that failed."""
        self.go(lambda index: self.rows.entries[index].failed, step, "error")

    def action_turn(self, step: int) -> None:
        """Go to the next or previous message of the person."""
        self.go(lambda index: self.rows.entries[index].from_person, step, "turn")

    def go(self, match: Callable[[int], bool], step: int, what: str) -> None:
        """Go to the next or previous row that matches, around the ends; a toast says when it went around.

        Args:
            match: asked for rows by number.
            step: 1 for the next, -1 for the previous.
            what: the row in a word.
        """
        before = self.cursor
        found = self.goto_next(match, forward=step > 0)
        if found is None:
            self.notify(f"there is no other {what} in this session", timeout=2, markup=False)
        elif (found > before) != (step > 0):
            end = "first" if step > 0 else "last"
            self.notify(f"on from the other end: the {end} {what}", timeout=2, markup=False)

    # actions that cannot run now

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action cannot run now; empty when it can."""
        if action in ("fold", "fold_turn", "error", "turn") and not len(self.rows):
            return NOTHING
        if action == "fold" and not self._folds():
            return "all of it is shown already"
        if action == "fold_all" and not self.rows.unfolded:
            return "nothing is unfolded"
        if action == "error" and not self.rows.failures:
            return "no call failed in this session"
        return ""

    def _folds(self) -> bool:
        """Return whether the row under the cursor can be folded or unfolded."""
        here = self.current()
        return here is not None and (here.key in self.rows.unfolded or self.rows.can_unfold(self.cursor))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out actions that cannot run now."""
        return None if self.why_not(action, parameters) else super().check_action(action, parameters)
