from __future__ import annotations

from collections.abc import Callable

import pytest
from case_tables import cases

from warmtui.analysis.outcomes.command_line import read_command
from warmtui.model.outcome import Verdict

Run = Callable[..., Verdict]


def test_exit_zero_is_ok_whatever_the_output_says(run: Run) -> None:
    verdict = run("cat app.log", "ERROR boom\nTraceback (most recent call last):\nValueError: x", 0)
    assert (verdict.outcome, verdict.rule, verdict.findings) == ("ok", "exit-zero", False)


@cases("analysis/outcomes/data/failing_codes.jsonl")
def test_a_failing_code_is_an_error_with_its_group(run: Run, code: int, output: str, error_type: str) -> None:
    verdict = run("./deploy", output, code)
    assert (verdict.outcome, verdict.error_type) == ("error", error_type)
    assert str(code) in verdict.reason


@pytest.mark.parametrize("code", [130, -2])
def test_sigint_is_an_interruption(run: Run, code: int) -> None:
    assert run("sleep 100", "", code).outcome == "interrupted"


def test_hermes_marks_an_interruption_in_the_output(run: Run) -> None:
    assert run("sleep 100", "half\n[Command interrupted]", 1).outcome == "interrupted"


@cases("analysis/outcomes/data/codes_that_answer.jsonl")
def test_codes_that_answer_are_ok(run: Run, command: str) -> None:
    verdict = run(command, "", 1)
    assert (verdict.outcome, verdict.rule) == ("ok", "exit-answer")
    assert "1" in verdict.reason


@cases("analysis/outcomes/data/codes_that_fail.jsonl")
def test_codes_of_other_commands_are_no_answers(run: Run, command: str, output: str, code: int) -> None:
    assert run(command, output, code).outcome == "error"


def test_xargs_passes_an_answer_on_as_123(run: Run) -> None:
    assert run("ls | xargs grep zzz", "", 123).rule == "exit-answer"
    assert run("ls | xargs rm", "", 123).outcome == "error"


def test_hermes_own_meaning_excuses_a_code(run: Run) -> None:
    meaning = "No matches found (not an error)"
    assert run("frobnicate", "", 1, exit_code_meaning=meaning).rule == "exit-code-meaning"


@pytest.mark.parametrize(
    ("command", "meaning", "code"),
    [
        ("curl -f x", "HTTP response code indicated error (e.g. 404, 500)", 22),
        ("curl x", "Could not resolve host", 6),
        ("git push", "Non-zero exit (often normal — e.g. 'git diff' returns 1 when files differ)", 1),
    ],
)
def test_a_meaning_that_explains_a_failure_excuses_nothing(
    run: Run, command: str, meaning: str, code: int
) -> None:
    assert run(command, "", code, exit_code_meaning=meaning).outcome == "error"


def test_find_with_some_results_is_ok_and_without_any_is_not(run: Run) -> None:
    meaning = "Some directories were inaccessible (partial results may still be valid)"
    partial = run("find / -name x", "find: '/root': Permission denied\n/a/x", 1, exit_code_meaning=meaning)
    nothing = run("find /no", "find: '/no': No such file or directory", 1, exit_code_meaning=meaning)
    assert (partial.outcome, nothing.outcome) == ("ok", "error")


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
