"""What kind of tool a call uses: the one table of tool names, and the arguments that hold what a tool runs.

The task types come from the prototypes, so that figures stay comparable. The names that other agents use for
the same work were added.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

from warmtui.analysis.patterns import any_of, word_set
from warmtui.analysis.results import decode_json
from warmtui.model.stats import TaskType

ToolGroup = Literal[
    "shell", "process", "code", "read", "search", "edit", "web", "plan", "agent", "mcp", "other"
]
"""What an agent's own tool is for. `process` reports on something that already runs; `plan` serves the agent
itself; `agent` starts or asks another agent; `mcp` is any tool of an MCP server; `other` is any unknown name.
"""

_TOOLS: dict[ToolGroup, frozenset[str]] = {
    # a call of the second row continues a command and ends with its exit code (Codex)
    "shell": word_set(
        """
        bash shell terminal shellcommand execcommand localshell unifiedexec containerexec runcommand
        writestdin wait
        executecommand executebash runinterminal runshellcommand runterminalcommand runterminalcmd
        """
    ),
    "process": word_set(
        """
        process bashoutput taskoutput killshell killbash killterminal taskstop readterminal getterminaloutput
        agentoutput commandstatus
        """
    ),
    "code": word_set(
        "executecode codeexecution executepython python ipython executeipythoncell repl notebook"
    ),
    "read": word_set(
        """
        read readfile readmanyfiles viewfile view openfile fileread cat notebookread readmcpresource viewimage
        readtextfile getfilecontents
        """
    ),
    "search": word_set(
        """
        searchfiles glob grep ls list listdir listdirectory listfiles filesearch greps search grepsearch
        codebasesearch searchfilecontent findbyname listcodedefinitionnames semanticsearch rg find lsp
        """
    ),
    "edit": word_set(
        """
        writefile write createfile patch edit multiedit applypatch notebookedit skillmanage editfile
        strreplaceeditor strreplacebasededittool replace strreplace writetofile replaceinfile applydiff
        inserteditintofile replacestringinfile multireplacestringinfile searchreplace inserttext editor
        deletefile movefile
        """
    ),
    "web": word_set(
        """
        websearch webfetch webextract browser fetch googlewebsearch fetchwebpage browseraction searchweb
        readurlcontent webrun
        """
    ),
    "plan": word_set(
        """
        clarify memory factstore factfeedback todo sessionsearch skillview skillslist warmsession
        todowrite todoread updatetodos updatetodolist writetodos readtodos managetodolist
        taskcreate taskupdate tasklist taskget tasktracker
        updateplan plan createplan enterplanmode exitplanmode planmode switchmode
        askuserquestion askfollowupquestion askuser requestuserinput
        savememory updatememory creatememory think sequentialthinking
        skill slashcommand toolsearch toolsearchcall setsessiontitle reportintent
        """
    ),
    "agent": word_set(
        """
        task agent delegatetask runsubagent newtask spawnagent waitagent closeagent sendinput sendmessage
        resumeagent listagents followuptask dispatchagent interruptagent
        """
    ),
}
"""Group → names of tools in any agent, in lower case without `_` and `-`, as agents spell one name in many
ways."""
_GROUP_OF_TOOL: dict[str, ToolGroup] = {tool: group for group, tools in _TOOLS.items() for tool in tools}

TASK_TYPES: tuple[TaskType, ...] = get_args(TaskType)
"""All task types, in the order that breaks ties."""
_TYPE_OF_GROUP: dict[ToolGroup, TaskType] = {
    "code": "code",
    "read": "file",
    "search": "file",
    "edit": "file",
    "web": "research",
    "shell": "terminal",
    "process": "terminal",
}
_TYPE_OF_TOOL: dict[str, TaskType] = {"skillmanage": "code", "notebookedit": "code", "process": "general"}
"""Tools whose task type, by the prototypes' table, is not their group's."""

ENVELOPED_TOOLS = frozenset({"terminal"})
"""Shell tools that always answer with an object of their own (Hermes)."""
CREATING_KEYS = frozenset({"content", "file_text"})
"""Arguments of a tool that creates a file or replaces all of it."""
CHANGING_KEYS = frozenset({"old_string", "old_str", "new_string", "new_str", "edits", "patch", "diff"})
"""Arguments of a tool that changes a part of a file."""
WRITING_KEYS = CREATING_KEYS | CHANGING_KEYS | {"input"}
"""Arguments that hold what is written; `input` is a patch."""


@lru_cache(maxsize=2_000)
def group_of(tool: str) -> ToolGroup:
    """Return what a tool is for, by its name alone.

    >>> group_of("TodoWrite"), group_of("exec_command"), group_of("mcp__files__read"), group_of("deploy")
    ('plan', 'shell', 'mcp', 'other')
    """
    if tool.startswith("mcp__"):
        return "mcp"
    group = _GROUP_OF_TOOL.get(_plain(tool))
    return group or ("web" if tool.startswith("browser_") else "other")


_OWN_GROUPS: frozenset[ToolGroup] = frozenset({"mcp", "other"})
_SERVES: frozenset[ToolGroup] = frozenset({"other", "plan"})


def is_own_tool(tool: str) -> bool:
    """Whether a tool is of an application or a tool server, and none that every agent has."""
    return group_of(tool) in _OWN_GROUPS


def serves_customers(tools: Iterable[str]) -> bool:
    """Whether an agent that calls these tools works for customers: it has an application's tools only.

    Such an agent reads no files, runs no commands and asks no tool servers. Without any call that is unknown.
    """
    groups = {group_of(tool) for tool in tools}
    return bool(groups) and groups <= _SERVES


def _plain(tool: str) -> str:
    """Return a tool's name as the table has it, without the prefix in `functions.exec_command`."""
    return tool.rsplit(".", 1)[-1].lower().replace("_", "").replace("-", "")


