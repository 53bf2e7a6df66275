"""Exit codes: which are answers, which are findings, which are failures."""

from __future__ import annotations

import re

from warmtui.analysis.outcomes.checkers import checker_at_end, checker_that_reported
from warmtui.analysis.outcomes.command_line import CommandLine, Stage, only_reads
from warmtui.analysis.outcomes.error_types import error_type_of
from warmtui.analysis.outcomes.failure_lines import failure_in, readable
from warmtui.analysis.outcomes.rules import UnjudgedCall, decide, ok
from warmtui.analysis.patterns import word_set
from warmtui.analysis.tools import MAX_COMMAND
from warmtui.model.outcome import Verdict

TIMEOUT_CODE = 124
"""The code of timeout(1); Hermes uses it too."""
_INTERRUPTED = frozenset({130, -2, -1073741510, 3221225786})
"""128 + SIGINT, the same from Python, and Windows' STATUS_CONTROL_C_EXIT, signed and unsigned."""
_SIGNALS = range(129, 166)
"""128 + the signals of Linux and macOS."""
_FINDINGS_CODES = range(1, 124)
"""Codes with which checkers report; above are the shell's own codes (126, 127) and signals."""

ANSWERS: dict[str, frozenset[int]] = dict.fromkeys(
    word_set(
        """
        grep egrep fgrep zgrep bzgrep xzgrep rg ag ack ugrep
        diff colordiff cmp zdiff zcmp sdiff diff3
        test [ [[ expr pgrep which type hash command
        """
    ),
    frozenset({1}),
)
"""Program → exit codes that answer "no", from POSIX and the programs' manuals."""
GIT_ANSWERS: dict[str, frozenset[int]] = {
    **dict.fromkeys(
        word_set("diff diff-index diff-files diff-tree grep check-ignore merge-base show-ref config"),
        frozenset({1}),
    ),
    "ls-remote": frozenset({2}),
}
"""git subcommand → exit codes that answer "no"."""
_ANSWER_WORD = re.compile(rf"(?:^|[\s;&|(!/'\"`])(?:{'|'.join(map(re.escape, [*ANSWERS, 'git']))})(?:\s|$)")
"""A command line without any of these is not parsed."""
_XARGS_CODE = 123
"""The code of xargs if a command it ran exited with 1 to 125."""
_GIT_OPTIONS_WITH_VALUE = frozenset({"-C", "-c", "--git-dir", "--work-tree", "--namespace"})
_SYSTEM_PATHS = ("/bin/", "/usr/bin/", "/usr/local/bin/", "/opt/homebrew/bin/")
_SILENT = word_set(
    "cd echo printf export true : pwd set pushd popd source . sleep mkdir touch unset alias date"
)
"""Commands that hardly ever fail, and print an error if they do: a silent exit code 1 is not theirs."""

_MEANINGS = ("not an error", "expected", "partial results")
"""Words of Hermes' `exit_code_meaning` that excuse a code; others ("Could not resolve host") explain a
failure."""


def of_exit(code: int, output: str, call: UnjudgedCall, meaning: str = "") -> Verdict:
    """Return the verdict of a command that ran to its end.

    Args:
        code: its exit code; negative for a signal.
        output: what it printed, both streams.
        call: the call that ran it.
        meaning: Hermes' `exit_code_meaning`.
    """
    if code == 0:
        return of_success(output, call)
    if code in _INTERRUPTED:
        return decide("interrupted", "exit-interrupted", code=code)
    if code == TIMEOUT_CODE:
        return decide("error", "exit-timeout", code=code, error_type="Timeout")
    if code < -1 or code in _SIGNALS:
        return decide("error", "exit-killed", code=code, error_type="Killed")
    output = readable(output)
    # answers are tried first: grep prints nothing, and what diff prints may look like a failure
    if _ANSWER_WORD.search(call.command[:MAX_COMMAND]):
        program = _answering(call.command_line, code, output)
        if program:
            return decide("ok", "exit-answer", code=code, program=program)
    if any(word in meaning for word in _MEANINGS) and not _only_complaints(call.command_line, output):
        return ok("exit-code-meaning")
    if code in _FINDINGS_CODES:
        # a command after the checker may have set the code
        checker = checker_that_reported(output)
        if checker and not _fails_after(call.command_line, output):
            return decide("ok", "findings", checker=checker, findings=True)
    return decide("error", "exit-code", code=code, error_type=error_type_of(output, code))


def of_success(output: str, call: UnjudgedCall) -> Verdict:
    """Return the verdict of exit code 0: `ok`, with findings if a checker's summary ends the output.

    A pipeline into `tail`, or `|| true`, hides a checker's own code. A log that is only read has no findings.
    """
    checker = checker_at_end(output)
    if checker:
        line = call.command_line
        if not only_reads((*line.deciding, *line.others)):
            return decide("ok", "findings", checker=checker, findings=True)
    return ok("exit-zero")


def _answering(line: CommandLine, code: int, output: str) -> str:
    """Return the program whose exit code is an answer here, else an empty text.

    In `a && b` either command can have set the code; those that never fail silently cannot. The last of the
    others must be an answering command, unless nothing was printed at all.
    """
    stages = [stage for stage in line.deciding if stage.name not in _SILENT]
    answering = [stage for stage in stages if _answers(stage, code)]
    if not answering:
        return ""
    if answering[-1] is not stages[-1] and output.strip():
        # what was printed may be the failure of the last command
        return ""
    names = frozenset().union(*(stage.names for stage in stages))
    if any(failure_in(text, names) is not None for text in output.splitlines()):
        return ""
    return answering[-1].name


def _answers(stage: Stage, code: int) -> bool:
    name = stage.name
    if name == "git":
        return code in GIT_ANSWERS.get(_git_subcommand(stage.arguments), ())
    if "/" in stage.program and not stage.program.startswith(_SYSTEM_PATHS):
        # a project's own bin/test is not test(1)
        return False
    if name == "xargs":
        return code == _XARGS_CODE and any(1 in ANSWERS.get(run, ()) for run in stage.names)
    return code in ANSWERS.get(name, ())


def _git_subcommand(arguments: tuple[str, ...]) -> str:
    skip = False
    for word in arguments:
        if skip:
            skip = False
        elif word in _GIT_OPTIONS_WITH_VALUE:
            skip = True
        elif not word.startswith("-"):
            return word
    return ""


def _only_complaints(line: CommandLine, output: str) -> bool:
    """Whether the output is nothing but failure messages, as of `find` on a missing path."""
    names = frozenset().union(*(stage.names for stage in line.deciding))
    lines = [text for text in output.splitlines() if text.strip()]
    return bool(lines) and all(failure_in(text, names) is not None for text in lines)


def _fails_after(line: CommandLine, output: str) -> bool:
    """Whether the last line is a failure of the deciding command rather than the checker's report."""
    deciding = line.deciding
    last = next((text for text in reversed(output.splitlines()) if text.strip()), "")
    return bool(deciding) and failure_in(last, deciding[-1].names) is not None
