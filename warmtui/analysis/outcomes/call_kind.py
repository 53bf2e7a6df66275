"""What a call asked for: the kind of its tool and the command, code or query in its arguments."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from warmtui.analysis.outcomes.command_line import READ_LIMIT
from warmtui.analysis.outcomes.result_values import decode_json

Kind = Literal["shell", "code", "sql", "reader", "process", "other"]
"""`shell` runs a command line, `code` runs source text, `sql` a query, `reader` returns content as it is,
`process` reports on something that already runs."""


class Asked(NamedTuple):
    """Kind of a call, and the text that was to be run (empty for `reader`, `process`, `other`)."""

    kind: Kind
    text: str


class Call:
    """A call as its result is judged; kind and command are found when asked for, which most never are.

    Args:
        tool: the tool's name.
        arguments: the original text of its arguments.
    """

    __slots__ = ("_asked", "arguments", "tool")

    def __init__(self, tool: str, arguments: str) -> None:
        self.tool = tool
        self.arguments = arguments
        self._asked: Asked | None = None

    @property
    def asked(self) -> Asked:
        """What the call asked for."""
        if self._asked is None:
            self._asked = what_was_asked(self.tool, self.arguments)
        return self._asked

    @property
    def kind(self) -> Kind:
        """Kind of the tool."""
        return self.asked.kind

    @property
    def command(self) -> str:
        """The command line of a shell's call, empty for any other kind."""
        asked = self.asked
        return asked.text if asked.kind == "shell" else ""

    @property
    def is_process(self) -> bool:
        """Whether the tool reports on something that already runs."""
        return self.tool in PROCESS_TOOLS


PROCESS_TOOLS = frozenset(
    {
        "process",
        "BashOutput",
        "TaskOutput",
        "KillShell",
        "KillBash",
        "TaskStop",
        "read_terminal",
        "write_stdin",
    }
)
_SHELL = re.compile(
    r"bash|shell|terminal|console|powershell|command|(?:^|_)(?:exec|cmd|sh|zsh|pwsh)(?:$|_)", re.IGNORECASE
)
_CODE = re.compile(
    r"python|ipython|jupyter|notebook|code|repl|javascript|(?:^|_)(?:js|node)(?:$|_)", re.IGNORECASE
)
_SQL = re.compile(r"sql|quer(?:y|ies)|postgres|mysql|sqlite|bigquery|snowflake", re.IGNORECASE)
_READER = re.compile(
    r"read|view|open|cat(?:$|_)|get_file|grep|glob|search|find|list|fetch|browse|snapshot|extract|crawl|scrape"
    r"|show|navigate|^ls$",
    re.IGNORECASE,
)
_BROKEN_COMMAND = re.compile(r'\s*+\{\s*+"(?:command|cmd)"\s*+:\s*+"((?:[^"\\]|\\.)*+)')
"""The command at the beginning of arguments that are no JSON."""
_COMMAND_KEYS = ("command", "cmd", "commands", "bash_command", "shell_command", "script")
_CODE_KEYS = ("code", "source", "python_code")
_SQL_KEYS = ("sql", "query", "statement")


def may_run_a_command(arguments: str) -> bool:
    """Whether arguments look as if they held a command line: a cheap test before `what_was_asked`."""
    return (
        not arguments.startswith("{")
        or "command" in arguments
        or '"cmd"' in arguments
        or '"script"' in arguments
    )


def what_was_asked(tool: str, arguments: str) -> Asked:
    """Return the kind of a call and what it was to run.

    The argument names decide before the tool's name: agents rename their tools more often than the
    arguments, and an MCP server's tools have any name.

    Args:
        tool: the tool's name as the session has it, MCP prefixes included.
        arguments: the original text; malformed JSON or a bare command line are fine.
    """
    if tool in PROCESS_TOOLS:
        return Asked("process", "")
    name = tool.rsplit("__", 1)[-1]
    value = decode_json(arguments)[0] if arguments[:1] in ("{", "[") else None
    if not isinstance(value, dict):
        if not _named(_SHELL, name):
            return _by_name(name)
        broken = _BROKEN_COMMAND.match(arguments, 0, READ_LIMIT)
        return Asked("shell", broken[1] if broken is not None else arguments)
    command = _first_text(value, _COMMAND_KEYS)
    if command and not ("path" in value or "file_path" in value):
        if _named(_SQL, name):
            return Asked("sql", command)
        if _named(_CODE, name) and not _named(_SHELL, name):
            return Asked("code", command)
        return Asked("shell", command)
    code = _first_text(value, _CODE_KEYS)
    if code and _named(_CODE, name):
        return Asked("code", code)
    if _named(_SQL, name):
        query = _first_text(value, _SQL_KEYS)
        if query:
            return Asked("sql", query)
    return _by_name(name)


def _by_name(name: str) -> Asked:
    return Asked("reader" if _named(_READER, name) else "other", "")


@lru_cache(maxsize=2_000)
def _named(pattern: re.Pattern[str], name: str) -> bool:
    """Whether a tool's name holds a pattern; a history has few names and many calls."""
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
    """Return the command line of an argument vector; `["bash", "-lc", "x"]` is `x`."""
    if len(words) == 3 and words[0].endswith("sh") and words[1].startswith("-") and words[1].endswith("c"):
        return words[2]
    return " ".join(words)
