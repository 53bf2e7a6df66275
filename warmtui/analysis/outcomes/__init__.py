"""Outcomes: what became of each tool call, by which rule, and why.

`judge` decides a call with a result, `missing` a call without one; `error_line` gives a failure's own words.
Everything is pure. Each family of rules has its own module:

    judgement      `RESULT_RULES`: the order in which the rules are tried
    json_result    JSON: exit codes, error values, success, status, MCP's shapes
    agent_texts    what agents write in place of a result or around it: refusals, summaries, exit codes
    plain_result   what a command printed without an exit code, what other tools return
    exit_codes     what an exit code means: answers, findings, signals
    command_line   which commands of a command line decide its exit code
    checkers       summaries of test runners, linters and type checkers
    last_words     what only a failing program prints: crashes, fixed messages of programs of wide use
    failure_lines  lines in which programs report failures
    error_types    the line that says what went wrong, and its type
    rules          what rules take and return, their sentences, all error types
"""

from warmtui.analysis.outcomes.error_types import error_line
from warmtui.analysis.outcomes.judgement import judge, missing
from warmtui.analysis.outcomes.rules import ERROR_TYPES, REASONS

__all__ = ["ERROR_TYPES", "REASONS", "error_line", "judge", "missing"]
