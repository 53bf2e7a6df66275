"""What kind of tool a call uses, by its name and its arguments."""

from __future__ import annotations

import json
from typing import Any

from case_tables import cases

from warmtui.analysis.tools import command_line, group_of, is_housekeeping, task_type_of, tool_use_of


@cases("analysis/data/tool_uses.jsonl")
def test_a_tool_has_its_group_kind_and_task_type(
    tool: str, arguments: dict[str, Any], group: str, kind: str, task_type: str, line: str
) -> None:
    use = tool_use_of(tool, json.dumps(arguments))
    assert (group_of(tool), use.kind, task_type_of(tool)) == (group, kind, task_type)
    assert command_line(tool, arguments) == line
    assert is_housekeeping(tool) == (group == "plan")
