"""Converting between templates and draft states: opening a version, and making the draft that is saved."""

from __future__ import annotations

from warmtui.analysis.tools import TASK_TYPES, task_type_of
from warmtui.curation.bootstrap import NEUTRAL_CLOSING, NEUTRAL_REQUEST
from warmtui.curation.editing.state import Base, DraftState, with_unique_ids
from warmtui.curation.masking import Secrets, allow_all, mask_draft, mask_titles, masked_places
from warmtui.curation.redact import redact
from warmtui.model.template import Draft, Seed, Template, TemplateType, ToolExample

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
    values = tuple(known)
    seed = mask_draft(state.seed, state.allowed, values)
    return Draft(
        name=redact(state.name, values).text,
        description=redact(state.description, values).text,
        task_type=state.task_type or task_type_of_seed(seed),
        tags=tuple(redact(tag, values).text for tag in state.tags),
        seed=seed,
        sources=mask_titles(state.sources, values),
        masked=masked_places(seed),
    )
