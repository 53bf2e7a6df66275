"""Outcomes: what became of each tool call, by which rule, and why.

`judge` decides a call that has a result, `missing` one that has none, `error_line` gives the words of a
failure. Everything is pure; each family of rules has its own module:

    judgement    the order in which the families are asked
    json_result  JSON: exit codes, error values, success, status, MCP's shapes
    exit_codes   what an exit code means: answers, findings, signals
    refusals     refused, interrupted, never made, pruned
    envelopes    exit codes and time limits that agents write around an output
    shell_text   what a command printed, where no exit code was kept
    tool_text    plain results of other tools
    error_types  the line that says what went wrong, and its group
"""

from warmtui.analysis.outcomes.error_types import error_line
from warmtui.analysis.outcomes.judgement import judge, missing
from warmtui.analysis.outcomes.rules import ERROR_TYPES, REASONS

__all__ = ["ERROR_TYPES", "REASONS", "error_line", "judge", "missing"]
