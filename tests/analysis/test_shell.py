from __future__ import annotations

import time
from typing import Any

import pytest
from case_tables import cases

from warmtui.analysis.shell import MAX_CHARACTERS, Command, parse


def words(line: str) -> list[tuple[str, ...]]:
    return [command.words for command in parse(line)]


@cases("analysis/data/shell_lines.jsonl")
def test_a_line_is_taken_apart(line: str, commands: list[dict[str, Any]]) -> None:
    def fields(row: dict[str, Any]) -> dict[str, Any]:
        return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}

    assert list(parse(line)) == [Command(**fields(row)) for row in commands]


def test_a_program_is_named_without_its_folder() -> None:
    assert parse("sudo /usr/bin/rm x")[0].program == "rm"


@pytest.mark.parametrize(
    "line", ["", "   ", "'", '"', "$(", "<<", "<<E", "\\", "a <<E", "&&", ">", "cd", "bash -c"]
)
def test_broken_lines_are_read_as_far_as_they_go(line: str) -> None:
    parse(line)


@pytest.mark.parametrize(
    "line",
    [
        "'" * 3_000_000,
        "$(" * 3_000_000,
        "<<a " * 3_000_000,
        "(" * 3_000_000,
        "\\" * 3_000_001,
        "sudo " * 1_000_000,
        "bash -c " * 500_000,
        "\ud800" * 1_000_000,
        "\0" * 1_000_000,
        "a\n" * 3_000_000,
    ],
)
def test_hostile_lines_take_no_time(line: str) -> None:
    began = time.process_time()
    parse(line)
    assert time.process_time() - began < 2


def test_what_lies_past_the_limit_is_left_out() -> None:
    assert words("a " + "x" * MAX_CHARACTERS + "; b") == [("a", "x" * (MAX_CHARACTERS - 2))]
