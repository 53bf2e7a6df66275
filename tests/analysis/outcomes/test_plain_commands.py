"""What commands print, where no exit code was kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from warmtui.analysis.outcomes import judge
from warmtui.model.outcome import Verdict

Run = Callable[..., Verdict]
TRACEBACK = 'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\n    f()\nValueError: bad'


@pytest.mark.parametrize(
    ("command", "text", "error_type"),
    [
        ("rm a b", "rm: cannot remove 'b': No such file or directory", "FileNotFound"),
        ("cat a b", "hello\ncat: b: No such file or directory", "FileNotFound"),
        ("cd /no && ls", "bash: line 1: cd: /no: No such file or directory", "FileNotFound"),
        (
            "python x.py",
            "python: can't open file '/x.py': [Errno 2] No such file or directory",
            "FileNotFound",
        ),
        ("/usr/bin/python3 -m pytest", "/usr/bin/python3: No module named pytest", "ModuleNotFound"),
        ("python -m pytest", "/opt/env/bin/python3.11: No module named pytest", "ModuleNotFound"),
        ("terraform x", "zsh: command not found: terraform", "CommandNotFound"),
        ("foo", "sh: 1: foo: not found", "CommandNotFound"),
        ("foo", "(eval):1: command not found: foo", "CommandNotFound"),
        ("foo", "foo: command not found", "CommandNotFound"),
        (
            "foo",
            "'foo' is not recognized as an internal or external command,\noperable program",
            "CommandNotFound",
        ),
        ("foo", "foo : The term 'foo' is not recognized as the name of a cmdlet", "CommandNotFound"),
        ("./run.sh", "./run.sh: line 3: foo: command not found", "CommandNotFound"),
        ("echo 'a", "bash: -c: line 1: unexpected EOF while looking for matching `''", "Syntax"),
        ("a (", "/bin/bash: -c: line 1: syntax error near unexpected token `('", "Syntax"),
        ("find . -foo", "find: unknown predicate `-foo'", "InvalidArguments"),
        ("grep -q", "Usage: grep [OPTION]...\nTry 'grep --help' for more information.", "InvalidArguments"),
        ("git status", "fatal: not a git repository (or any of the parent directories): .git", "Other"),
        ("git checkout x", "error: pathspec 'x' did not match any file(s) known to git", "NotFound"),
        ("git push", "To x\n ! [rejected]\nerror: failed to push some refs to 'x'", "Other"),
        ("python x.py", TRACEBACK, "Exception"),
        ("python x.py", f"before\n{TRACEBACK}\n", "Exception"),
        (
            "python x.py",
            '  File "x.py", line 3\n    def f(:\n          ^\nSyntaxError: invalid syntax',
            "Syntax",
        ),
        ("node x.js", "throw new Error('a')\n\nError: a\n    at x.js:1:7\n\nNode.js v18.0.0", "Other"),
        ("npm install foo", "npm error code E404\nnpm error 404 Not Found", "NotFound"),
        ("pip install no", "ERROR: No matching distribution found for no", "Other"),
        ("make", "gcc -c a.c\na.c:3:1: error: expected ';'\nmake: *** [a.o] Error 1", "Other"),
        ("go build ./...", "# x\n./a.go:3:2: undefined: y", "Other"),
        ("sqlite3 x.db 'select'", "Error: in prepare, no such table: y", "NotFound"),
        ("psql -c x", 'ERROR:  relation "y" does not exist\nLINE 1: x', "NotFound"),
        ("mytool --x", "usage: mytool [-h]\nmytool: error: unrecognized arguments: --x", "InvalidArguments"),
        ("pytest nothing", "=== no tests ran in 0.01s ===", "Other"),
        ("sleep 100", "Command timed out after 2m 0.0s", "Timeout"),
        ("go run .", "panic: boom\n\ngoroutine 1 [running]:\nexit status 2", "Other"),
    ],
)
def test_failures(run: Run, command: str, text: str, error_type: str) -> None:
    verdict = run(command, text)
    assert verdict.outcome == "error"
    assert verdict.error_type in (error_type, "ExitCode" if error_type == "Other" else error_type)


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("ls", "error.log\nfailed_tests.txt\nfatal.py"),
        ("cat app.log", f"INFO start\nERROR boom\n{TRACEBACK}"),
        ("sed -n '1,9p' x.py", "raise ValueError('command not found')\nfatal: x\nerror: y"),
        ("grep -rn Error src", "src/a.py:3:    raise ValueError('Error: x')"),
        ("git log", "commit abc\n\n    fatal: fix\n    error: handle it"),
        ("git diff", "-    print('error: x')\n+    raise SystemExit('fatal: y')"),
        ("python x.py", f"{TRACEBACK}\nCaught it, going on."),
        ("python x.py", "Error: expression must be an expression type"),
        ("python x.py", "0 errors, 0 failures"),
        ("rm gone || true", "rm: cannot remove 'gone': No such file or directory"),
        ("ls gone; ls here", "ls: cannot access 'gone': No such file or directory\na\nb"),
        ("md5sum a | sort", "md5sum: a: No such file or directory\nother"),
        ("python x.py 2>&1 | tail -3", TRACEBACK),
        ("make", "make: Nothing to be done for 'all'."),
        ("make", "make[1]: Entering directory '/x'\nmake[1]: Leaving directory '/x'"),
        ("tar cf a.tar /x", "tar: Removing leading `/' from member names"),
        ("grep -r x .", "grep: a.bin: binary file matches"),
        ("sudo ls", "sudo: unable to resolve host box: Name or service not known\na"),
        ("x", ""),
        ("x", "\n\n"),
    ],
)
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
