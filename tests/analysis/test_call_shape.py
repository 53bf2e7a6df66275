from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from case_tables import cases
from made_session import agent, call, made, person, shell

from warmtui.analysis.call_arguments import arguments_of
from warmtui.analysis.call_shape import (
    MAX_TARGETS,
    looks_like_path,
    normal_path,
    shape_of,
    shapes_in,
    shapes_of,
)
from warmtui.analysis.calls import judge_calls
from warmtui.analysis.markers import find_markers
from warmtui.analysis.recoveries import find_recoveries
from warmtui.analysis.user_patterns import find_patterns
from warmtui.curation.candidates import find_candidates
from warmtui.registry import open_source


def command(command: str) -> str:
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
    assert shape_of("terminal", command(first)).skeleton == shape_of("terminal", command(second)).skeleton


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
    assert shape_of("terminal", command(first)).skeleton != shape_of("terminal", command(second)).skeleton


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


FOLDER = "/home/dev/shop"


def test_findings_are_the_same_on_every_recorded_session(recordings: Path) -> None:
    source = open_source(recordings)
    ids = [header.id for header in source.listing().headers]
    read = 0
    for session in source.read(ids):
        calls = judge_calls(session, now=4_102_444_800.0)
        shapes = shapes_of(calls)
        recoveries, markers = find_recoveries(session, calls), find_markers(session, calls)
        patterns = find_patterns(session, calls)
        assert find_recoveries(session, calls, shapes) == recoveries
        assert find_markers(session, calls, shapes) == markers
        assert find_patterns(session, calls, shapes) == patterns
        alone = find_candidates(session, calls, recoveries, markers, patterns.first_ten)
        assert find_candidates(session, calls, recoveries, markers, patterns.first_ten, shapes) == alone
        read += bool(calls)
    source.close()
    assert read > 5


@pytest.mark.parametrize("cwd", ["", "/", FOLDER, f"{FOLDER}/", "/home/dev"])
def test_paths_become_relative_as_when_the_folder_is_known_from_the_start(cwd: str) -> None:
    calls = made(
        person("go"),
        agent(
            "",
            shell(f"cd {FOLDER}/src && python3 -m pytest ../tests/a.py {FOLDER} > {FOLDER}//out.txt"),
            shell("ls /home/dev/shopping /home/dev/shop/."),
            call("read_file", {"path": f"file://{FOLDER}/a/../b.py"}),
            call("execute_code", {"code": f"open('{FOLDER}/c.py')"}),
            call("search_files", {"paths": [f"{FOLDER}/f{n}.py" for n in range(MAX_TARGETS + 9)]}),
            call("read_files", {"paths": [f"{FOLDER}/a.py", "a.py"] * 40, "more": ["b.py"] * 9}),
            call("patch", "not JSON"),
        ),
    ).calls
    assert shapes_in(cwd, calls) == tuple(
        shape_of(judged.call.tool, judged.call.arguments, cwd) for judged in calls
    )
    assert shapes_in(cwd, calls, shapes_of(calls)) == shapes_in(cwd, calls)
