"""A call's result as a value and as text: JSON, Python literals, wrappers, results that hold nothing."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import orjson

from warmtui.analysis.patterns import any_of
from warmtui.model.outcome import JudgedCall
from warmtui.text import limit_depth

_DECODER = json.JSONDecoder()
_LITERAL_LIMIT = 20_000
"""A longer Python literal is printed data, not a tool's own object."""

_FOREIGN_ESCAPE = re.compile(r"\\[^\\'\"nrtxuU]")
"""An escape that Python never writes; parsing it would warn."""

MISSING: Any = object()
"""No value could be decoded; None is a JSON value."""


def decode_json(text: str) -> tuple[Any, str]:
    """Return the first JSON value of a text and what follows it.

    The standard library takes over where text follows the value, or where orjson refuses the value (lone
    surrogates, NaN). The result is `(MISSING, text)` if the text is malformed or nested too deeply.
    """
    try:
        return orjson.loads(text), ""
    except orjson.JSONDecodeError:
        pass
    start = len(text) - len(text.lstrip())
    try:
        value, end = _DECODER.raw_decode(text, start)
        limit_depth(value)
    except (ValueError, RecursionError):
        return MISSING, text
    return value, text[end:]


def decode_literal(text: str) -> Any:
    """Return the dict of a Python literal such as `{'output': '', 'error': ''}`, else `MISSING`.

    Tools written in Python often return `str(result)`.
    """
    # a dict alone: other literals are what a command printed
    if len(text) > _LITERAL_LIMIT or not text.startswith("{'"):
        return MISSING
    if _FOREIGN_ESCAPE.search(text.replace("\\\\", "")):
        return MISSING
    try:
        value = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return MISSING
    return value if isinstance(value, dict) else MISSING


class UnwrappedResult(NamedTuple):
    """A result without the wrapper that an agent put around it."""

    text: str
    cut: bool
    """Whether the wrapper says that this is only the beginning."""
    marked_error: bool
    """Whether the wrapper marks the result as a tool's error."""


_PREVIEW = re.compile(r"Preview \(first [^)\n]{1,40}\):\n")


def _untrusted(text: str) -> UnwrappedResult:
    # a note to the model ends with the first blank line
    begin = text.find("\n\n")
    end = text.rfind("</untrusted_tool_result>")
    if begin < 0:
        return UnwrappedResult(text, cut=False, marked_error=False)
    inner = text[begin + 2 : end if end > begin else len(text)]
    return UnwrappedResult(inner.rstrip("\n"), cut=False, marked_error=False)


def _persisted(text: str) -> UnwrappedResult:
    preview = _PREVIEW.search(text, 0, 4_000)
    if preview is None:
        return UnwrappedResult(text, cut=False, marked_error=False)
    inner = text[preview.end() :].removesuffix("</persisted-output>").rstrip("\n")
    return UnwrappedResult(inner.removesuffix("\n..."), cut=True, marked_error=False)


def _tool_error(text: str) -> UnwrappedResult:
    inner = text.removeprefix("<tool_use_error>").removesuffix("</tool_use_error>")
    return UnwrappedResult(inner, cut=False, marked_error=True)


_PYTHON_TEXT = re.compile(r"TextContent\((?:type='text', )?text=(['\"])")


def _python_content(text: str) -> UnwrappedResult:
    marked_error = "isError=True" in text[-200:]
    begin = _PYTHON_TEXT.search(text, 0, 1_000)
    if begin is None:
        return UnwrappedResult(text, cut=False, marked_error=marked_error)
    inner = text[begin.end() : max(text.rfind(begin[1]), begin.end())]
    return UnwrappedResult(
        inner.replace("\\n", "\n").replace("\\'", "'"), cut=False, marked_error=marked_error
    )


_WRAPPERS: dict[str, Callable[[str], UnwrappedResult]] = {
    "<untrusted_tool_result": _untrusted,
    "<persisted-output>": _persisted,
    "<tool_use_error>": _tool_error,
    "meta=None content=[": _python_content,
    "CallToolResult(": _python_content,
    "[TextContent(": _python_content,
}
"""Start of a wrapper → how to open it. Hermes writes the first two, Claude Code the second and third, clients
of MCP servers that print Python's objects the others. The order is that in which one contains another."""

_FRAME = any_of(
    # OpenHands, SWE-agent, and agents that speak ReAct
    r"\s*+(?:OBSERVATION|Observation|EXECUTION RESULT of \[[^\]\n]{1,100}\]):[ \t]*\n?",
    # Playwright's server
    r"#{1,4} (?:Result|Output|Response)[ \t]*\n",
    r"\s*+<(?P<tag>tool_response|tool_result|function_results?|observation|output|result)>[ \t]*\n?",
)
"""A line or tag in front of a result that says only that one follows."""
_MAX_FRAMES = 3


