from __future__ import annotations

import pytest
from case_tables import cases
from made_session import Said, agent, call, made, person, shell

from warmtui.analysis.user_patterns import (
    CORRECTION_CHARACTERS,
    feedback_style,
    find_patterns,
    in_words,
    is_correction,
    request_style,
    shortened,
)
from warmtui.model.template import UserPatterns


@pytest.mark.parametrize(
    ("texts", "style"),
    [
        (["/a", "/b", "why? " * 50], "command_driven"),
        (["/a", *["x" * 80] * 3], "balanced"),  # 25 %
        (["/a", "/b", "/c", *["x" * 80] * 7], "balanced"),  # exactly 30 % is not over it
        (["/a", "/b", "/c", "/d", *["x" * 60] * 6], "command_driven"),
        (["why?", "how?", "x" * 300], "conversational"),
        (["why?", "x" * 60], "terse"),  # exactly 50 % is not over it; 32 characters on average
        (["x" * 49], "terse"),
        (["x" * 50], "balanced"),
        (["x" * 200], "balanced"),
        (["x" * 201], "detailed"),
        ([], "balanced"),
    ],
)
def test_request_style_by_its_first_rule_that_fits(texts: list[str], style: str) -> None:
    assert request_style(texts) == style


@pytest.mark.parametrize(
    ("answers", "style"),
    [
        (["no, the other file", "wrong file " + "x" * 300], "corrections_only"),
        (["no, the other file", "x" * 100], "balanced"),  # half is not over half
        (["thanks", "go on"], "terse"),
        (["x" * 201], "detailed"),
        (["x" * 100], "balanced"),
        ([], "balanced"),
    ],
)
def test_feedback_style_is_taken_from_messages_after_the_first(answers: list[str], style: str) -> None:
    assert feedback_style(["stop " * 90, *answers]) == style


@cases("analysis/data/corrections.jsonl")
def test_corrections(text: str) -> None:
    assert is_correction(text)


@cases("analysis/data/no_corrections.jsonl")
def test_what_only_looks_like_a_correction(text: str) -> None:
    assert not is_correction(text)


def test_only_the_persons_messages_count() -> None:
    session = made(
        Said("Review the conversation above and update the skill library", "harness"),
        person("fix it"),
        Said("[CONTEXT COMPACTION — REFERENCE ONLY] " + "x" * 5000, "summary"),
        agent("done " * 100),
    )
    found = find_patterns(*session)
    assert found.messages == 1
    assert found.all is not None
    assert found.all.request_style == "terse"
    assert found.first_ten == found.all


def test_without_the_persons_messages_there_are_no_patterns() -> None:
    found = find_patterns(*made(agent("hello", shell("ls"))))
    assert (found.first_ten, found.all, found.messages) == (None, None, 0)


def test_domains_and_tools_by_use() -> None:
    session = made(
        person("go"),
        agent("", shell("python3 -m pytest tests/test_a.py"), shell("git status"), shell("make")),
        agent("", call("read_file", {"path": "src/a.py"}), call("read_file", {"path": "web/app.ts"})),
        agent("", call("memory", {"action": "add"}), call("book_flight", {"id": 1})),
        agent("", *[call("no_such_tool", {"x": n}, "does not exist", "error") for n in range(5)]),
    )
    patterns = find_patterns(*session).all
    assert patterns is not None
    assert patterns.domains == ("terminal", "file", "python", "typescript")
    assert patterns.preferred_tools == ("terminal", "read_file", "book_flight")


def test_a_template_takes_the_first_ten_messages_and_their_calls() -> None:
    turns = []
    for turn in range(12):
        turns.append(person("x" * (100 if turn < 10 else 3000)))
        turns.append(agent("", shell("make") if turn < 10 else call("web_search", {"query": "q"})))
    found = find_patterns(*made(*turns))
    assert found.messages == 12
    assert found.first_ten is not None
    assert found.all is not None
    assert (found.first_ten.request_style, found.all.request_style) == ("balanced", "detailed")
    assert (found.first_ten.domains, found.all.domains) == (("terminal",), ("terminal", "research"))


def test_corrections_are_kept_once_shortened_and_few() -> None:
    corrections = ["no,\n  use   pathlib", "no, use pathlib", "no", *[f"not file {n}" for n in range(9)]]
    patterns = find_patterns(*made(person("no tests please"), *map(person, corrections))).all
    assert patterns is not None
    assert patterns.corrections == ("no, use pathlib", "not file 0", "not file 1", "not file 2", "not file 3")
    assert patterns.feedback_style == "corrections_only"


@pytest.mark.parametrize("text", ["word " * 4_000_000, "x" * 10_000_000, "\x00 \u2028 \x1b[31m" * 100_000])
def test_shortening_hostile_text(text: str) -> None:
    short = shortened(text)
    assert len(short) <= CORRECTION_CHARACTERS
    assert "\n" not in short
    assert find_patterns(*made(person("a"), person("no " + text))).messages == 2


def test_in_words() -> None:
    patterns = UserPatterns(
        request_style="command_driven",
        feedback_style="corrections_only",
        domains=("terminal", "python", "file"),
        preferred_tools=("terminal", "patch"),
        corrections=("no, use pathlib", "not that file"),
    )
    assert in_words(patterns) == (
        "Asks with slash-commands.",
        "Speaks up mostly to correct.",
        "Works mostly with the terminal, python and files.",
        "Tools used most: terminal, patch.",
        "Corrects with: “no, use pathlib”; “not that file”.",
    )
    least = UserPatterns(request_style="balanced", feedback_style="balanced")
    assert in_words(least) == ("Asks in a sentence or two.",)