def is_housekeeping(tool: str) -> bool:
    """Whether a tool serves the agent itself; its calls are counted apart and left out of every rate."""
    return group_of(tool) == "plan"


@lru_cache(maxsize=2_000)
def task_type_of(tool: str) -> TaskType:
    """Return the task type of a tool; `general` for an unknown name."""
    return _TYPE_OF_TOOL.get(_plain(tool)) or _TYPE_OF_GROUP.get(group_of(tool), "general")


ToolKind = Literal["shell", "code", "sql", "reader", "process", "other"]
"""How a call's result is judged. `shell` runs a command line, `code` source text, `sql` a query; `reader`
returns content as it is; `process` reports on something that already runs."""
_KIND_OF_GROUP: dict[ToolGroup, ToolKind] = {
    "process": "process",
    "read": "reader",
    "search": "reader",
    "web": "reader",
    "agent": "reader",
    "edit": "other",
    "plan": "other",
}
"""Groups whose arguments run nothing: `command` of an editor names its action."""

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
COMMAND_KEYS = ("command", "cmd", "commands", "bash_command", "shell_command", "script")
"""Arguments that hold a command line; `script` only of a shell."""
_CODE_KEYS = ("code", "source", "python_code")
_SQL_KEYS = ("sql", "query", "statement")
_VIEWS = frozenset({"view", "read", "open", "list"})
"""Actions of an editor that return content."""
_BROKEN_COMMAND = re.compile(r'\s*+\{\s*+"(?:command|cmd)"\s*+:\s*+"((?:[^"\\]|\\.)*+)')
"""The command at the start of arguments that are not valid JSON."""
_EDITOR_COMMAND = re.compile(
    r"\s*+(?:(?P<edit>edit \d+:\d+\b|create [^\s;|&]+\s*\Z)"
    r"|scroll_(?:up|down)\s*\Z|goto \d+\s*\Z|(?:search_dir|search_file|find_file) "
    r'|open (?:"[^"\n]+"|[^\s;|&]+)(?: \d+)?\s*\Z)'
)
"""Commands of SWE-agent's editor, which it takes in place of a command line."""


class ToolUse(NamedTuple):
    """How a call's result is judged, and the text that the tool runs (empty where it runs none)."""

    kind: ToolKind
    text: str


