"""Conventions: command lines that say in one line how a project is tested, built, run or committed."""

from __future__ import annotations

import re

from warmtui.analysis.call_shape import CallShape
from warmtui.analysis.call_use import CallUse, telling_steps
from warmtui.analysis.command_purpose import CommandStep
from warmtui.analysis.command_slots import general_form
from warmtui.analysis.tools import command_line

MAX_LINE = 160
"""Characters of a command that a line may hold; a longer one is better shown as a call."""
SAID_IN_A_LINE: frozenset[CallUse] = frozenset({"runner", "record", "install", "program"})
"""Uses whose command says all; what a service or a tool is asked shows best with its arguments."""
_RECORDS = {
    "commit": "Commit",
    "push": "Push",
    "checkout": "Start a branch",
    "switch": "Start a branch",
    "worktree": "Work in a worktree of its own",
    "merge": "Merge",
    "rebase": "Rebase",
    "tag": "Tag",
}
_PURPOSES = {
    "test": "Run the tests",
    "check": "Check and format",
    "build": "Build",
    "install": "Install",
}
_FILTER = re.compile(
    r"(?:\s*(?:[12]?>&[12]|2>\s?/dev/null|\|\s*(?:tail|head|cat|less|wc|sort|tee)\b[^|&;<>]{0,60}"
    r"|;\s*echo\b[^|&;<>]{0,60}))+\s*\Z"
)
"""What only shortens or repeats the output at the end of a line."""
_SAID = re.compile(r"`([^`]+)`(?:, such as `([^`]+)`)?")
"""The command in a convention, and what stood in its slot."""
_SLOT = re.compile(r"<(\w{1,20})>")
_CHANGE_FOLDER = re.compile(r"\A\s*cd\s+(\S{1,300})\s*&&\s*")


def convention_of(shape: CallShape, use: CallUse, cwd: str = "") -> str | None:
    """Return in one line what a call shows, in its general form; None if a line cannot say it.

    Args:
        shape: the call, taken apart.
        use: what the call is for.
        cwd: the session's working directory; a change to it is left out.

    >>> from warmtui.analysis.call_shape import shape_of
    >>> shape = shape_of("bash", '{"command": "cd /srv/shop && make test 2>&1 | tail -5"}')
    >>> convention_of(shape, "runner", "/srv/shop")
    'Run the tests: `make test`'
    """
    if use not in SAID_IN_A_LINE or not shape.steps:
        return None
    line = _FILTER.sub("", command_line(shape.tool, shape.values or {})).strip()
    moved = _CHANGE_FOLDER.match(line)
    if moved is not None and cwd and moved[1].rstrip("/") == cwd.rstrip("/"):
        line = line[moved.end() :]
    if not line or "\n" in line or "`" in line:
        return None
    line, example = general_form(line)
    if len(line) > MAX_LINE:
        return None
    words = dict.fromkeys(_way_in_words(step) for step in telling_steps(shape))
    way, *others = words
    said = f"{', '.join([way, *(other.lower() for other in others)])}: `{line}`"
    return f"{said}, such as `{example}`" if example else said


def command_in(convention: str) -> str | None:
    """Return the command line of a convention with its slots filled in; None without one.

    >>> command_in("Run the tests: `pytest <test>`, such as `tests/test_cart.py`")
    'pytest tests/test_cart.py'
    """
    said = _SAID.search(convention)
    if said is None:
        return None
    # a slot as it is written would be read as a redirection
    return _SLOT.sub(lambda slot: said[2] if slot[1] == "test" and said[2] else slot[1], said[1])


def _way_in_words(step: CommandStep) -> str:
    if step.invocation.program == "git":
        return _RECORDS.get(step.invocation.subcommand, "Record changes")
    return _PURPOSES.get(step.purpose, "Run")
