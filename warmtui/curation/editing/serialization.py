"""Draft states as JSON: drafts are saved while a person works and survive a crash.

The JSON holds nothing that saving would mask, neither in the state nor in its undo steps.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from warmtui.curation.editing.conversion import repair_seed
from warmtui.curation.editing.history import History, Step
from warmtui.curation.editing.state import SINGLES, DraftState, Pending, has_item
from warmtui.curation.folders import make_relative
from warmtui.curation.masking import (
    Allowed,
    MaskedTexts,
    Secrets,
    Values,
    allowed_at,
    mask_draft,
    mask_text,
    mask_titles,
)
from warmtui.curation.redact import redact
from warmtui.errors import WarmtuiError
from warmtui.model.template import Record

SCHEMA = "warmtui.workbench/1"
KEPT_STEPS = 20
"""Undo and redo steps that a draft keeps, each. It is written again within a second of every change."""
MAX_STEP_CHARACTERS = 1_000_000
"""Older steps are left out beyond this size, so that writing a draft of large items stays quick."""
_OURS = re.compile(r"warmtui\.workbench/(\d{1,9})")


class LoadedDraft(NamedTuple):
    """A draft that was read back."""

    state: DraftState
    history: History
    """The same state with the steps that were kept."""


class _Head(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str = Field(default="", alias="schema")


class _Step(Record):
    label: str
    other: DraftState


class _File(Record):
    name: Literal["warmtui.workbench/1"] = Field(alias="schema")
    state: DraftState
    past: tuple[_Step, ...] = ()
    future: tuple[_Step, ...] = ()


def dump(state: DraftState, history: History | None = None, known: Secrets = ()) -> str:
    """Write a draft as JSON.

    Args:
        state: the draft.
        history: its history; the last steps are kept too.
        known: secret values that are known.

    Returns:
        One JSON object that names its schema; the same input gives the same text. What a person wants
        unmasked in `state` stays unmasked; what was unmasked only in an earlier state does not.
    """
    values = tuple(known)
    cache: MaskedTexts = {}

    def mask_step(step: Step) -> _Step:
        other = _mask(step.other, state.allowed, values, cache)
        return _Step(label=redact(step.label, values).text, other=other)

    past = _newest(map(mask_step, reversed(history.past[-KEPT_STEPS:]))) if history else ()
    future = _newest(map(mask_step, reversed(history.future[-KEPT_STEPS:]))) if history else ()
    file = _File(
        schema="warmtui.workbench/1",
        state=_mask(state, state.allowed, values, cache),
        past=past,
        future=future,
    )
    return file.model_dump_json(by_alias=True)


def load(text: str) -> LoadedDraft:
    """Read what `dump` wrote.

    Raises:
        WarmtuiError: a newer warmtui wrote it, it is no draft, or it is damaged.
    """
    try:
        name = _Head.model_validate_json(text).name
    except ValidationError as error:
        raise _damaged(error) from None
    if name != SCHEMA:
        if found := _OURS.fullmatch(name):
            raise WarmtuiError(
                f"the draft was written by another warmtui, as {found[0]}; this one reads {SCHEMA}",
                "open it with the newer warmtui; it stays as it is",
            )
        raise WarmtuiError(f"this is no draft: it does not say {SCHEMA}", "drop it, or look into it by hand")
    try:
        file = _File.model_validate_json(text)
    except ValidationError as error:
        raise _damaged(error) from None
    state = _repair(file.state)
    past = tuple(Step(step.label, _repair(step.other)) for step in file.past)
    future = tuple(Step(step.label, _repair(step.other)) for step in file.future)
    return LoadedDraft(state, History(state, past, future))


def _damaged(error: ValidationError) -> WarmtuiError:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"])) or "its JSON"
    return WarmtuiError(
        f"the draft cannot be read: {place}: {first['msg']}", "drop it, or look into it by hand"
    )


def _newest(steps: Iterable[_Step]) -> tuple[_Step, ...]:
    """Return as many steps as fit, oldest first, given newest first."""
    kept: list[_Step] = []
    room = MAX_STEP_CHARACTERS
    for step in steps:
        room -= len(step.model_dump_json())
        if room < 0:
            break
        kept.append(step)
    return tuple(reversed(kept))


def _mask(state: DraftState, allowed: tuple[Allowed, ...], known: Values, cache: MaskedTexts) -> DraftState:
    """Mask everything in a state except what is allowed in it and among `allowed`."""
    still_allowed = tuple(value for value in state.allowed if value in allowed)

    def mask_pending(pending: Pending) -> Pending:
        here = allowed_at(still_allowed, pending.item, pending.field)
        return pending._replace(text=make_relative(mask_text(pending.text, here, known)))

    return replace(
        state,
        name=redact(state.name, known).text,
        description=redact(state.description, known).text,
        tags=tuple(redact(tag, known).text for tag in state.tags),
        seed=mask_draft(state.seed, still_allowed, known, cache=cache),
        sources=mask_titles(state.sources, known),
        pending=tuple(map(mask_pending, state.pending)),
        allowed=still_allowed,
    )


def _repair(state: DraftState) -> DraftState:
    """Return a state that was read as editing needs it."""
    seed = repair_seed(state.seed)
    pending = tuple(
        pending for pending in state.pending if pending.item in SINGLES or has_item(seed, pending.item)
    )
    return replace(state, seed=seed, pending=pending)
