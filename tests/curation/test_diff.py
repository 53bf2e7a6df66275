from __future__ import annotations

import json
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st
from seeds import call, example, marker, note, version

from warmtui.curation.diff import Change, ChangeKind, diff_versions
from warmtui.model.template import (
    ExampleCall,
    MaskedPlace,
    Provenance,
    Recovery,
    Seed,
    SourceSession,
    ToolExample,
    UserPatterns,
    Version,
)

HERE = Provenance(agent="hermes", session_id="s1")


def _call(result: str = "built") -> ExampleCall:
    return call("terminal", "{}", result)


def _example(item: str, closing: str = "Done.", calls: tuple[ExampleCall, ...] = (_call(),)) -> ToolExample:
    return example(item, *calls, closing=closing)


def _markers(ids: str) -> Version:
    return version(Seed(context_markers=tuple(marker(item) for item in ids)))


def test_versions_with_the_same_content_have_no_differences() -> None:
    seed = Seed(system_context="x", tool_examples=(_example("e1"),))
    after = version(seed, number=2, content_hash="other", created_at="2027-01-01T00:00:00Z")
    assert diff_versions(version(seed), after) == ()


def test_plain_fields() -> None:
    before = version(Seed(system_context="one"))
    after = version(Seed(system_context="two"), description="e", task_type="mixed")
    assert diff_versions(before, after) == (
        Change("description", "changed", "d", "e"),
        Change("task_type", "changed", "terminal", "mixed"),
        Change("system_context", "changed", "one", "two"),
    )


def test_user_patterns_appear_change_field_by_field_and_go() -> None:
    terse = UserPatterns(request_style="terse", feedback_style="detailed", domains=("python",))
    other = terse.model_copy(update={"request_style": "balanced", "domains": ("python", "größe")})
    none, first, two = version(), version(Seed(user_patterns=terse)), version(Seed(user_patterns=other))
    assert diff_versions(first, two) == (
        Change("user_patterns.request_style", "changed", "terse", "balanced"),
        Change("user_patterns.domains", "changed", '["python"]', '["python", "größe"]'),
    )
    (appeared,) = diff_versions(none, first)
    assert (appeared.place, appeared.kind, appeared.before) == ("user_patterns", "added", None)
    assert json.loads(appeared.after or "") == terse.model_dump(mode="json")
    (gone,) = diff_versions(first, none)
    assert gone == Change("user_patterns", "removed", appeared.after, None)


def test_items_are_matched_by_id_whatever_their_place() -> None:
    before = version(Seed(tool_examples=(_example("a"), _example("b", "Was."), _example("c"))))
    after = version(Seed(tool_examples=(_example("b", "Is."), _example("c"), _example("n"))))
    removed, changed, added = diff_versions(before, after)
    assert (removed.place, removed.kind, removed.after) == ("tool_examples[a]", "removed", None)
    assert json.loads(removed.before or "") == _example("a").model_dump(mode="json")
    assert changed == Change("tool_examples[b].closing", "changed", "Was.", "Is.")
    assert (added.place, added.kind, added.before) == ("tool_examples[n]", "added", None)


def test_calls_are_matched_by_place() -> None:
    before = version(Seed(tool_examples=(_example("a", calls=(_call("1"), _call("2"))),)))
    after = version(Seed(tool_examples=(_example("a", calls=(_call("1"), _call("x"), _call("3"))),)))
    changed, added = diff_versions(before, after)
    assert changed == Change("tool_examples[a].calls[1].result", "changed", "2", "x")
    assert (added.place, added.kind) == ("tool_examples[a].calls[2]", "added")
    assert [change.kind for change in diff_versions(after, before)] == ["changed", "removed"]


def test_nested_records_and_other_values() -> None:
    recovery = Recovery(
        id="r",
        failed=_call("no"),
        error="e",
        error_type="NoMatch",
        fixed=_call("yes"),
        change="c",
        provenance=HERE,
    )
    other = recovery.model_copy(
        update={
            "fixed": _call("done"),
            "before_invented": True,
            "provenance": HERE.model_copy(update={"message_id": "7"}),
        }
    )
    assert diff_versions(version(Seed(recoveries=(recovery,))), version(Seed(recoveries=(other,)))) == (
        Change("recoveries[r].fixed.result", "changed", "yes", "done"),
        Change("recoveries[r].fixed.result_characters", "changed", "3", "4"),
        Change("recoveries[r].before_invented", "changed", "false", "true"),
        Change("recoveries[r].provenance.message_id", "added", None, "7"),
    )


def test_the_fewest_items_that_explain_an_order_have_moved() -> None:
    assert diff_versions(_markers("abcde"), _markers("eabcd")) == (
        Change("context_markers[e]", "moved", "after d", "first"),
    )
    assert diff_versions(_markers("abcde"), _markers("bcdea")) == (
        Change("context_markers[a]", "moved", "first", "after e"),
    )
    assert len(diff_versions(_markers("abcde"), _markers("edcba"))) == 4


def test_several_moves_tell_where_each_item_stood_and_stands() -> None:
    assert diff_versions(_markers("abc"), _markers("cba")) == (
        Change("context_markers[c]", "moved", "after a", "first"),
        Change("context_markers[b]", "moved", "after a", "after c"),
    )
    assert diff_versions(_markers("abcd"), _markers("cdba")) == (
        Change("context_markers[b]", "moved", "before c", "after d"),
        Change("context_markers[a]", "moved", "first", "after b"),
    )


