from __future__ import annotations

import json
import time
from typing import Any

import pytest
from case_tables import cases

from warmtui.analysis.call_arguments import arguments_of
from warmtui.analysis.call_shape import looks_like_path, normal_path, shape_of


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


@cases("analysis/data/call_shapes.jsonl")
def test_a_call_has_targets_and_a_skeleton(
    tool: str, arguments: dict[str, Any], targets: list[str], skeleton: str, cwd: str | None
) -> None:
    shape = shape_of(tool, json.dumps(arguments), cwd or "")
    assert shape.targets == set(targets)
    assert shape.skeleton == skeleton


def test_a_long_patch_names_its_files() -> None:
    text = "*** Begin Patch\n*** Update File: src/a.py\n@@\n-x\n+y\n" + "# long\n" * 80 + "*** End Patch"
    assert "file:src/a.py" in shape_of("apply_patch", json.dumps({"input": text})).targets


def test_codex_gives_its_command_as_words() -> None:
    shape = shape_of("shell", json.dumps({"command": ["bash", "-lc", "cd src && pytest -q"]}))
    assert shape.purpose == "test"
    assert shape.steps[0].command.directory == "src"


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
