"""What kind of tool a call uses: every table of tool names, and of the arguments that hold what a tool runs.

The task types come from the prototypes, so that figures stay comparable. The names that other agents use for
the same work were added.
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

from warmtui.analysis.patterns import any_of, word_set
from warmtui.analysis.results import decode_json
from warmtui.model.stats import TaskType

HOUSEKEEPING = word_set(
    """
    clarify memory fact_store fact_feedback todo session_search skill_view skills_list warm_session
    TodoWrite TodoRead AskUserQuestion update_plan request_user_input
    """
)
"""Tools that serve the agent itself; they are counted separately and left out of every rate."""
PROCESS_TOOLS = word_set(
    "process BashOutput TaskOutput KillShell KillBash TaskStop read_terminal write_stdin"
)
"""Tools that report on something that already runs."""
ENVELOPED_TOOLS = frozenset({"terminal"})
"""Shell tools that always answer with an object of their own (Hermes)."""
WRITERS = frozenset({"write_file", "Write", "create_file"})
"""Tools that create a file or replace all of it."""

TASK_TYPES: tuple[TaskType, ...] = get_args(TaskType)
"""All task types, in the order that breaks ties."""
_TOOLS_OF_TYPE: dict[TaskType, frozenset[str]] = {
    "code": word_set("execute_code code_execution skill_manage NotebookEdit"),
    "file": word_set(
        "read_file write_file patch search_files Read Write Edit MultiEdit Glob Grep LS apply_patch"
    ),
    "research": word_set("web_search web_fetch web_extract browser WebFetch WebSearch"),
    "terminal": word_set("terminal Bash shell shell_command exec_command local_shell BashOutput"),
}
_TYPE_OF_TOOL: dict[str, TaskType] = {
    tool: task_type for task_type, tools in _TOOLS_OF_TYPE.items() for tool in tools
}


def task_type_of(tool: str) -> TaskType:
    """Return the task type of a tool; `general` for an unknown name."""
    return _TYPE_OF_TOOL.get(tool, "research" if tool.startswith("browser_") else "general")


ToolKind = Literal["shell", "code", "sql", "reader", "process", "other"]
"""`shell` runs a command line, `code` runs source text, `sql` a query; `reader` returns content as it is;
`process` reports on something that already runs."""

MAX_COMMAND = 60_000
"""Characters of a command line that are read to judge its result; a longer one holds a here-document."""
_SHELL = re.compile(
    r"bash|shell|terminal|console|powershell|command|(?:^|_)(?:exec|cmd|sh|zsh|pwsh)(?:$|_)", re.IGNORECASE
)
_CODE = re.compile(
    r"python|ipython|jupyter|notebook|code|repl|javascript|(?:^|_)(?:js|node)(?:$|_)", re.IGNORECASE
)
_SQL = re.compile(r"sql|quer(?:y|ies)|postgres|mysql|sqlite|bigquery|snowflake", re.IGNORECASE)
_READER = any_of(
    r"read|view|open|cat(?:$|_)|get_file|grep|glob|search|find|list|fetch|browse|snapshot|extract|crawl",
    r"scrape|show|navigate|^ls$",
    flags=re.IGNORECASE,
)
_COMMAND_KEYS = ("command", "cmd", "commands", "bash_command", "shell_command", "script")
_CODE_KEYS = ("code", "source", "python_code")
_SQL_KEYS = ("sql", "query", "statement")
_BROKEN_COMMAND = re.compile(r'\s*+\{\s*+"(?:command|cmd)"\s*+:\s*+"((?:[^"\\]|\\.)*+)')
"""The command at the start of arguments that are not valid JSON."""


class ToolUse(NamedTuple):
    """The kind of a call's tool, and the text that the tool runs (empty for `reader`, `process`, `other`)."""

    kind: ToolKind
    text: str


def tool_use_of(tool: str, arguments: str) -> ToolUse:
    """Return what a call uses its tool for.

    Argument names decide before the tool's name: agents rename tools more often than arguments, and an MCP
    server's tools can have any name.

    Args:
        tool: the tool's name as the session has it, MCP prefixes included.
        arguments: the original text; malformed JSON or a bare command line are fine.
    """
    if tool in PROCESS_TOOLS:
        return ToolUse("process", "")
    name = tool.rsplit("__", 1)[-1]
    value = decode_json(arguments)[0] if arguments[:1] in ("{", "[") else None
    if not isinstance(value, dict):
        if _has(_SHELL, name):
            broken = _BROKEN_COMMAND.match(arguments, 0, MAX_COMMAND)
            return ToolUse("shell", broken[1] if broken is not None else arguments)
        return _use_by_name(name)
    command = _first_text(value, _COMMAND_KEYS)
    if command and not ("path" in value or "file_path" in value):
        if _has(_SQL, name):
            return ToolUse("sql", command)
        if _has(_CODE, name) and not _has(_SHELL, name):
            return ToolUse("code", command)
        return ToolUse("shell", command)
    if _has(_CODE, name) and (code := _first_text(value, _CODE_KEYS)):
        return ToolUse("code", code)
    if _has(_SQL, name) and (query := _first_text(value, _SQL_KEYS)):
        return ToolUse("sql", query)
    return _use_by_name(name)


def _use_by_name(name: str) -> ToolUse:
    return ToolUse("reader" if _has(_READER, name) else "other", "")


@lru_cache(maxsize=2_000)
def _has(pattern: re.Pattern[str], name: str) -> bool:
    """Whether a tool's name contains a pattern; cached, as a history has few names and many calls."""
    return pattern.search(name) is not None


def _first_text(value: dict[str, object], keys: tuple[str, ...]) -> str:
    for key in keys:
        found = value.get(key)
        if isinstance(found, str):
            return found
        if isinstance(found, list) and found and all(isinstance(part, str) for part in found):
            return "\n".join(found) if key == "commands" else _joined(found)
    return ""


def _joined(words: list[str]) -> str:
    """Return the command line of an argument vector; `x` for `["bash", "-lc", "x"]`."""
    if len(words) == 3 and words[0].endswith("sh") and words[1].startswith("-") and words[1].endswith("c"):
        return words[2]
    return " ".join(words)


LINE_KEYS = ("command", "cmd", "commands", "script")
"""Arguments that hold a command line when the shape of a call is taken; `_COMMAND_KEYS` when it is judged."""


def command_line(tool: str, values: dict[str, object]) -> str:
    """Return the command line that a call gives to a shell; empty for other calls."""
    for key in LINE_KEYS:
        value = values.get(key)
        if isinstance(value, str) and (key != "script" or tool in ("shell", "bash", "terminal")):
            return value
        if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
            words = [str(word) for word in value]
            if len(words) > 2 and posixpath.basename(words[0]) in ("bash", "sh", "zsh") and "c" in words[1]:
                return words[2]
            return " ".join(words)
    return ""
