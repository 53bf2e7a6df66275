"""What a call asks for: the kind of its tool, and the command, code or query in its arguments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

from warmtui.analysis.outcomes.command_line import READ_LIMIT, CommandLine, read_command
from warmtui.analysis.patterns import any_of, word_set
from warmtui.analysis.results import decode_json

Kind = Literal["shell", "code", "sql", "reader", "process", "other"]
"""`shell` runs a command line, `code` runs source text, `sql` a query; `reader` returns content as it is;
`process` reports on something that already runs."""

PROCESS_TOOLS = word_set(
    "process BashOutput TaskOutput KillShell KillBash TaskStop read_terminal write_stdin"
)
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
_BROKEN_COMMAND = re.compile(r'\s*+\{\s*+"(?:command|cmd)"\s*+:\s*+"((?:[^"\\]|\\.)*+)')
"""The command at the start of arguments that are not valid JSON."""
_COMMAND_KEYS = ("command", "cmd", "commands", "bash_command", "shell_command", "script")
_CODE_KEYS = ("code", "source", "python_code")
_SQL_KEYS = ("sql", "query", "statement")


class CallKind(NamedTuple):
    """The kind of a call, and the text that it runs (empty for `reader`, `process`, `other`)."""

    kind: Kind
    text: str


@dataclass
class Call:
    """A call whose result is judged; what its arguments hold is read on first access, which is rare."""

    tool: str
    arguments: str
    """The original text."""

    @cached_property
    def _call_kind(self) -> CallKind:
        return call_kind_of(self.tool, self.arguments)

    @property
    def kind(self) -> Kind:
        """The kind of the tool."""
        return self._call_kind.kind

    @property
    def command(self) -> str:
        """The command line of a shell call; empty for any other kind."""
        return self._call_kind.text if self.kind == "shell" else ""

    @cached_property
    def command_line(self) -> CommandLine:
        """The commands of a shell call, by their role."""
        return read_command(self.command)

    @property
    def is_process(self) -> bool:
        """Whether the tool reports on something that already runs."""
        return self.tool in PROCESS_TOOLS


def call_kind_of(tool: str, arguments: str) -> CallKind:
    """Return the kind of a call and the text it runs.

    Argument names decide before the tool's name: agents rename tools more often than arguments, and an MCP
    server's tools can have any name.

    Args:
        tool: the tool's name as the session has it, MCP prefixes included.
        arguments: the original text; malformed JSON or a bare command line are fine.
    """
    if tool in PROCESS_TOOLS:
        return CallKind("process", "")
    name = tool.rsplit("__", 1)[-1]
    value = decode_json(arguments)[0] if arguments[:1] in ("{", "[") else None
    if not isinstance(value, dict):
        if not _has(_SHELL, name):
            return _kind_by_name(name)
        broken = _BROKEN_COMMAND.match(arguments, 0, READ_LIMIT)
        return CallKind("shell", broken[1] if broken is not None else arguments)
    command = _first_text(value, _COMMAND_KEYS)
    if command and not ("path" in value or "file_path" in value):
        if _has(_SQL, name):
            return CallKind("sql", command)
        if _has(_CODE, name) and not _has(_SHELL, name):
            return CallKind("code", command)
        return CallKind("shell", command)
    code = _first_text(value, _CODE_KEYS)
    if code and _has(_CODE, name):
        return CallKind("code", code)
    if _has(_SQL, name):
        query = _first_text(value, _SQL_KEYS)
        if query:
            return CallKind("sql", query)
    return _kind_by_name(name)


def _kind_by_name(name: str) -> CallKind:
    return CallKind("reader" if _has(_READER, name) else "other", "")


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
