"""What Codex wrote as the output of a call: the text that came back, and signs of its outcome around it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from warmtui.model.session import Evidence
from warmtui.sources.content import result_text
from warmtui.text import JSON_ERRORS, load_json

STILL_RUNNING = Evidence(undecided="still-running")
SHARED = Evidence(undecided="shared-result")
NOT_KEPT = Evidence(undecided="result-not-kept")
INTERRUPTED = Evidence(interrupted=True)
RUNNERS = frozenset({"exec_command", "write_stdin", "shell", "shell_command", "local_shell", "wait"})
"""Tools whose command can fail although the call of the tool did not."""

_HEADER = re.compile(
    r"(?:Chunk ID: [^\n]*\n)?(?:Exit code: (?P<exit>-?\d{1,9})\n)?Wall time: [^\n]*\n"
    r"(?:Process exited with code (?P<code>-?\d{1,9})\n|(?P<running>Process running with session)[^\n]*\n)?"
    r"(?:(?:Original token count|Total output lines): [^\n]*\n)*Output:(?:\n|\Z)"
)
_SCRIPT = re.compile(r"Script (completed|failed|terminated|running with cell ID [^\n]{1,40})(?:\n|\Z)")
_RUNNING_KEYS = ("wall_time_seconds", "chunk_id")


class Output(NamedTuple):
    """The output of a call, or of the script that made it."""

    text: str
    evidence: Evidence | None
    script: str = ""
    """`completed`, `failed` or `terminated` for a script that ended; empty for anything else."""
    printed: tuple[str, ...] = ()
    """What a script printed, one text a print."""


def read_output(value: object) -> Output:
    """Read the `output` of an item.

    Args:
        value: a text, a list of parts, or an object.
    """
    if isinstance(value, list):
        texts = [result_text([part])[0] for part in value]
        script = _SCRIPT.match(texts[0]) if texts else None
        if script is not None:
            rest = texts[0].partition("Output:\n")[2]
            return _of_script(script[1], "\n".join(texts), (rest, *texts[1:]) if rest else tuple(texts[1:]))
        return Output("\n".join(texts), None)
    text = value if isinstance(value, str) else result_text(value)[0]
    if text.startswith("{"):
        return _of_json(text)
    script = _SCRIPT.match(text) if text.startswith("Script ") else None
    if script is not None:
        rest = text.partition("Output:\n")[2]
        return _of_script(script[1], text, (rest,) if rest else ())
    header = _HEADER.match(text)
    if header is not None:
        if header["running"]:
            return Output(text, STILL_RUNNING)
        code = header["code"] or header["exit"]
        return Output(text[header.end() :], None if code is None else Evidence(exit_code=int(code)))
    if text == "aborted" or text.startswith("aborted by user"):
        return Output(text, INTERRUPTED)
    return Output(text, None)


def _of_script(state: str, whole: str, printed: tuple[str, ...]) -> Output:
    if state.startswith("running"):
        return Output(whole, STILL_RUNNING)
    return Output("\n".join(printed), Evidence(is_error=state == "failed"), state, printed)


def _of_json(text: str) -> Output:
    """Read a text that may be the object of the oldest shells: `{"output", "metadata": {"exit_code"}}`."""
    try:
        value = load_json(text)
    except JSON_ERRORS:
        return Output(text, None)
    metadata = value.get("metadata") if isinstance(value, dict) else None
    if isinstance(metadata, dict) and isinstance(value.get("output"), str):
        return Output(value["output"], _exit(metadata))
    return Output(text, None)


def of_nested(tool: str, text: str) -> tuple[str, Evidence | None]:
    """Read what a script that completed printed for one of its calls.

    Only a failing tool makes a script fail, and a tool that runs a command does not fail when the command
    does: its exit code is known where the script printed the whole result as JSON.
    """
    if tool not in RUNNERS:
        return text, Evidence(is_error=False)
    if text.startswith("{"):
        try:
            value = load_json(text)
        except JSON_ERRORS:
            return text, None
        if isinstance(value, dict) and isinstance(value.get("output"), str):
            evidence = _exit(value)
            if evidence is not None:
                return value["output"], evidence
            if value.get("session_id") is not None and any(key in value for key in _RUNNING_KEYS):
                return text, STILL_RUNNING
    return text, None


def _exit(value: Mapping[str, Any]) -> Evidence | None:
    code = value.get("exit_code")
    return Evidence(exit_code=code) if isinstance(code, int) and not isinstance(code, bool) else None
