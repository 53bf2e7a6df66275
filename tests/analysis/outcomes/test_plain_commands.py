"""What commands print, where no exit code was kept."""

from __future__ import annotations

from collections.abc import Callable

from case_tables import cases

from warmtui.analysis.outcomes import judge
from warmtui.model.outcome import Verdict

Run = Callable[..., Verdict]
TRACEBACK = 'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\n    f()\nValueError: bad'


@cases("analysis/outcomes/data/failed_commands.jsonl")
def test_failures(run: Run, command: str, text: str, error_type: str) -> None:
    verdict = run(command, text)
    assert verdict.outcome == "error"
    assert verdict.error_type in (error_type, "ExitCode" if error_type == "Other" else error_type)


@cases("analysis/outcomes/data/no_failed_commands.jsonl")
def test_what_only_looks_like_a_failure(run: Run, command: str, text: str) -> None:
    verdict = run(command, text)
    assert (verdict.outcome, verdict.rule) == ("ok", "no-failure-sign")


def test_the_command_that_decides_is_named(run: Run) -> None:
    verdict = run("rm a", "rm: cannot remove 'a': No such file or directory")
    assert verdict.rule == "shell-failure"
    assert verdict.reason.startswith("rm, ")


def test_nothing_but_failures_is_one_whoever_printed_them(run: Run) -> None:
    assert run("./deploy.sh", "cp: cannot stat 'a': No such file or directory").rule == "only-failures"
    assert (
        run("ls gone | head", "ls: cannot access 'gone': No such file or directory").rule == "only-failures"
    )


def test_findings_in_a_text(run: Run) -> None:
    verdict = run("pytest -q", f"{TRACEBACK}\n1 failed, 2 passed in 0.1s")
    assert (verdict.outcome, verdict.findings) == ("ok", True)
    assert run("pytest -q | tail -1", "1 failed, 2 passed in 0.1s").findings
    assert not run("cat pytest.log", "1 failed, 2 passed in 0.1s").findings


def test_colours_and_windows_line_ends_do_not_hide_a_failure(run: Run) -> None:
    assert (
        run("rm a", "\x1b[31mrm: cannot remove 'a'\x1b[0m: No such file or directory\r\n").outcome == "error"
    )


def test_a_failure_at_either_end_of_a_long_output_is_seen(run: Run) -> None:
    filler = "a line of output\n" * 50_000
    failure = "cat: b: No such file or directory\n"
    assert run("cat a b", failure + filler).outcome == "error"
    assert run("cat a b", filler + failure).outcome == "error"


def test_the_command_is_found_in_malformed_arguments() -> None:
    text = "cat: b: No such file or directory\nmore"
    assert judge("terminal", '{"command": "cat a b", "timeout": ', text).rule == "shell-failure"
    assert judge("bash", "cat a b", text).rule == "shell-failure"
