"""How the tests of this folder write calls and results."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from warmtui.analysis.outcomes import judge
from warmtui.model.outcome import Verdict
from warmtui.model.session import Evidence


@pytest.fixture
def run() -> Callable[..., Verdict]:
    """Judge a shell call: `run("ls", "output")` for text, `run("ls", "output", 1)` for Hermes' JSON."""

    def judged(
        command: str,
        output: str = "",
        code: int | None = None,
        *,
        tool: str = "terminal",
        evidence: Evidence | None = None,
        **more: Any,
    ) -> Verdict:
        result = output
        if code is not None:
            result = json.dumps({"output": output, "exit_code": code, "error": None, **more})
        return judge(tool, json.dumps({"command": command}), result, evidence)

    return judged


@pytest.fixture
def call() -> Callable[..., Verdict]:
    """Judge any other call: `call("patch", {"success": True})`; a text is taken as it is."""

    def judged(tool: str, result: Any, arguments: str = "{}", evidence: Evidence | None = None) -> Verdict:
        return judge(tool, arguments, result if isinstance(result, str) else json.dumps(result), evidence)

    return judged
