from __future__ import annotations

from case_tables import cases
from hypothesis import given, settings
from hypothesis import strategies as st

from warmtui.analysis.filters import complete, parse
from warmtui.analysis.filters.language import FIELDS
from warmtui.model.conditions import Holds, IsEmpty

KNOWN = {
    "tool": ["terminal", "read_file", "write_file", "Patch"],
    "channel": ["cli", "telegram", "cron"],
    "title": ["My two words", "a,b", 'say "hi"', "\x1b[31mred", "line\nbreak", ""],
}


def offered(marked: str) -> list[str]:
    """What the text becomes by each completion; the cursor is at `|`."""
    cursor = marked.index("|")
    text = marked.replace("|", "")
    return [
        text[: item.start] + item.replacement + text[item.end :] for item in complete(text, cursor, KNOWN)
    ]


@cases("analysis/filters/data/completions.jsonl")
def test_what_can_stand_at_the_cursor(marked: str, results: list[str]) -> None:
    assert offered(marked)[: len(results)] == results
    assert bool(offered(marked)) == bool(results)


def test_all_fields_are_offered_where_a_word_may_begin() -> None:
    for marked in ("|", "x |", "tool:x  | messages>5"):
        at = marked.index("|")
        labels = [completion.label for completion in complete(marked.replace("|", ""), at, {})]
        assert [label.partition(" ")[0].rstrip(":<>") for label in labels if not label.startswith(">")]
        assert {label.split()[0].rstrip(":<>") for label in labels} == set(FIELDS)


def test_what_is_completed_is_understood() -> None:
    for value in KNOWN["title"]:
        for completion in complete("title:", 6, {"title": [value]}):
            (condition,) = parse("title:" + completion.replacement, now=0).conditions
            assert condition == (Holds("title", value.casefold()) if value else IsEmpty("title"))


@given(st.text(alphabet='tool:errs<5%,"- cli\ud800\0', max_size=20), st.integers(-3, 25))
@settings(max_examples=300, deadline=None)
def test_completing_never_raises_and_replaces_around_the_cursor(text: str, cursor: int) -> None:
    inside = max(0, min(cursor, len(text)))
    for completion in complete(text, cursor, KNOWN):
        assert 0 <= completion.start <= inside <= completion.end <= len(text)
