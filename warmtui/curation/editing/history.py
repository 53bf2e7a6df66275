"""The undo history of a draft. Typing in one field is one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from pydantic import ConfigDict

from warmtui.curation.editing.edits import Describe, Edit, Rename, SetField, apply
from warmtui.curation.editing.state import STRICT, DraftState
from warmtui.text import without_surrogates

MAX_STEPS = 500
"""Changes that can be undone. States share what did not change, so a step costs only a few records."""
TYPING_PAUSE = 2.0
"""Seconds without a key after which typing in the same field begins a new step, as in Textual's TextArea."""


@dataclass(frozen=True, slots=True)
class UndoStep:
    """One change that can be undone or redone."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    label: str
    """What was done: `edited note of example 2`. It may contain text of a session."""
    other: DraftState
    """For a past step the state before the change, for a future step the state after it."""


class UndoResult(NamedTuple):
    """The result of undo or redo."""

    history: History
    label: str
    """The change that was undone or redone; empty when there was none."""


@dataclass(frozen=True, slots=True)
class History:
    """A draft state with its undo and redo steps; immutable like the state."""

    state: DraftState
    past: tuple[UndoStep, ...] = ()
    """Oldest first, at most `MAX_STEPS`."""
    future: tuple[UndoStep, ...] = ()
    """What was undone; the next step to redo is the last."""
    typing: tuple[str, ...] = ()
    """The field in which the last step typed; empty after any other edit."""
    typed_at: float = 0.0
    """When that was, by the caller's clock."""

    def do(self, edit: Edit, moment: float | None = None) -> History:
        """Apply an edit as a step that can be undone.

        Args:
            edit: the edit.
            moment: seconds on any clock. Typing in the same field joins the last step within `TYPING_PAUSE`;
                without a moment, or when the clock went back, it never does.

        Returns:
            The new history, or the same object when nothing changed.

        Raises:
            ValueError: as in `apply`.
        """
        after = apply(self.state, edit)
        if after is self.state:
            return self
        typing = _typing(edit) if moment is not None else ()
        typed_at = moment or 0.0
        if typing and typing == self.typing and 0 <= typed_at - self.typed_at <= TYPING_PAUSE and self.past:
            return self._joined(after, typing, typed_at)
        past = (*self.past, UndoStep(without_surrogates(edit.label(self.state.seed)), self.state))
        return History(after, past[-MAX_STEPS:], (), typing, typed_at)

    def _joined(self, after: DraftState, typing: tuple[str, ...], typed_at: float) -> History:
        if after == self.past[-1].other:
            # the text was typed and deleted again, so nothing is left to undo
            return History(after, self.past[:-1])
        return History(after, self.past, (), typing, typed_at)

    def undo(self) -> UndoResult:
        """Undo the last change."""
        if not self.past:
            return UndoResult(self, "")
        *past, step = self.past
        future = (*self.future, UndoStep(step.label, self.state))
        return UndoResult(History(step.other, tuple(past), future), step.label)

    def redo(self) -> UndoResult:
        """Redo the last change that was undone."""
        if not self.future:
            return UndoResult(self, "")
        *future, step = self.future
        past = (*self.past, UndoStep(step.label, self.state))
        return UndoResult(History(step.other, past, tuple(future)), step.label)


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
