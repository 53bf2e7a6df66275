"""Undo and redo of every change, typing in one field taken together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from warmtui.curation.editing.edits import Describe, Edit, Rename, SetField, apply
from warmtui.curation.editing.state import DraftState
from warmtui.text import without_surrogates

MAX_STEPS = 500
"""Changes that can be undone. States share what did not change, so that a step is a few records only."""
TYPING_PAUSE = 2.0
"""Seconds without a key after which typing in the same field is a new step; Textual's TextArea does so."""


class Step(NamedTuple):
    """One change that can be undone or done again."""

    label: str
    """What was done: `removed example 2: terminal `pytest -q``; words of a session."""
    other: DraftState
    """Of what is past the state before the change, of what was undone the state after it."""


class UndoResult(NamedTuple):
    """What undo or redo gives."""

    history: History
    label: str
    """The change that was taken back or done again; empty when there was none."""


@dataclass(frozen=True, slots=True)
class History:
    """A workbench with the way it came; immutable as the workbench itself."""

    state: DraftState
    past: tuple[Step, ...] = ()
    """Oldest first, at most `MAX_STEPS`."""
    future: tuple[Step, ...] = ()
    """What was undone, the next to be done again last."""
    typing: tuple[str, ...] = ()
    """The field that the last step typed in; empty after anything else."""
    at: float = 0.0
    """When it last did, by the caller's clock."""

    def do(self, edit: Edit, moment: float | None = None) -> History:
        """Apply an edit and remember the way back.

        Args:
            edit: what to do.
            moment: seconds on any clock. Typing in the same field joins the step before when no more than
                `TYPING_PAUSE` passed; without a moment, or when the clock went back, it never does.

        Returns:
            The new history, the same object when nothing changed.

        Raises:
            ValueError: as `apply`.
        """
        after = apply(self.state, edit)
        if after is self.state:
            return self
        typing = _typing(edit) if moment is not None else ()
        at = moment or 0.0
        if typing and typing == self.typing and 0 <= at - self.at <= TYPING_PAUSE and self.past:
            return self._joined(after, typing, at)
        past = (*self.past, Step(without_surrogates(edit.label(self.state.seed)), self.state))
        return History(after, past[-MAX_STEPS:], (), typing, at)

    def _joined(self, after: DraftState, typing: tuple[str, ...], at: float) -> History:
        if after == self.past[-1].other:
            # typed and deleted again: there is nothing to undo
            return History(after, self.past[:-1])
        return History(after, self.past, (), typing, at)

    def undo(self) -> UndoResult:
        """Take the last change back."""
        if not self.past:
            return UndoResult(self, "")
        *past, step = self.past
        future = (*self.future, Step(step.label, self.state))
        return UndoResult(History(step.other, tuple(past), future), step.label)

    def redo(self) -> UndoResult:
        """Do the last change that was taken back again."""
        if not self.future:
            return UndoResult(self, "")
        *future, step = self.future
        past = (*self.past, Step(step.label, self.state))
        return UndoResult(History(step.other, past, tuple(future)), step.label)

    def settled(self) -> History:
        """End the step that typing is in, as when the cursor leaves the field."""
        return replace(self, typing=())


def _typing(edit: Edit) -> tuple[str, ...]:
    match edit:
        case SetField(item, field):
            return ("field", item, field)
        case Rename():
            return ("name",)
        case Describe():
            return ("description",)
        case _:
            return ()