def test_what_goes_or_comes_moves_nothing() -> None:
    assert [change.kind for change in diff_versions(_markers("abc"), _markers("bc"))] == ["removed"]
    assert [change.kind for change in diff_versions(_markers("bc"), _markers("abc"))] == ["added"]


def test_an_item_can_change_and_move() -> None:
    before = version(Seed(context_markers=(marker("a"), marker("b"), marker("c"))))
    after = version(Seed(context_markers=(marker("c", "new"), marker("a"), marker("b"))))
    assert diff_versions(before, after) == (
        Change("context_markers[c].text", "changed", "x", "new"),
        Change("context_markers[c]", "moved", "after b", "first"),
    )


def test_repeated_ids_are_told_apart() -> None:
    before = version(Seed(context_markers=(marker("a", "1"), marker("a", "2"), marker("a#2", "3"))))
    after = version(Seed(context_markers=(marker("a", "1"), marker("a", "x"), marker("a#2", "y"))))
    assert diff_versions(before, after) == (
        Change("context_markers[a#2].text", "changed", "2", "x"),
        Change("context_markers[a#2'].text", "changed", "3", "y"),
    )


def test_sources_and_masked_places() -> None:
    source = SourceSession(agent="hermes", id="s1")
    place = MaskedPlace(kind="github-token", slot="‹secret:github-token›", item="e1", field="before")
    before = version(sources=(source,), masked=(place,))
    after = version(
        sources=(source.model_copy(update={"title": "t"}), SourceSession(agent="codex", id="s1")),
        masked=(place, place),
    )
    titled, added, masked = diff_versions(before, after)
    assert titled == Change("sources[hermes:s1].title", "added", None, "t")
    assert (added.place, added.kind) == ("sources[codex:s1]", "added")
    assert (masked.place, masked.kind) == ("masked[e1.before#2]", "added")


def test_a_note_is_compared_by_field() -> None:
    words = note("preference", "push")
    before = version(Seed(notes=(words, note("dead_end", "x", "n2"))))
    after = version(Seed(notes=(words.model_copy(update={"text": "never push", "seen": 2}),)))
    assert [(change.place, change.kind) for change in diff_versions(before, after)] == [
        ("notes[n2]", "removed"),
        ("notes[n1].text", "changed"),
        ("notes[n1].seen", "changed"),
    ]


def test_hostile_text_is_shown_as_it_is() -> None:
    nasty = "\0 \ud800 \x1b[0m"
    before = version(Seed(context_markers=(marker("[a]", nasty),)))
    (change,) = diff_versions(before, version())
    assert change.place == "context_markers[[a]]"
    assert json.loads(change.before or "")["text"] == nasty
    big = "x" * 10_000_000
    assert diff_versions(version(), version(description=big)) == (Change("description", "changed", "d", big),)


def test_long_lists_stay_quick() -> None:
    items = [marker(str(number)) for number in range(20_000)]
    before = version(Seed(context_markers=tuple(items)))
    after = version(Seed(context_markers=tuple(reversed(items))))
    assert len(diff_versions(before, after)) == 19_999


_IDS = st.lists(st.sampled_from("abcdef"), max_size=6)
_TEXTS = st.sampled_from(["", "x", "y"])


@st.composite
def _versions(draw: st.DrawFn) -> Version:
    seed = Seed(
        system_context=draw(_TEXTS),
        user_patterns=draw(
            st.one_of(
                st.none(),
                st.builds(
                    UserPatterns,
                    request_style=st.just("terse"),
                    feedback_style=st.just("terse"),
                    domains=st.lists(_TEXTS, max_size=2).map(tuple),
                ),
            )
        ),
        context_markers=tuple(marker(item, draw(_TEXTS)) for item in draw(_IDS)),
        notes=tuple(note("convention", draw(_TEXTS), item) for item in draw(_IDS)),
        tool_examples=tuple(
            _example(item, calls=tuple(_call(draw(_TEXTS)) for _ in range(draw(st.integers(1, 2)))))
            for item in draw(_IDS)
        ),
    )
    sources = tuple(SourceSession(agent="a", id=draw(_TEXTS)) for _ in range(draw(st.integers(0, 2))))
    return version(seed, description=draw(_TEXTS), sources=sources)


@given(_versions(), _versions())
def test_there_are_differences_exactly_where_the_content_differs(before: Version, after: Version) -> None:
    changes = diff_versions(before, after)
    assert (changes == ()) == (before == after)
    back = diff_versions(after, before)
    assert sorted(change.place for change in changes if change.kind == "added") == sorted(
        change.place for change in back if change.kind == "removed"
    )
    for change in changes:
        assert change.kind in get_args(ChangeKind)
        assert change.before != change.after
        assert (change.before is None) == (change.kind == "added")
        assert (change.after is None) == (change.kind == "removed")


@given(st.permutations("abcdefgh"))
def test_moves_give_the_new_order(order: list[str]) -> None:
    moves = {
        change.place.removeprefix("context_markers[").removesuffix("]"): change.after
        for change in diff_versions(_markers("abcdefgh"), _markers("".join(order)))
    }
    rebuilt = [item for item in "abcdefgh" if item not in moves]
    for item, position in moves.items():
        before = (position or "").removeprefix("after ")
        rebuilt.insert(0 if before == "first" else rebuilt.index(before) + 1, item)
    assert rebuilt == order
