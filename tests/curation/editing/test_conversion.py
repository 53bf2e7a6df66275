"""Opening templates and saving what became of them."""

from __future__ import annotations

import pytest
from seeds import call, draft, example, full_seed, template, version

from warmtui.curation.bootstrap import bootstrap
from warmtui.curation.editing import (
    Base,
    Clear,
    DraftState,
    Remove,
    SetType,
    apply,
    from_draft,
    from_template,
    review,
    task_type_of_seed,
    to_draft,
)
from warmtui.curation.folders import Folders
from warmtui.exchange.checks import check
from warmtui.model.template import Draft, Seed, SourceSession

TOKEN = "ghp_" + "R2d9Xk4LmQ8sT1vW6yZ3bC7fH0jN5pAe1uGo"


def opened(seed: Seed) -> DraftState:
    """Open the second of three versions of a template."""
    content = version(seed, number=2, sources=(SourceSession(agent="hermes", id="s1"),))
    return from_template(template(content, versions=3, tags=("a",)))


def test_a_version_that_is_opened_and_saved_is_the_same() -> None:
    state = opened(full_seed())
    assert state.base == Base("t_shop", 2)
    assert to_draft(state) == Draft(
        name="shop",
        description="d",
        task_type="terminal",
        tags=("a",),
        seed=full_seed(),
        sources=(SourceSession(agent="hermes", id="s1"),),
    )


def test_what_was_left_unmasked_by_an_earlier_save_stays_and_is_told() -> None:
    seed = full_seed().model_copy(update={"system_context": f"the id is {TOKEN}"})
    state = opened(seed)
    assert to_draft(state).seed == seed
    assert [place.standing for place in review(state)] == ["restored"]


def test_a_draft_that_was_not_saved_is_masked_when_it_is() -> None:
    made = draft(seed=full_seed().model_copy(update={"system_context": TOKEN}))
    saved = to_draft(from_draft(made))
    assert saved.seed.system_context == "‹secret:github-token›"
    where = ("system_context", "system_context")
    assert [(place.kind, place.item, place.field) for place in saved.masked] == [("github-token", *where)]


def test_titles_of_sessions_are_masked() -> None:
    made = draft().model_copy(
        update={"sources": (SourceSession(agent="hermes", id="s1", title=f"use {TOKEN}"),)}
    )
    assert to_draft(from_draft(made)).sources[0].title == "use ‹secret:github-token›"


@pytest.mark.parametrize(
    ("tools", "told"),
    [
        ((), "general"),
        (("terminal",), "terminal"),
        (("terminal", "terminal", "read_file"), "terminal"),
        (("terminal", "terminal", "terminal", "read_file", "read_file"), "mixed"),  # exactly 60 %
        (("odd", "odd"), "general"),
    ],
)
def test_the_type_is_told_by_the_examples(tools: tuple[str, ...], told: str) -> None:
    calls = [call(tool, "{}", "") for tool in tools]
    seed = Seed(tool_examples=(example("x", *calls),)) if tools else Seed()
    assert task_type_of_seed(seed) == told
    assert to_draft(DraftState(seed=seed)).task_type == told


def test_a_type_that_was_set_stays_and_recoveries_tell_without_examples() -> None:
    state = apply(opened(full_seed()), SetType(None))
    assert to_draft(state).task_type == "terminal"
    state = apply(state, Remove(("e1", "e2", "r1")))
    assert to_draft(state).task_type == "file"
    assert to_draft(apply(apply(state, SetType("research")), Clear())).task_type == "research"


def test_a_template_from_elsewhere_is_made_sound() -> None:
    blank = example("x", call("t", "{}", ""), call("u", "{}", ""), before=" ", closing="")
    twice = Seed(tool_examples=(blank, blank, blank.model_copy(update={"id": "opening"})))
    state = opened(twice)
    assert len({example.id for example in state.seed.tool_examples} - {"opening", ""}) == 3
    assert all(example.before_invented for example in state.seed.tool_examples)
    assert check(bootstrap(state.seed, Folders("/h", "/c"))) == ()