def _unframed(text: str) -> str:
    for _ in range(_MAX_FRAMES):
        frame = _FRAME.match(text)
        if frame is None:
            break
        end = f"</{frame['tag']}>" if frame["tag"] else ""
        if not text.rstrip().endswith(end):
            break
        text = text[frame.end() :].rstrip().removesuffix(end) if end else text[frame.end() :]
    return text


def unwrap(text: str) -> UnwrappedResult:
    r"""Return a result without its wrappers and frames; any other text as it is.

    >>> unwrap("OBSERVATION:\nERROR:\nno such file").text
    'ERROR:\nno such file'
    """
    if text.startswith("{"):  # as no wrapper does, and most results do
        return UnwrappedResult(text, cut=False, marked_error=False)
    text = _unframed(text)
    cut = marked_error = False
    for start, open_wrapper in _WRAPPERS.items():
        if text.startswith(start):
            inner = open_wrapper(text)
            text, cut, marked_error = inner.text, cut or inner.cut, marked_error or inner.marked_error
    return UnwrappedResult(text, cut, marked_error)


_NUMBER = r"\d[\d,]*"
_DOTS = r"(?:…|\\u2026|\.\.\.)"
_CUT = any_of(
    # Codex, Claude Code, Gemini CLI, Hermes' browser: … 12 tokens truncated…, [12 more lines omitted]
    rf"(?:{_DOTS}|\[) ?\[?{_NUMBER} (?:more )?(?:tokens|char(?:acter)?s|lines|bytes) "
    r"(?:were )?(?:truncated|omitted|elided|clipped)\b",
    rf"\[\.\.\. omitted {_NUMBER} of {_NUMBER} lines",
    # Hermes
    rf"\[OUTPUT TRUNCATED - {_NUMBER} ",
    r"\[(?:SUMMARY )?TRUNCATED\]",
    r'"stdout_truncated": ?true\b',
    rf"{_DOTS} ?\[truncated\]",
    # mini-swe-agent, SWE-agent, OpenHands
    r"<elided_chars>",
    r"<response clipped>",
    r"\[\.\.\. Observation truncated\b",
    r"\AWarning: truncated output \(original token count\b",
    r"\A\s*<warning>\s*The output of your last command was too long\b",
)
"""What agents write where they left out a part of a result that was too long for their model."""


def was_cut(text: str) -> bool:
    """Whether an agent kept only a part of a result, which is then all that its model saw.

    >>> was_cut("first …1497 tokens truncated… last"), was_cut("first … last")
    (True, False)
    """
    return text.startswith("<persisted-output>") or _CUT.search(text) is not None


_TEXT_KEYS = ("error", "stderr", "output", "message", "content", "stdout", "result", "text", "detail")
"""Keys under which a structured result keeps its text, most telling first."""
_HEAD, _TAIL = 6_000, 6_000
"""Characters kept of a long result: a command fails in its first or in its last words."""
_MAX_JSON = 2_000_000


def readable_result(text: str) -> str:
    """Return the text inside a structured result, its error and its output; any other text as it is.

    A long text loses its middle.
    """
    if text.lstrip()[:1] in ("{", "[") and len(text) <= _MAX_JSON:
        value, _ = decode_json(text)
        if isinstance(value, dict):
            parts = [part for key in _TEXT_KEYS if (part := _message_of(value.get(key)))]
            if parts or any(value.get(key) == "" for key in _TEXT_KEYS):
                text = "\n".join(parts)
    if len(text) > _HEAD + _TAIL:
        text = f"{text[:_HEAD]}\n{text[-_TAIL:]}"
    return text


def _message_of(value: object) -> str:
    message = value.get("message") if isinstance(value, dict) else value
    return message if isinstance(message, str) else ""


_NOTHING = re.compile(
    r"(?:\[\]|\{\}|\(\)|null|none|0|no (?:matches|results|files)[\w .]{0,40})?\Z", re.IGNORECASE
)
_COUNT_NOTHING = re.compile(r'"(?:total_count|count|total|num_matches)":\s*0\b')
_NO_ROWS = re.compile(
    r"[\[(\s]*(?:0(?:\.0+)?|none|null)?[\])\s,]*\Z|(?:empty set|0 rows|\(0 rows\))", re.IGNORECASE
)
_SHORT_RESULT = 400


def found_nothing(call: JudgedCall) -> bool:
    """Whether a call's result is empty or reports zero hits."""
    if call.result is None:
        return True
    text = call.result.text
    if len(text) < _SHORT_RESULT and _COUNT_NOTHING.search(text):
        return True
    return _NOTHING.match(readable_result(text[:4_000]).strip()) is not None


def gave_no_rows(call: JudgedCall) -> bool:
    """Whether a query returned no rows, or a single empty value: a count of zero, a sum over nothing."""
    if found_nothing(call):
        return True
    text = call.result.text if call.result is not None else ""
    return len(text) < _SHORT_RESULT and _NO_ROWS.match(readable_result(text).strip()) is not None
