"""Outcomes: what became of each tool call, by which rule, and why.

`judge` decides a call with a result, `missing` a call without one; `error_line` gives a failure's own words.
Everything is pure. Each family of rules has its own module:

    judgement      the order in which the families are tried
    json_result    JSON: exit codes, error values, success, status, MCP's shapes
    exit_codes     what an exit code means: answers, findings, signals
    refusals       refused, interrupted, never made, pruned
    envelopes      exit codes and time limits that agents write around an output
    plain_result   what a command printed without an exit code, what other tools return
    failure_lines  lines in which programs report failures
    error_types    the line that says what went wrong, and its type
    rules          all rules with their sentences, all error types
"""

from warmtui.analysis.outcomes.error_types import error_line
from warmtui.analysis.outcomes.judgement import judge, missing
from warmtui.analysis.outcomes.rules import ERROR_TYPES, REASONS

__all__ = ["ERROR_TYPES", "REASONS", "error_line", "judge", "missing"]
