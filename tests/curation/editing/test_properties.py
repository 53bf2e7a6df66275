"""What holds after any sequence of edits."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seeds import FROM, call, draft, full_seed

from warmtui.curation.bootstrap import bootstrap
from warmtui.curation.candidates import SystemContext
from warmtui.curation.editing import (
    Accept,
    AddNote,
    Clear,
    Describe,
    DraftState,
    Edit,
    History,
    Keep,
    MakeRelative,
    Move,
    Offer,
    Pick,
    Remask,
    Remove,
    Rename,
    Restore,
    SessionFolders,
    SetField,
    SetTags,
    SetType,
    ToggleShown,
    Unpick,
    apply,
    dump,
    fields_of,
    from_draft,
    load,
    parts,
    seed_tokens,
    to_draft,
    total,
)
from warmtui.curation.editing.history import MAX_STEPS
from warmtui.curation.folders import Folders
from warmtui.exchange.checks import check
from warmtui.exchange.messages import to_bytes
from warmtui.model.template import ContextMarker, Note, NoteKind, SourceSession, ToolExample, UserPatterns

pytestmark = pytest.mark.slow

TOKEN = "ghp_" + "R2d9Xk4LmQ8sT1vW6yZ3bC7fH0jN5pAe1uGo"
HERE = Folders(home="/home/ann", cwd="/home/ann/my shop")
OTHER = SourceSession(agent="claude-code", id="s2", title="Other")
PICKED = ToolExample(
    id="p1",
    before="use ‹secret:github-token› twice: ‹secret:github-token›",
    calls=(call("write_file", '{"path": "/srv/app/a", "n": 1e3}', ""),),
    closing="Done.",
    closing_invented=True,
    provenance=FROM.model_copy(update={"agent": "claude-code", "session_id": "s2"}),
)
OFFERS = (
    Offer("p1", PICKED, OTHER),
    Offer("p2", ContextMarker(id="p2", text="x", kind="path", uses=1, provenance=PICKED.provenance), OTHER),
    Offer("p3", UserPatterns(request_style="detailed", feedback_style="terse"), OTHER),
    Offer("p5", Note(id="p5", kind="dead_end", text=f"token={TOKEN}", provenance=PICKED.provenance), OTHER),
    Offer("p4", SystemContext(text="Be kind."), OTHER),
)
ITEMS = [
    *(item.id for item in full_seed().items()),
    *(offer.id for offer in OFFERS),
    "system_context",
    "user_patterns",
    "gone",
]
TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "",
            " \n",
            "\ud800",
            "a\x00b",
            "{}",
            '{"a": [1, 2, {}], "b": "{cwd}"}',
            '{\n  "a": 1.50\n}',
            "[1]",
            '{"a": NaN}',
            "terse",
            "messages",
            "known noise",
            f"token={TOKEN}",
            f'{{"token": "{TOKEN}"}}',
            "{{cwd}} {cwd}/x /home/ann/my shop/y /home/bob/z",
            "‹secret:password›",
        ]
    ),
)
FIELDS = {
    item: [field.name for field in fields_of(state, item)]
    for state in (apply(DraftState(seed=full_seed()), Pick(OFFERS)),)
    for item in ITEMS
}


def typing(item: str) -> st.SearchStrategy[Edit]:
    return st.builds(SetField, st.just(item), st.sampled_from(FIELDS[item]), TEXTS)


def a_place() -> st.SearchStrategy[tuple[str, str]]:
    there = [(item, field) for item in ITEMS for field in FIELDS[item]]
    return st.sampled_from([*there, ("user_patterns", "corrections.0")])


EDITS: st.SearchStrategy[Edit] = st.one_of(
    st.sampled_from([item for item in ITEMS if FIELDS[item]]).flatmap(typing),
    st.builds(Pick, st.lists(st.sampled_from(OFFERS), max_size=3).map(tuple)),
    st.builds(Unpick, st.lists(st.sampled_from(OFFERS), max_size=3).map(tuple)),
    st.builds(Remove, st.lists(st.sampled_from(ITEMS), max_size=3).map(tuple)),
    st.builds(Move, st.sampled_from(ITEMS), st.integers(-3, 3)),
    st.builds(ToggleShown, st.lists(st.sampled_from(ITEMS), max_size=3).map(tuple)),
    st.builds(
        MakeRelative,
        st.just((SessionFolders("/home/ann", HERE.cwd), SessionFolders(None, "/srv/app", "s2"))),
        st.sampled_from([None, *ITEMS]),
    ),
    st.builds(AddNote, st.sampled_from(get_args(NoteKind)), TEXTS),
    st.builds(Rename, TEXTS),
    st.builds(Describe, TEXTS),
    st.builds(SetTags, st.lists(TEXTS, max_size=3).map(tuple)),
    st.builds(SetType, st.sampled_from([None, "code", "mixed"])),
    a_place().flatmap(
        lambda at: st.builds(Restore, st.just(at[0]), st.just(at[1]), st.integers(0, 1), TEXTS)
    ),
    a_place().flatmap(lambda at: st.builds(Keep, st.just(at[0]), st.just(at[1]), st.integers(0, 1))),
    a_place().map(lambda at: Remask(*at)),
    a_place().flatmap(lambda at: st.builds(Accept, st.just(at[0]), st.just(at[1]), st.integers(0, 1))),
    st.just(Clear()),
)
MOMENTS = st.one_of(st.none(), st.floats(0, 10))


def start() -> DraftState:
    return replace(from_draft(draft()), sources=(SourceSession(agent="hermes", id="s1"),))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(EDITS, MOMENTS), max_size=15))
def test_undo_and_redo_go_the_same_way_back_and_forth(edits: list[tuple[Edit, float | None]]) -> None:
    history = History(start())
    for edit, moment in edits:
        history = history.do(edit, moment)
    forth = [history.state]
    labels = []
    while history.past:
        history, label = history.undo()
        forth.append(history.state)
        labels.append(label)
    assert history.state == start()
    assert all(labels)
    again = [history.state]
    back = []
    while history.future:
        history, label = history.redo()
        again.append(history.state)
        back.append(label)
    assert again == forth[::-1]
    assert back == labels[::-1]
    assert all(state != other for state, other in pairwise(forth))


@settings(max_examples=100, deadline=None)
@given(st.lists(EDITS, max_size=12))
def test_every_state_makes_a_bootstrap_that_providers_take(edits: list[Edit]) -> None:
    state = start()
    for edit in edits:
        state = apply(state, edit)
        messages = bootstrap(state.seed, HERE)
        # a person may type any name of a tool, and is told that providers refuse it
        assert [found for found in check(messages) if not found.rule.startswith("tool-name-")] == []
        to_bytes(messages)
        # a call and its result never part
        calls = [(call.id, message.part) for message in messages for call in message.calls]
        results = [(message.call_id, message.part) for message in messages if message.role == "tool"]
        assert calls == results
        assert total(parts(state)) == seed_tokens(state.seed)
        to_draft(state)


@settings(max_examples=100, deadline=None)
@given(st.lists(EDITS, max_size=12), st.integers(0, 4))
def test_a_draft_comes_back_as_it_was_kept(edits: list[Edit], undone: int) -> None:
    history = History(start())
    for edit in edits:
        history = history.do(edit)
    for _ in range(undone):
        history = history.undo().history
    text = dump(history)
    kept = load(text)
    assert dump(kept) == text
    assert to_draft(kept.state) == to_draft(history.state)
    assert kept.state.pending_text("e1", "gone") is None
    assert len(kept.past) == len(history.past)
    if not _holds_something_maskable(history.state):
        assert kept.state == history.state


def _holds_something_maskable(state: DraftState) -> bool:
    saved = to_draft(state)
    whole = "".join(pending.text for pending in state.pending)
    return (
        saved.seed != state.seed
        or saved.tags != state.tags
        or (saved.name, saved.description) != (state.name, state.description)
        or TOKEN in whole
        or "/home/" in whole
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(EDITS, max_size=12))
def test_saving_twice_is_saving_once(edits: list[Edit]) -> None:
    state = start()
    for edit in edits:
        state = apply(state, edit)
    once = to_draft(state)
    again = to_draft(replace(from_draft(once), allowed=state.allowed))
    assert again == once


def test_the_way_back_is_bounded() -> None:
    history = History(DraftState())
    for number in range(MAX_STEPS + 5):
        history = history.do(Rename(f"n{number}"))
    assert len(history.past) == MAX_STEPS
