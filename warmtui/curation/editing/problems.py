"""Problems to review before a template is saved, each with its item and field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from warmtui.curation.bootstrap import ACKNOWLEDGED, OPENING, bootstrap
from warmtui.curation.editing.fields import fields_of
from warmtui.curation.editing.mask_review import review
from warmtui.curation.editing.state import SINGLES, DraftState
from warmtui.curation.folders import UNRESOLVED
from warmtui.curation.instructions import instruction_flags
from warmtui.curation.redact import Secrets
from warmtui.curation.seed_texts import every_text
from warmtui.curation.tokens import Limits, list_tokens
from warmtui.model.chat import ChatMessage, CheckFinding
from warmtui.model.template import Seed

ProblemKind = Literal["invalid", "check", "flag", "masked", "limit"]
MessageCheck = Callable[[Sequence[ChatMessage]], Iterable[CheckFinding]]
"""Finds what providers refuse in a message list: `exchange.checks.check`."""


class DraftProblem(NamedTuple):
    """One thing to review."""

    item: str
    """The id of the item or the name of the single part; empty for the whole template."""
    field: str
    """Empty for the whole item."""
    kind: ProblemKind
    text: str
    """What it is, in one line. It may contain text of a session."""


def problems(
    state: DraftState,
    *,
    check: MessageCheck | None = None,
    limits: Limits = Limits(),  # noqa: B008 - immutable
    known: Secrets = (),
) -> tuple[DraftProblem, ...]:
    """List what to review.

    Args:
        state: the draft.
        check: finds what providers refuse; None skips that.
        limits: sizes above which there is a warning.
        known: secret values that are known.

    Returns:
        The problems of the whole template first, then by item in its order. Within an item they go by kind:
        texts that are not valid yet, refusals, instructions, what is masked and what is not.
    """
    messages = bootstrap(state.seed, UNRESOLVED)
    found = [
        *_limits(state.seed, list_tokens(messages), limits),
        *_invalid(state),
        *(_refused(messages, check) if check else ()),
        *_flags(state.seed),
        *_masked(state, known),
    ]
    order = {item_id: position for position, item_id in enumerate(("", *_item_ids(state)))}
    return tuple(sorted(dict.fromkeys(found), key=lambda problem: order.get(problem.item, 0)))


def _item_ids(state: DraftState) -> tuple[str, ...]:
    return (*SINGLES, *(item.id for item in state.seed.items()))


def _limits(seed: Seed, tokens: int, limits: Limits) -> Iterator[DraftProblem]:
    counted = (
        ("tokens", tokens, limits.tokens),
        ("recoveries", len(seed.recoveries), limits.recoveries),
        ("examples", len(seed.tool_examples), limits.examples),
        ("markers", len(seed.context_markers), limits.markers),
        ("notes", len(seed.notes), limits.notes),
    )
    for name, count, limit in counted:
        if count > limit:
            about = "≈ " if name == "tokens" else ""
            yield DraftProblem("", "", "limit", f"{about}{count:,} {name}, more than {limit:,}")


def _invalid(state: DraftState) -> Iterator[DraftProblem]:
    for item_id in _item_ids(state):
        for field in fields_of(state, item_id):
            if field.error is not None:
                text = f"{field.label}: {field.error.in_words()}"
                if state.pending_text(item_id, field.name) is not None:
                    text += "; the last valid text is used"
                yield DraftProblem(item_id, field.name, "invalid", text)


def _refused(messages: Sequence[ChatMessage], check: MessageCheck) -> Iterator[DraftProblem]:
    """Map refusals to items: each rule once for an item, with everyone who refuses it."""
    by_rule: dict[tuple[str, str], list[str]] = {}
    for finding in check(messages):
        part = messages[finding.index].part if 0 <= finding.index < len(messages) else ""
        item = "" if part in (OPENING, ACKNOWLEDGED) else part
        targets = by_rule.setdefault((item, finding.text), [])
        if finding.target not in targets:
            targets.append(finding.target)
    for (item, text), targets in by_rule.items():
        yield DraftProblem(item, "", "check", f"{text.rstrip('.')} (refused by {', '.join(targets)})")


def _flags(seed: Seed) -> Iterator[DraftProblem]:
    for place, text in every_text(seed):
        for flag in instruction_flags(text):
            yield DraftProblem(place.item, place.field, "flag", f"reads like an instruction: {flag}")


def _masked(state: DraftState, known: Secrets) -> Iterator[DraftProblem]:
    places = review(state, known, include_pending=True)
    # within an item, what is masked comes before what is not
    for place in places:
        if place.masked and state.pending_text(place.item, place.field) is None:
            yield DraftProblem(place.item, place.field, "masked", f"{place.slot} stands for what was masked")
    for place in places:
        if place.standing == "restored":
            text = f"{place.kind} stands unmasked, as you wanted"
            yield DraftProblem(place.item, place.field, "masked", text)
        elif place.standing == "open":
            text = f"{place.kind}: saving puts {place.slot} in its place"
            yield DraftProblem(place.item, place.field, "masked", text)
