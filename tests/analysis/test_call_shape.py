from __future__ import annotations

import json
import time

import pytest
from case_tables import cases

from warmtui.analysis.call_arguments import arguments_of
from warmtui.analysis.call_shape import looks_like_path, normal_path, shape_of


def targets_of(tool: str, arguments: str, cwd: str = "") -> frozenset[str]:
    return shape_of(tool, arguments, cwd).targets


def shell(command: str) -> str:
    return json.dumps({"command": command})


@cases("analysis/data/normal_paths.jsonl")
def test_a_path_is_written_one_way(path: str, expected: str) -> None:
    assert normal_path(path, cwd="/home/dev/shop") == expected


@pytest.mark.parametrize(
    "word", ["src/a.py", "a.py", "./run", "/etc/hosts", "README.md", "tests/", "a-b.test.ts"]
)
def test_these_words_are_paths(word: str) -> None:
    assert looks_like_path(word)


@cases("analysis/data/no_paths.jsonl")
def test_these_words_are_none(word: str) -> None:
    assert not looks_like_path(word)


def test_the_same_file_is_the_same_target_however_it_is_named() -> None:
    reads = targets_of("read_file", '{"path": "./src/a.py"}', "/home/dev/shop")
    absolute = targets_of("Read", '{"file_path": "/home/dev/shop/src/a.py"}', "/home/dev/shop")
    typed = targets_of("terminal", shell("cd src && cat a.py"), "/home/dev/shop")
    assert reads == absolute == {"file:src/a.py"}
    assert "file:src/a.py" in typed


def test_a_shell_call_is_about_its_programs_files_names_and_addresses() -> None:
    found = targets_of(
        "terminal", shell("FOO=1 sudo pytest tests/a.py::test_b -k fast && curl https://x.y/z > out.json")
    )
    assert found >= {
        "program:pytest",
        "file:tests/a.py",
        "name:test_b",
        "name:fast",
        "program:curl",
        "url:https://x.y/z",
        "file:out.json",
    }


def test_a_pattern_is_no_file() -> None:
    found = targets_of("terminal", shell("grep -rn 'config.json' src/app"))
    assert "name:config.json" in found
    assert "file:config.json" not in found
    assert "file:src/app" in found


def test_codex_gives_its_command_as_words() -> None:
    shape = shape_of("shell", json.dumps({"command": ["bash", "-lc", "cd src && pytest -q"]}))
    assert shape.purpose == "test"
    assert shape.steps[0].command.directory == "src"


def test_a_patch_names_its_files() -> None:
    text = "*** Begin Patch\n*** Update File: src/a.py\n@@\n-x\n+y\n" + "# long\n" * 80 + "*** End Patch"
    assert "file:src/a.py" in targets_of("apply_patch", json.dumps({"input": text}))


def test_code_is_about_its_modules_and_files() -> None:
    code = "import sys, json as j\nfrom shop.cart import total\nopen('data/x.csv')"
    found = targets_of("execute_code", json.dumps({"code": code}))
    assert found == {"module:sys", "module:json", "module:shop.cart", "file:data/x.csv"}


def test_a_statement_is_about_its_tables() -> None:
    shape = shape_of(
        "execute_sql", json.dumps({"query": "SELECT a FROM Flights f JOIN airports USING (x) LIMIT 1"})
    )
    assert {"table:flights", "table:airports"} <= shape.targets
    assert shape.skeleton == "SELECT airports,flights"
    assert shape_of("execute_sql", '{"query": "SELECT a FROM b ORDER BY c DESC LIMIT 1"}').targets == {
        "table:b"
    }


def test_ids_and_plain_values_are_told_apart() -> None:
    found = targets_of(
        "book", json.dumps({"user_id": "u_1", "orderId": 7, "cabin": "economy", "url": "https://x.y"})
    )
    assert found == {"id:u_1", "id:7", "value:economy", "url:https://x.y"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("pytest -q tests/a.py", "pytest -q tests/b.py"),
        ("git diff --stat a", "git diff --stat b"),
        ("echo start; python3 -m pytest x.py", "python3 -m pytest y.py"),
    ],
)
def test_commands_that_differ_in_their_words_have_one_shape(first: str, second: str) -> None:
    assert shape_of("terminal", shell(first)).skeleton == shape_of("terminal", shell(second)).skeleton


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("pytest -q x", "pytest -x x"),
        ("python -m pytest", "python3 -m pytest"),
        ("git diff", "git log"),
        ("uv run pytest", "pytest"),
    ],
)
def test_other_flags_programs_and_wrappers_are_other_shapes(first: str, second: str) -> None:
    assert shape_of("terminal", shell(first)).skeleton != shape_of("terminal", shell(second)).skeleton


def test_the_shape_of_plain_arguments_is_their_names() -> None:
    assert shape_of("read_file", '{"path": "a", "limit": 3, "note": ""}').skeleton == "limit,path"
    assert shape_of("book", '{"flights": [], "id": 1}').skeleton == "flights[],id"


@pytest.mark.parametrize(
    "text", ["", "[]", "3", '"x"', "{", '{"a"', "not json", "null", "\ud800", '{"a": "\ud800"']
)
def test_arguments_that_are_no_object_have_no_values(text: str) -> None:
    assert arguments_of(text) is None
    assert shape_of("terminal", text).targets == frozenset()


def test_odd_but_valid_arguments_are_read() -> None:
    assert arguments_of(' {"a": NaN}') is not None
    assert arguments_of('{"a": 123456789012345678901234567890}') == {"a": 123456789012345678901234567890}
    assert arguments_of('{"a": "\ud800"}') == {"a": "\ud800"}


def test_hostile_arguments_take_no_time() -> None:
    began = time.process_time()
    for text in (
        '{"command": "' + "a " * 90_000 + '"}',
        '{"code": "' + "import a," * 20_000 + '"}',
        '{"query": "select ' + "from a " * 25_000 + '"}',
        '{"path": "' + "../" * 60_000 + '"}',
        '{"a":' * 20_000 + "1" + "}" * 20_000,
        '{"x": "' + "y" * 10_000_000 + '"}',
        '{"command": "grep ' + "'" * 100_000 + '"}',
    ):
        shape_of("terminal", text)
    assert time.process_time() - began < 3
