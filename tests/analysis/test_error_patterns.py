from __future__ import annotations

import time

import pytest
from made_session import agent, call, made, person, shell

from warmtui.analysis.error_patterns import error_patterns, message_shape
from warmtui.analysis.recoveries import find_recoveries
from warmtui.analysis.results import readable_result


@pytest.mark.parametrize(
    ("first", "second", "shape"),
    [
        ("File not found: a/b.py", "File not found: c.md", "File not found: ‹path›"),
        ("line 3: foo", "line 44: foo", "line ‹n›: foo"),
        ("no column 'name' here", "no column 'other one' here", "no column ‹text› here"),
        ("User anya_garcia_5901 not found", "User HAT229 not found", "User ‹id› not found"),
        ("GET https://x.y/z failed", "GET http://a failed", "GET ‹url› failed"),
        ("commit 3f2a9c1b-77aa gone", "commit 88aa11cc-0011 gone", "commit ‹id› gone"),
    ],
)
def test_messages_that_differ_in_names_have_one_shape(first: str, second: str, shape: str) -> None:
    assert message_shape(first) == message_shape(second) == shape


def test_the_names_of_programs_stay() -> None:
    assert message_shape("bash: python3: command not found") == "bash: python3: command not found"


def test_the_words_of_a_structured_result_are_its_error_and_output() -> None:
    assert readable_result('{"output": "no", "exit_code": 2, "error": null}') == "no"
    assert readable_result('{"output": "o", "error": "e"}\n\n[Tool loop warning: x]') == "e\no"
    assert readable_result('{"error": {"message": "m"}}') == "m"
    assert readable_result("plain") == "plain"
    assert readable_result("[1, 2]") == "[1, 2]"


def test_errors_are_grouped_counted_and_their_recoveries_too() -> None:
    missing = "bash: pytest: command not found"
    session = made(
        person("fix it"),
        agent("", shell("pytest -q", missing, "error")),
        agent("", shell("python3 -m unittest", "Ran 2 tests\nOK")),
        agent("", call("read_file", {"path": "x.py"}, '{"error": "File not found: x.py"}', "error")),
        agent("", call("Read", {"file_path": "y.py"}, '{"error": "File not found: y.py"}', "error")),
        agent("", call("Read", {"file_path": "z.py"}, '{"error": "File not found: z.py"}', "error")),
        agent("", call("memory", {"x": 1}, "Error: full", "error")),
    )
    found = error_patterns(session.calls, find_recoveries(*session))
    assert [(pattern.shape, pattern.tools, pattern.count, pattern.recovered) for pattern in found] == [
        ("File not found: ‹path›", ("Read", "read_file"), 3, 0),
        ("bash: pytest: command not found", ("terminal",), 1, 1),
    ]
    assert found[0].message_id == session.calls[2].message_id


def test_no_calls_no_patterns() -> None:
    assert error_patterns((), ()) == ()


@pytest.mark.parametrize(
    "text",
    [
        "'" * 9_000_000,
        "a/" * 4_000_000,
        "[" * 1_000_000,
        '{"a":' * 100_000,
        "\ud800" * 100_000,
        "x.y" * 3_000_000,
    ],
)
def test_hostile_messages_take_no_time(text: str) -> None:
    began = time.process_time()
    message_shape(readable_result(text))
    assert time.process_time() - began < 1
