from __future__ import annotations

import pytest
from case_tables import cases

from warmtui.analysis.outcomes.command_line import read_command


@cases("analysis/outcomes/data/deciding_commands.jsonl")
def test_the_commands_that_decide(command: str, deciding: list[str]) -> None:
    assert [stage.name for stage in read_command(command).deciding] == deciding


def test_names_under_which_a_command_may_fail() -> None:
    stage = read_command("sudo /usr/bin/python3 -m pytest.__main__ -q").deciding[0]
    assert stage.program == "/usr/bin/python3"
    assert {"python3", "pytest", "sudo"} <= stage.names
    assert "rm" in read_command("find . -name x -exec rm {} +").deciding[0].names
    assert "grep" in read_command("ls | xargs -n 1 grep x").deciding[0].names
    assert "ls" in read_command("docker exec -i box ls /x").deciding[0].names


def test_what_may_fail_is_told() -> None:
    assert read_command("a || b").forgiving
    assert not read_command("a && b | c").forgiving
    assert read_command("bash -c 'a || true'").forgiving


@pytest.mark.parametrize(
    "hostile",
    ["'", '"', "\\", "$(", "((", "<<a\n", "`", "# ", "a;", "a|", "sudo ", "bash -c '", '"\\', "<<", "]] [[ "],
)
def test_no_command_line_takes_long(hostile: str) -> None:
    read_command(hostile * 100_000)