def tool_use_of(tool: str, arguments: str) -> ToolUse:
    """Return what a call uses its tool for.

    A name in the table decides first. Then argument names decide before the tool's name: agents rename tools
    more often than arguments, and an MCP server's tools can have any name.

    Args:
        tool: the tool's name as the session has it, MCP prefixes included.
        arguments: the original text; malformed JSON or a bare command line are fine.
    """
    group = group_of(tool)
    if group in _KIND_OF_GROUP and group != "edit":
        return ToolUse(_KIND_OF_GROUP[group], "")
    values = decode_json(arguments)[0] if arguments[:1] in ("{", "[") else None
    if isinstance(values, dict):
        return _use_of_values(tool, values)
    name = tool.rsplit("__", 1)[-1]
    if group == "edit":
        return ToolUse("other", "")
    if group != "shell" and not _has(_SHELL, name):
        return _use_by_name(name)
    broken = _BROKEN_COMMAND.match(arguments, 0, MAX_COMMAND)
    return _shell_use(broken[1] if broken is not None else arguments)


def command_line(tool: str, values: Mapping[str, object]) -> str:
    """Return the command line that a call gives to a shell; empty for other calls.

    Args:
        tool: the tool's name.
        values: its decoded arguments.

    >>> command_line("bash", {"command": "ls"}), command_line("str_replace_editor", {"command": "view"})
    ('ls', '')
    """
    use = _use_of_values(tool, values)
    return use.text if use.kind == "shell" else ""


def _use_of_values(tool: str, values: Mapping[str, object]) -> ToolUse:
    """Return what a call with decoded arguments uses its tool for; see `tool_use_of`."""
    group = group_of(tool)
    kind = _KIND_OF_GROUP.get(group)
    if kind is not None:
        views = group == "edit" and _first_text(values, ("command",)) in _VIEWS
        return ToolUse("reader" if views else kind, "")
    name = tool.rsplit("__", 1)[-1]
    is_shell = group == "shell" or _has(_SHELL, name)
    command = _command_in(values, is_shell=is_shell)
    if command and not ("path" in values or "file_path" in values):
        if _has(_SQL, name):
            return ToolUse("sql", command)
        if _has(_CODE, name) and not is_shell:
            return ToolUse("code", command)
        return _shell_use(command)
    if group == "shell":
        return ToolUse("shell", "")
    if (group == "code" or _has(_CODE, name)) and (code := _first_text(values, _CODE_KEYS)):
        return ToolUse("code", code)
    if _has(_SQL, name) and (query := _first_text(values, _SQL_KEYS)):
        return ToolUse("sql", query)
    return _use_by_name(name)


def _shell_use(command: str) -> ToolUse:
    """Return the use of a command line, which may be a command of SWE-agent's editor."""
    editor = _EDITOR_COMMAND.match(command)
    if editor is None:
        return ToolUse("shell", command)
    return ToolUse("other" if editor["edit"] else "reader", "")


def _use_by_name(name: str) -> ToolUse:
    return ToolUse("reader" if _has(_READER, name) else "other", "")


@lru_cache(maxsize=2_000)
def _has(pattern: re.Pattern[str], name: str) -> bool:
    """Whether a tool's name contains a pattern; cached, as a history has few names and many calls."""
    return pattern.search(name) is not None


def _command_in(values: Mapping[str, object], *, is_shell: bool) -> str:
    return _first_text(values, COMMAND_KEYS if is_shell else COMMAND_KEYS[:-1])


def _first_text(values: Mapping[str, object], keys: tuple[str, ...]) -> str:
    for key in keys:
        found = values.get(key)
        if isinstance(found, str):
            return found
        if isinstance(found, list) and found and all(isinstance(part, str) for part in found):
            return "\n".join(found) if key == "commands" else _joined(found)
    return ""


def _joined(words: list[str]) -> str:
    """Return the command line of an argument vector; `x` for `["/bin/bash", "-lc", "x"]`."""
    program = posixpath.basename(words[0])
    if len(words) > 2 and program.endswith("sh") and words[1].startswith("-") and "c" in words[1]:
        return words[2]
    return " ".join(words)
