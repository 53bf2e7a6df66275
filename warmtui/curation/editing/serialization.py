"""Draft states opened from templates, turned into the draft that is saved, and kept as JSON.

Drafts are kept while a person works and survive a crash. Their JSON holds nothing that saving would mask,
neither in the state nor in its undo steps.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from warmtui.analysis.tools import TASK_TYPES, task_type_of
from warmtui.curation.bootstrap import NEUTRAL_CLOSING, NEUTRAL_REQUEST
from warmtui.curation.editing.history import History, UndoStep
from warmtui.curation.editing.state import SINGLES, Base, DraftState, PendingText, has_item, with_unique_ids
from warmtui.curation.folders import make_relative
from warmtui.curation.masking import (
    AllowedValue,
    MaskedTexts,
    allow_all,
    allowed_at,
    mask_draft,
    mask_text,
    mask_titles,
    masked_places,
)
from warmtui.curation.redact import Secrets, redact
from warmtui.errors import WarmtuiError
from warmtui.model.template import Draft, Record, Seed, Template, TemplateType, ToolExample

TYPE_SHARE = 0.6
"""A template has a type when more than this share of its examples has it, else it is mixed; see
`docs/definitions.md`."""


def from_template(template: Template) -> DraftState:
    """Open a template's current version.

    What is unmasked in it was left so when it was saved, and stays unmasked; `review` lists it.
    """
    version = template.version
    seed = repair_seed(version.seed)
    return DraftState(
        name=template.name,
        description=version.description,
        task_type=version.task_type,
        tags=template.tags,
        seed=seed,
        sources=version.sources,
        base=Base(template.id, version.number),
        allowed=allow_all(seed),
    )


def from_draft(draft: Draft) -> DraftState:
    """Open a draft that was made but not saved, such as a suggested one."""
    return DraftState(
        name=draft.name,
        description=draft.description,
        task_type=draft.task_type,
        tags=draft.tags,
        seed=repair_seed(draft.seed),
        sources=draft.sources,
    )


def repair_seed(seed: Seed) -> Seed:
    """Return a seed from elsewhere as editing needs it: unique ids, and no example with blank words."""
    seed = with_unique_ids(seed)
    examples = tuple(map(_with_words, seed.tool_examples))
    return seed if examples == seed.tool_examples else seed.model_copy(update={"tool_examples": examples})


def _with_words(example: ToolExample) -> ToolExample:
    update: dict[str, object] = {}
    for field, neutral in (("before", NEUTRAL_REQUEST), ("closing", NEUTRAL_CLOSING)):
        if not getattr(example, field).strip():
            update |= {field: neutral, f"{field}_invented": True}
    return example.model_copy(update=update) if update else example


def task_type_of_seed(seed: Seed, fallback: TemplateType = "general") -> TemplateType:
    """Return the task type that more than 60 % of a seed's examples have, else `mixed`.

    Args:
        seed: the seed. Without examples, its recoveries count.
        fallback: the type of a seed without either.
    """
    types = [task_type_of(call.tool) for example in seed.tool_examples for call in example.calls]
    types = types or [task_type_of(recovery.fixed.tool) for recovery in seed.recoveries]
    if not types:
        return fallback
    for task_type in TASK_TYPES:
        if types.count(task_type) > TYPE_SHARE * len(types):
            return task_type
    return "mixed"


def to_draft(state: DraftState, known: Secrets = ()) -> Draft:
    """Return what is saved: everything masked except what a person wants unmasked.

    Where a text is not valid yet, the last valid one is saved.

    Args:
        state: the draft. Its name may be empty, which the library refuses.
        known: secret values that are known.
    """
    seed = mask_draft(state.seed, state.allowed, known)
    return Draft(
        name=redact(state.name, known).text,
        description=redact(state.description, known).text,
        task_type=state.task_type or task_type_of_seed(seed),
        tags=tuple(redact(tag, known).text for tag in state.tags),
        seed=seed,
        sources=mask_titles(state.sources, known),
        masked=masked_places(seed),
    )


SCHEMA = "warmtui.workbench/1"
KEPT_STEPS = 20
"""Undo and redo steps that a draft keeps, each. It is written again within a second of every change."""
MAX_STEP_CHARACTERS = 1_000_000
"""Older steps are left out beyond this size, so that writing a draft of large items stays quick."""
_OURS = re.compile(r"warmtui\.workbench/(\d{1,9})")


class _Head(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str = Field(default="", alias="schema")


class _File(Record):
    name: Literal["warmtui.workbench/1"] = Field(alias="schema")
    state: DraftState
    past: tuple[UndoStep, ...] = ()
    future: tuple[UndoStep, ...] = ()


_STEP = TypeAdapter(UndoStep)


def dump(history: History, known: Secrets = ()) -> str:
    """Write a draft and its last undo and redo steps as JSON.

    Returns:
        One JSON object that names its schema; the same input gives the same text. What a person wants
        unmasked in the draft stays unmasked; what was unmasked only in an earlier state does not.
    """
    state = history.state
    # undo steps share most of their texts with the state
    cache: MaskedTexts = {}

    def mask_step(step: UndoStep) -> UndoStep:
        other = _mask(step.other, state.allowed, known, cache)
        return UndoStep(redact(step.label, known).text, other)

    file = _File(
        schema="warmtui.workbench/1",
        state=_mask(state, state.allowed, known, cache),
        past=_newest(map(mask_step, reversed(history.past[-KEPT_STEPS:]))),
        future=_newest(map(mask_step, reversed(history.future[-KEPT_STEPS:]))),
    )
    return file.model_dump_json(by_alias=True)


def load(text: str) -> History:
    """Read a draft and its steps, as `dump` wrote them.

    Raises:
        WarmtuiError: a newer warmtui wrote it, it is not a draft, or it is damaged.
    """
    try:
        # the schema is read alone first, so that a newer draft is not called damaged
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

    def repair_steps(steps: tuple[UndoStep, ...]) -> tuple[UndoStep, ...]:
        return tuple(replace(step, other=_repair(step.other)) for step in steps)

    return History(_repair(file.state), repair_steps(file.past), repair_steps(file.future))


def _damaged(error: ValidationError) -> WarmtuiError:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"])) or "its JSON"
    return WarmtuiError(
        f"the draft cannot be read: {place}: {first['msg']}", "drop it, or look into it by hand"
    )


def _newest(steps: Iterable[UndoStep]) -> tuple[UndoStep, ...]:
    """Return as many steps as fit, oldest first, given newest first."""
    kept: list[UndoStep] = []
    room = MAX_STEP_CHARACTERS
    for step in steps:
        room -= len(_STEP.dump_json(step).decode())
        if room < 0:
            break
        kept.append(step)
    return tuple(reversed(kept))


def _mask(
    state: DraftState, allowed: tuple[AllowedValue, ...], known: Secrets, cache: MaskedTexts
) -> DraftState:
    """Mask everything in a state except what is allowed in it and among `allowed`."""
    # a value that was masked again later must not survive in an older step
    still_allowed = tuple(value for value in state.allowed if value in allowed)

    def mask_pending(pending: PendingText) -> PendingText:
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
