"""The task types of tools, and which tools are housekeeping.

Both tables come from the prototypes, so that figures stay comparable. They are extended by the names that
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
        # other agents' names for the same work
        "TodoWrite",
        "TodoRead",
        "AskUserQuestion",
        "update_plan",
        "request_user_input",
    }
)
"""Tools that serve the agent itself; they are counted separately and left out of every rate."""

TASK_TYPES: tuple[TaskType, ...] = ("code", "file", "research", "terminal", "general")
"""All task types, in the order that breaks ties."""

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
    """Return the task type of a tool; `general` for an unknown name."""
    known = _BY_NAME.get(tool)
    if known is not None:
        return known
    return "research" if tool.startswith("browser_") else "general"
