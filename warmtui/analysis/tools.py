"""What kind of work a tool does, and which tools are housekeeping.

Both tables are the prototypes' (kept so that their figures stay comparable), widened by the names that
Claude Code, Codex CLI and MCP servers use for the same work.
"""

from __future__ import annotations

from warmtui.model.stats import TaskType

HOUSEKEEPING: frozenset[str] = frozenset(
    {
        "clarify",
        "memory",
        "fact_store",
        "fact_feedback",
        "todo",
        "session_search",
        "skill_view",
        "skills_list",
        "warm_session",
        # the same work under other agents' names
        "TodoWrite",
        "TodoRead",
        "AskUserQuestion",
        "update_plan",
        "request_user_input",
    }
)
"""Tools that keep the agent's own house; counted apart and left out of every rate."""

TASK_TYPES: tuple[TaskType, ...] = ("code", "file", "research", "terminal", "general")
"""In the order that settles ties."""

_GROUPS: dict[TaskType, tuple[str, ...]] = {
    "code": ("execute_code", "code_execution", "skill_manage", "NotebookEdit"),
    "file": (
        "read_file",
        "write_file",
        "patch",
        "search_files",
        "Read",
        "Write",
        "Edit",
        "MultiEdit",
        "Glob",
        "Grep",
        "LS",
        "apply_patch",
    ),
    "research": ("web_search", "web_fetch", "web_extract", "browser", "WebFetch", "WebSearch"),
    "terminal": ("terminal", "Bash", "shell", "shell_command", "exec_command", "local_shell", "BashOutput"),
}
_BY_NAME: dict[str, TaskType] = {name: group for group, names in _GROUPS.items() for name in names}


def task_type_of(tool: str) -> TaskType:
    """Return the group of one tool; `general` for a name no table holds."""
    known = _BY_NAME.get(tool)
    if known is not None:
        return known
    return "research" if tool.startswith("browser_") else "general"
