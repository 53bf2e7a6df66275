"""What Codex wrote as the output of a call: the text that came back, and signs of its outcome around it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from warmtui.model.session import Evidence
from warmtui.sources.content import result_text
from warmtui.text import JSON_ERRORS, load_json

STILL_RUNNING = Evidence(undecided="still-running")
SHARED = Evidence(undecided="shared-result")
NOT_KEPT = Evidence(undecided="result-not-kept")
UNREADABLE = Evidence(undecided="result-unreadable")
_RUNNERS = frozenset({"exec_command", "write_stdin", "wait"})
"""Tools whose command can fail although the call of the tool did not."""
_SENTENCE = 300
"""Characters; what Codex says itself is no longer, what a command printed may quote it."""
_TOGETHER = "[it stands with the result of the last call of its script]"
_HEADER = re.compile(
    r"(?:Chunk ID: [^\n]*\n)?(?:Exit code: (?P<exit>-?\d{1,9})\n)?Wall time: [^\n]*\n"
    r"(?:Process exited with code (?P<code>-?\d{1,9})\n|(?P<running>Process running with session)[^\n]*\n)?"
    r"(?:(?:Original token count|Total output lines): [^\n]*\n)*Output:(?:\n|\Z)"
)
_SCRIPT = re.compile(r"Script (completed|failed|terminated|running with cell ID [^\n]{1,40})(?:\n|\Z)")
_FAILED = re.compile(
    r"aborted(?: by user|\Z)|(?:exec_command|write_stdin|view_image|MCP tool call) failed\b"
    r"|(?:failed in sandbox|collab \w+ failed:|failed to parse function arguments|unsupported call:) "
    r"|(?:Full-history forked agents|timeout_ms must be) "
)
"""Beginnings of what Codex itself says in place of a result."""
_REFUSED = re.compile(
    r"[^\n]{0,300}?(?:rejected by user|rejected: blocked by policy|requires approval, but approval policy is)"
)


class Output(NamedTuple):
    """The output of a call, or of the script that made it."""

    text: str
    evidence: Evidence | None
    is_completed: bool = False
    """Whether it is of a script that came to its end."""
    printed: tuple[str, ...] = ()
    """What a script printed, one text a print."""

    def of_calls(self, tools: Sequence[str], *, is_script: bool) -> list[tuple[str, Evidence | None]]:
        """Return the result of each call, as far as what a script printed can be told apart.

        Args:
            tools: the tools of the calls.
            is_script: whether a script made them.
        """
        if len(tools) > 1:
            if self.is_completed and len(self.printed) == len(tools):
                return [_of_nested(tool, text) for tool, text in zip(tools, self.printed, strict=True)]
            shared = STILL_RUNNING if self.evidence == STILL_RUNNING else SHARED
            return [*[(_TOGETHER, shared)] * (len(tools) - 1), (self.text, shared)]
        text, evidence = _of_nested(tools[0], self.text) if self.is_completed else (self.text, self.evidence)
        if evidence == STILL_RUNNING and self.is_completed and not is_script:
            # `wait` waits for a script, and that one has ended, whatever it started
            evidence = self.evidence
        return [(text, evidence)]


def read_output(value: object) -> Output:
    """Read the `output` of an item.

    Args:
        value: a text, a list of parts, or an object.
    """
    texts = [result_text([part])[0] for part in value] if isinstance(value, list) else []
    text = "\n".join(texts) if texts else value if isinstance(value, str) else result_text(value)[0]
    script = _SCRIPT.match(text)
    if script is not None:
        if script[1].startswith("running"):
            return Output(text, STILL_RUNNING)
        rest = (texts or [text])[0].partition("Output:\n")[2]
        printed = (rest, *texts[1:]) if rest else tuple(texts[1:])
        is_error = script[1] == "failed"
        return Output("\n".join(printed), Evidence(is_error=is_error), script[1] == "completed", printed)
    header = _HEADER.match(text)
    if header is not None:
        code = header["code"] or header["exit"]
        if header["running"]:
            return Output(text, STILL_RUNNING)
        return Output(text[header.end() :], None if code is None else Evidence(exit_code=int(code)))
    failed = _FAILED.match(text)
    if (failed is not None or len(text) < _SENTENCE) and _REFUSED.match(text):
        return Output(text, Evidence(denied=True))
    if failed is not None:
        is_interrupted = text.startswith("aborted")
        return Output(text, Evidence(is_error=None if is_interrupted else True, interrupted=is_interrupted))
    inner = _object(text)
    metadata = inner.get("metadata")
    if isinstance(metadata, dict) and isinstance(inner.get("output"), str):  # the oldest shells
        return Output(inner["output"], _exit(metadata))
    return Output(text, None)


def _of_nested(tool: str, text: str) -> tuple[str, Evidence | None]:
    """Read what a script that completed printed for one of its calls.

    Only a failing tool makes a script fail, and a tool that runs a command does not fail when the command
    does: its exit code is known where the script printed the whole result as JSON.
    """
    if tool not in _RUNNERS:
        return text, Evidence(is_error=False)
    result = _object(text)
    if isinstance(result.get("output"), str):
        evidence = _exit(result)
        if evidence is not None:
            return result["output"], evidence
        if result.get("session_id") is not None and "chunk_id" in result:
            return text, STILL_RUNNING
    return text, None


def _object(text: str) -> dict[str, Any]:
    """Return the JSON object that a text is; an empty one for any other text."""
    if not text.startswith("{"):
        return {}
    try:
        value = load_json(text)
    except JSON_ERRORS:
        return {}
    return value if isinstance(value, dict) else {}


def _exit(value: Mapping[str, Any]) -> Evidence | None:
    code = value.get("exit_code")
    return Evidence(exit_code=code) if isinstance(code, int) else None
