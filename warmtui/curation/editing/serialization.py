"""Workbenches as JSON, for drafts that are saved while one works and are there after a crash.

Nothing is in it that saving would mask: neither in the state nor in the steps that undo goes back to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from warmtui.curation.editing.conversion import sound
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
"""Steps that a draft keeps each way: it is written again within a second of every change."""
MAX_STEP_CHARACTERS = 1_000_000
"""Steps are left out past this, so that writing a draft of large items stays quick."""
_OURS = re.compile(r"warmtui\.workbench/(\d{1,9})")


class LoadedDraft(NamedTuple):
    """What a draft holds."""

    state: DraftState
    history: History
    """With the same state, and the steps that were kept."""


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
    """Write a workbench as JSON.

    Args:
        state: the workbench.
        history: how it came to be; its last steps are kept too.
        known: secret values that are known outright.

    Returns:
        One JSON object that names its schema; the same input gives the same text. What the person wants
        unmasked in `state` is unmasked in it; what was unmasked only in an earlier state is not.
    """
    values = tuple(known)
    cache: MaskedTexts = {}

    def step(one: Step) -> _Step:
        other = _masked(one.other, state.allowed, values, cache)
        return _Step(label=redact(one.label, values).text, other=other)

    past = _newest(map(step, reversed(history.past[-KEPT_STEPS:]))) if history else ()
    future = _newest(map(step, reversed(history.future[-KEPT_STEPS:]))) if history else ()
    file = _File(
        schema="warmtui.workbench/1",
        state=_masked(state, state.allowed, values, cache),
        past=past,
        future=future,
    )
    return file.model_dump_json(by_alias=True)


def load(text: str) -> LoadedDraft:
    """Read what `dump` wrote.

    Returns:
        The state and its history; the state alone is `load(text).state`.

    Raises:
        WarmtuiError: it was written by a newer warmtui, or is no draft, or is damaged.
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
    state = _sound(file.state)
    history = History(
        state,
        tuple(Step(one.label, _sound(one.other)) for one in file.past),
        tuple(Step(one.label, _sound(one.other)) for one in file.future),
    )
    return LoadedDraft(state, history)


def _damaged(error: ValidationError) -> WarmtuiError:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"])) or "its JSON"
    return WarmtuiError(
        f"the draft cannot be read: {place}: {first['msg']}", "drop it, or look into it by hand"
    )


def _newest(steps: Iterable[_Step]) -> tuple[_Step, ...]:
    """Return steps, given newest first, oldest first, as many as fit."""
    kept: list[_Step] = []
    room = MAX_STEP_CHARACTERS
    for one in steps:
        room -= len(one.model_dump_json())
        if room < 0:
            break
        kept.append(one)
    return tuple(reversed(kept))


def _masked(state: DraftState, allowed: tuple[Allowed, ...], known: Values, cache: MaskedTexts) -> DraftState:
    """Mask what a state holds but for the places that are both wanted there and now."""
    wanted = tuple(one for one in state.allowed if one in allowed)

    def pending(one: Pending) -> Pending:
        here = allowed_at(wanted, one.item, one.field)
        return one._replace(text=make_relative(mask_text(one.text, here, known)))

    def text(value: str) -> str:
        return redact(value, known).text

    return replace(
        state,
        name=text(state.name),
        description=text(state.description),
        tags=tuple(map(text, state.tags)),
        seed=mask_draft(state.seed, wanted, known, cache=cache),
        sources=mask_titles(state.sources, known),
        pending=tuple(map(pending, state.pending)),
        allowed=wanted,
    )


def _sound(state: DraftState) -> DraftState:
    """Return a state that was read as editing needs it."""
    seed = sound(state.seed)
    pending = tuple(one for one in state.pending if one.item in SINGLES or has_item(seed, one.item))
    return replace(state, seed=seed, pending=pending)
