from __future__ import annotations

import pickle
import shlex
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from case_tables import cases
from hypothesis import given, settings
from hypothesis import strategies as st

from warmtui.analysis.filters import parse
from warmtui.analysis.filters.language import FIELDS, meant_by
from warmtui.analysis.filters.parser import LIMIT
from warmtui.library.index import IndexReader, SessionIndex
from warmtui.model.conditions import ActiveSince, ErrorShareIs, FigureIs, Holds, Not, Selection
from warmtui.workspace.sessions import Sessions

NOW = 1_795_000_000.0
EXAMPLE = "tool:terminal errors<5% messages>100 channel:cli since:7d text"
SOURCE = "/state.db"
INDEX = IndexReader(SessionIndex(None, "test"))


def test_the_example_of_the_design_is_understood() -> None:
    found = parse(EXAMPLE, now=NOW)
    assert [(term.field, term.sign) for term in found.terms] == [
        ("tool", ":"),
        ("errors", "<"),
        ("messages", ">"),
        ("channel", ":"),
        ("since", ":"),
    ]
    assert found.conditions == (
        Holds("tool", "terminal"),
        ErrorShareIs("<", 5, 1),
        FigureIs("messages", ">", 100.0),
        Holds("channel", "cli"),
        ActiveSince(NOW - 7 * 86_400),
    )
    assert [EXAMPLE[term.start : term.end] for term in found.terms] == EXAMPLE.split()[:-1]
    assert found.free_text == "text"
    assert found.problems == ()


def test_free_text_keeps_its_words_and_quotes() -> None:
    free = 'fix  "two  words" http://x.y/z TODO:now -v --json a<b x:y "tool:x" \'q it\'s 5"'
    found = parse(f"channel:cli {free} messages>1", now=NOW)
    assert found.problems == ()
    assert found.free_text == free.replace("fix  ", "fix ")
    assert len(found.terms) == 2
    assert parse(' \t"open phrase', now=NOW).free_text == '"open phrase'
    assert parse("", now=NOW).free_text == ""


@cases("analysis/filters/data/unfinished_terms.jsonl")
def test_an_unfinished_term_is_no_mistake_and_matches_everything(text: str) -> None:
    found = parse(text, now=NOW)
    assert found.problems == ()
    assert found.terms
    assert not parse(text.split(" tool")[0], now=NOW).conditions


@cases("analysis/filters/data/mistakes.jsonl")
def test_a_mistake_is_told_at_its_place(text: str, place: str, said: str) -> None:
    found = parse(text, now=NOW)
    assert [problem.text for problem in found.problems] == [said]
    assert text[found.problems[0].start : found.problems[0].end] == place
    assert not found.conditions


def test_a_mistake_does_not_hide_the_other_terms() -> None:
    found = parse("errors<abc messages>5 word", now=NOW)
    assert [term.field for term in found.terms] == ["messages"]
    assert found.free_text == "word"
    assert found.conditions == (FigureIs("messages", ">", 5.0),)


@pytest.mark.parametrize(
    "text", ["Error: no such file", "Error:no", "error<T>", "mod:x", "c:/x", "std::vector", "a>b", "é:x"]
)
def test_words_of_messages_are_no_mistakes(text: str) -> None:
    found = parse(text, now=NOW)
    assert found.problems == ()
    assert found.terms == ()
    assert found.free_text == text


def test_the_field_that_was_meant_is_one_slip_away() -> None:
    slips = {"tols": None, "tol": "tool", "toll": "tool", "totl": "tool", "tool": None, "otol": "tool"}
    assert {name: meant_by(name) for name in slips} == slips
    assert meant_by("cahnnel") == "channel"
    assert meant_by("") is None


def test_fields_are_named_in_any_case_and_values_keep_theirs() -> None:
    found = parse("-TITLE:Ab", now=NOW)
    assert [(term.field, term.negated) for term in found.terms] == [("title", True)]
    assert found.conditions == (Not(Holds("title", "ab")),)


def test_what_is_too_long_is_said() -> None:
    text = "coupon " * 1_500_000
    found = parse(text, now=NOW)
    (problem,) = found.problems
    assert (problem.start, problem.end) == (LIMIT, len(text))
    assert problem.text == "only the first 2,048 characters are read"
    assert len(found.free_text) <= LIMIT


def test_filters_are_values() -> None:
    assert parse(EXAMPLE, now=NOW) == parse(EXAMPLE, now=NOW)
    assert pickle.loads(pickle.dumps(parse(EXAMPLE, now=NOW))) == parse(EXAMPLE, now=NOW)


@given(
    st.lists(
        st.one_of(
            st.sampled_from([*FIELDS, *":<>=-,\"% ~.'", "7d", "2026-11-20", "today", "5%", '""', " ", "\0"]),
            st.text(max_size=5),
            st.text("\ud800\u202e", max_size=2),
        )
    ).map("".join)
)
@settings(max_examples=500, deadline=None)
def test_nothing_that_can_be_typed_raises(text: str) -> None:
    found = parse(text, now=NOW, home="/home/u")
    # whatever it asks can be asked of the index
    INDEX.select([SOURCE], Selection(found.conditions, words=Sessions.words_of(found.free_text)))
    ends = 0
    for term in found.terms:
        assert ends <= term.start < term.end <= len(text)
        ends = term.end
    for problem in found.problems:
        assert 0 <= problem.start < problem.end <= len(text)
        assert problem.text


def test_parsing_is_quicker_than_splitting_a_command_line(quickest: Any) -> None:
    ours = quickest(lambda: parse(EXAMPLE, now=NOW), 300)
    assert ours < 2 * quickest(lambda: shlex.split(EXAMPLE), 300)


@pytest.mark.parametrize(
    "part", ['"', 'title:"', '""', "errors ", "-", ",", "title:,", "errors<1,", " ", "tool:a,", "since:"]
)
def test_hostile_text_takes_time_in_proportion(part: str, quickest: Any) -> None:
    def text(length: int) -> str:
        return (part * length)[:length]

    short = quickest(lambda: parse(text(LIMIT // 8), now=NOW), 15)
    # quadratic would be 64 times
    assert quickest(lambda: parse(text(LIMIT), now=NOW), 15) < 24 * short


def test_the_filter_tells_what_it_needs() -> None:
    assert not parse("channel:cli since:7d cwd:/x score< tool:", now=NOW).judged
    assert parse("channel:cli type:code", now=NOW).judged
    assert parse("tool:x", now=NOW).judged
    assert parse("tool: errors<1", now=NOW).judged


Quickest = Callable[[Callable[[], object], int], float]


@pytest.fixture
def quickest() -> Quickest:
    """Seconds that the fastest of so many runs took, without the tracing that measures coverage."""

    def best(work: Callable[[], object], runs: int) -> float:
        tracer = sys.gettrace()
        sys.settrace(None)
        try:
            spent = []
            for _ in range(runs):
                start = time.process_time()
                work()
                spent.append(time.process_time() - start)
        finally:
            sys.settrace(tracer)
        return min(spent)

    return best
