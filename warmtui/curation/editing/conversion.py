"""From a template to a workbench and back: opening a version, and the draft that is saved."""

from __future__ import annotations

from warmtui.analysis.tools import TASK_TYPES, task_type_of
from warmtui.curation.bootstrap import NEUTRAL_CLOSING, NEUTRAL_REQUEST
from warmtui.curation.editing.state import Base, DraftState, with_unique_ids
from warmtui.curation.masking import Secrets, allow_all, mask_draft, mask_titles, masked_places
from warmtui.curation.redact import redact
from warmtui.model.template import Draft, Seed, Template, TemplateType, ToolExample

TYPE_SHARE = 0.6
"""A template is of a type when more than this share of its examples is, else mixed (DEFINITIONS.md)."""


def from_template(template: Template) -> DraftState:
    """Put a template's current version on the workbench.

    What stands unmasked in it was left so when it was saved and stays; `review` lists it.
    """
    version = template.version
    seed = sound(version.seed)
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
    """Put a draft on the workbench that was made but not saved, such as a suggested one."""
    return DraftState(
        name=draft.name,
        description=draft.description,
        task_type=draft.task_type,
        tags=draft.tags,
        seed=sound(draft.seed),
        sources=draft.sources,
    )


def sound(seed: Seed) -> Seed:
    """Return a seed from elsewhere as editing needs it: ids once, and no example with blank words."""
    seed = with_unique_ids(seed)
    examples = tuple(map(_with_words, seed.tool_examples))
    return seed if examples == seed.tool_examples else seed.model_copy(update={"tool_examples": examples})


def _with_words(one: ToolExample) -> ToolExample:
    update: dict[str, object] = {}
    for field, neutral in (("before", NEUTRAL_REQUEST), ("closing", NEUTRAL_CLOSING)):
        if not getattr(one, field).strip():
            update |= {field: neutral, f"{field}_invented": True}
    return one.model_copy(update=update) if update else one


def task_type_of_seed(seed: Seed, fallback: TemplateType = "general") -> TemplateType:
    """Return the group that more than 60 % of a seed's examples share, else `mixed`.

    Args:
        seed: the seed; recoveries stand in where it has no examples.
        fallback: what it is when it has neither.
    """
    groups = [task_type_of(call.tool) for one in seed.tool_examples for call in one.calls]
    groups = groups or [task_type_of(one.fixed.tool) for one in seed.recoveries]
    if not groups:
        return fallback
    for group in TASK_TYPES:
        if groups.count(group) > TYPE_SHARE * len(groups):
            return group
    return "mixed"


def to_draft(state: DraftState, known: Secrets = ()) -> Draft:
    """Return what is saved: everything masked but for the places that a person wants unmasked.

    Texts that are not valid yet are no part of it; in their place stands the last valid one.

    Args:
        state: the workbench. Its name may be empty, which the library refuses.
        known: secret values that are known outright.
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
