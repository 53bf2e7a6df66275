from __future__ import annotations

import json
import time

import pytest

from warmtui.curation.candidates.excerpts import (
    RESULT_CHARACTERS,
    WORDS_CHARACTERS,
    cut_mark,
    cut_middle,
    shorten_result,
    shorten_words,
)
from warmtui.curation.redact import redact


def test_what_is_short_stays_as_it_is() -> None:
    text = "x" * RESULT_CHARACTERS
    assert shorten_result(text, "terminal") == text
    assert shorten_result('{"a": 1}\n\n[note]', "terminal") == '{"a": 1}\n\n[note]'
    assert shorten_result("", "terminal") == ""


def test_a_long_text_keeps_head_and_tail_and_says_where_it_was_cut() -> None:
    text = "\n".join(f"line {i}" for i in range(1_000))
    short = shorten_result(text, "terminal")
    assert short.startswith("line 0\n")
    assert short.endswith("\nline 999")
    assert f"\n{cut_mark(len(text))}\n" in short
    assert len(short) <= RESULT_CHARACTERS + 50


def test_a_command_keeps_more_of_its_end_than_a_file() -> None:
    text = "\n".join(f"line {i}" for i in range(1_000))
    ran, read = shorten_result(text, "terminal"), shorten_result(text, "read_file")
    assert len(ran.partition("…")[2]) > len(read.partition("…")[2])


@pytest.mark.parametrize(
    "value",
    [
        {"output": "x" * 3_000, "exit_code": 1, "error": None},
        {"a": ["x" * 30] * 100, "b": {"c": "y" * 900, "d": [1, 2, 3]}},
        [{"name": f"n{i}", "text": "z" * 50} for i in range(200)],
        {f"key{i}": i for i in range(500)},
        {f"key{i}": {"inner": ["v" * 20] * 5} for i in range(80)},
        ["\u0000\u0001\\" * 300],
        {"a": {"b": {"c": {"d": {"e": {"f": "x" * 2_000}}}}}},
        [[[[[["x" * 900]]]]]],
    ],
)
def test_a_structured_result_stays_structured_and_gets_short(value: object) -> None:
    text = json.dumps(value)
    short = shorten_result(text, "terminal")
    assert "…" in str(json.loads(short))
    assert len(short) <= RESULT_CHARACTERS + 40
    assert type(json.loads(short)) is type(value)


def test_what_decides_of_a_structured_result_is_kept() -> None:
    text = json.dumps({"output": "a\n" * 900 + "FAILED (failures=2)", "exit_code": 1, "error": None})
    short = json.loads(shorten_result(text, "terminal"))
    assert (short["exit_code"], short["error"]) == (1, None)
    assert short["output"].endswith("FAILED (failures=2)")
    assert cut_mark(1_819) in short["output"]


def test_what_an_agent_put_behind_the_structure_is_left_out() -> None:
    text = json.dumps({"output": "x" * 600}) + "\n\n[Tool loop warning: stop]"
    assert "warning" not in shorten_result(text, "terminal")
    json.loads(shorten_result(text, "terminal"))


def test_the_spacing_of_the_original_is_kept() -> None:
    value = {"a": "x" * 900, "b": 1}
    assert ', "b": 1' in shorten_result(json.dumps(value), "x")
    assert ',"b":1' in shorten_result(json.dumps(value, separators=(",", ":")), "x")


def test_letters_beyond_ascii_stay_letters() -> None:
    assert "größe" in shorten_result(json.dumps({"größe": "ü" * 900}, ensure_ascii=False), "x")


@pytest.mark.parametrize("text", ['{"a": "' + "x" * 900, "[1, 2" + "x" * 900, "{" * 2_000, "[" * 100_000])
def test_broken_structure_is_cut_as_text(text: str) -> None:
    assert cut_mark(len(text)) in shorten_result(text, "x")


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "' + "x" * 10_000_000 + '"}',
        "x" * 10_000_000,
        "\n" * 10_000_000,
        '{"a":' * 900 + '"' + "x" * 900 + '"' + "}" * 900,
        "\ud800" * 10_000,
        '{"a": "\ud800' + "x" * 900 + '"}',
        "\0" * 10_000,
        "[" + "1," * 2_000_000 + "1]",
    ],
)
def test_hostile_results_get_short_in_no_time(text: str) -> None:
    began = time.process_time()
    assert len(shorten_result(text, "terminal")) <= RESULT_CHARACTERS + 60
    assert time.process_time() - began < 3


def test_cutting_says_how_long_it_was_and_never_adds() -> None:
    assert cut_middle("a" * 100, 90) == "a" * 100
    assert cut_middle("a" * 200, 90, 0.0) == "a" * 90 + cut_mark(200)
    for length in range(0, 300, 7):
        assert len(cut_middle("a" * length, 60)) <= length


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("", 10, ""),
        ("  \n\t ", 10, ""),
        ("one two three four", 12, "one two…"),
        ("one two three", 13, "one two three"),
        ("a" * 30, 10, "a" * 9 + "…"),
        ("one two  ", 7, "one two"),
        ("  one  ", 3, "one"),
    ],
)
def test_words_are_cut_at_a_word(text: str, limit: int, expected: str) -> None:
    assert shorten_words(text, limit) == expected


def test_words_of_any_size_get_short() -> None:
    for text in ("word " * 1_000_000, " " * 5_000_000 + "x", "x" * 5_000_000):
        assert len(shorten_words(text)) <= WORDS_CHARACTERS


TOKEN = "ghp_" + "R2d9Xk4LmQ8sT1vW6yZ3bC7fH0jN5pAe1uGo"


@pytest.mark.parametrize("filler", ["x", "word ", "a line\n", '{"k":1},'])
def test_a_cut_never_leaves_half_a_secret(filler: str) -> None:
    for at in range(150, 700, 7):
        before, after = (filler * 800)[:at], (filler * 800)[: 900 - at % 300]
        short = cut_middle(f"{before} {TOKEN} {after}", 500, 0.4)
        rest = short.replace(TOKEN, "")
        assert not any(TOKEN[n : n + 12] in rest for n in range(len(TOKEN) - 11)), short


def test_a_key_whose_beginning_was_cut_away_is_left_out() -> None:
    lines = "MIIEpAIBAAKCAQEA7bq0VxJ3rj9n2Yl5T8vW1xq4u6s7d8f9g0h1j2k3l4z5x6c7\n" * 40
    text = f"log\n-----BEGIN RSA PRIVATE KEY-----\n{lines}-----END RSA PRIVATE KEY-----\nall done\n"
    assert "all done" in cut_middle(text, 500, 0.6)
    assert redact(cut_middle(text, 500, 0.6)).text.count("MIIE") == 0
