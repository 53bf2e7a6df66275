r"""The fields of an item: what an editor shows, how a typed text becomes a value, and labels in a few words.

A field is addressed by the id of its item and a dotted name, like the place of a text: `calls.0.arguments`,
`failed.result`, `before`. The single parts are items of their own name. JSON is never decoded and encoded
again, so numbers, escapes and the order of names stay as they are. Labels hold words of sessions, so screens
must sanitize them like any session text.
"""

from __future__ import annotations

import json
import re
from typing import Any, Literal, NamedTuple, TypeVar, get_args

from warmtui.curation.bootstrap import NEUTRAL_CLOSING, NEUTRAL_REQUEST
from warmtui.curation.editing.state import DraftState, find_item, siblings
from warmtui.curation.long_texts import cache_long_texts
from warmtui.curation.seed_texts import SYSTEM_CONTEXT, USER_PATTERNS
from warmtui.curation.summaries import call_summary, candidate_summary, single_line, truncate
from warmtui.model.template import (
    ContextMarker,
    FeedbackStyle,
    Item,
    MarkerKind,
    Note,
    NoteKind,
    Record,
    Recovery,
    RequestStyle,
    Seed,
    ToolExample,
    UserPatterns,
)
from warmtui.text import limit_depth

MAX_INDENT = 20
"""Deepest indented level: JSON a thousand levels deep would be mostly spaces."""
# a string without an end is one token too; searching for its end from each quote would be quadratic
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.?)*+"?|[{}\[\],:]|[^\s{}\[\],:"]++', re.DOTALL)
_CONSTANTS = frozenset({"NaN", "Infinity", "-Infinity"})


class InvalidText(NamedTuple):
    """Why a text is not valid yet, and where."""

    text: str
    """What is wrong, without a full stop."""
    line: int = 0
    """Line number from 1; 0 when the place is unknown."""
    column: int = 0
    """Column in characters, from 1; 0 when the place is unknown."""

    def in_words(self) -> str:
        """Return place and reason in one line."""
        return f"line {self.line}, column {self.column}: {self.text}" if self.line else self.text


def object_error(text: str) -> InvalidText | None:
    r"""Return why a text is not one JSON object by the rules of providers, None when it is.

    >>> object_error('{"a": 1}')
    >>> object_error('{"a": 1,\n "b" 2}').in_words()
    "line 2, column 6: expecting ':' delimiter"
    """
    try:
        value = limit_depth(json.loads(text, parse_constant=_refuse))
    except json.JSONDecodeError as raised:
        error = _as_before_3_13(raised)
        # line and column are reported separately
        words = error.msg.removesuffix(" starting at")
        return InvalidText(words[:1].lower() + words[1:], error.lineno, error.colno)
    except _ConstantError as error:
        return _at_constant(text, str(error))
    except RecursionError:
        return InvalidText("nested too deeply")
    except ValueError:
        # Python refuses to read integers past its digit limit
        return InvalidText("a number is too long")
    return None if isinstance(value, dict) else InvalidText("not a JSON object: it begins with {", 1, 1)


def _as_before_3_13(error: json.JSONDecodeError) -> json.JSONDecodeError:
    """Name a comma that nothing follows as older Pythons do: by what is missing, where it is missing."""
    if not error.msg.startswith("Illegal trailing comma"):
        return error
    missing = (
        "Expecting property name enclosed in double quotes" if "object" in error.msg else "Expecting value"
    )
    rest = error.doc[error.pos + 1 :]
    return json.JSONDecodeError(missing, error.doc, len(error.doc) - len(rest.lstrip(" \t\r\n")))


class _ConstantError(ValueError):
    pass


def _refuse(name: str) -> None:
    raise _ConstantError(name)


def _at_constant(text: str, name: str) -> InvalidText:
    for found in _TOKEN.finditer(text):
        if found[0] in _CONSTANTS:
            before = text[: found.start()]
            column = len(before) - (before.rfind("\n") + 1) + 1
            return InvalidText(f"{found[0]} is not JSON", before.count("\n") + 1, column)
    return InvalidText(f"{name} is not JSON")


def same_json(first: str, second: str) -> bool:
    """Whether two JSON texts differ only in the white space between tokens."""
    return first == second or _TOKEN.findall(first) == _TOKEN.findall(second)


def pretty(text: str) -> str:
    r"""Return a JSON object on several lines, for an editor; any other text comes back unchanged.

    >>> print(pretty('{"command": "ls", "paths": ["a", "b"], "more": {}}'))
    {
      "command": "ls",
      "paths": [
        "a",
        "b"
      ],
      "more": {}
    }
    """
    return _indented(text)


@cache_long_texts
def _indented(text: str) -> str:
    if object_error(text) is not None:
        return text
    tokens = _TOKEN.findall(text)
    parts: list[str] = []
    depth = 0
    for before, token, after in zip(["", *tokens], tokens, [*tokens[1:], ""], strict=False):
        if token in "{[":
            depth += 1
            parts.append(token if after in ("}", "]") else token + _line(depth))
        elif token in "}]":
            depth -= 1
            parts.append(token if before in ("{", "[") else _line(depth) + token)
        elif token == ",":
            parts.append(token + _line(depth))
        else:
            parts.append(": " if token == ":" else token)
    return "".join(parts)


def _line(depth: int) -> str:
    return "\n" + "  " * min(depth, MAX_INDENT)


def on_one_line(text: str) -> str:
    r"""Return valid JSON on one line, spaced as by `json.dumps`; a single line comes back unchanged.

    >>> on_one_line('{\n  "a": 1.0,\n  "b": []\n}')
    '{"a": 1.0, "b": []}'
    """
    text = text.strip()
    # what fits on one line stays as it was typed, to the byte
    if "\n" not in text and "\r" not in text:
        return text
    spaced = {",": ", ", ":": ": "}
    return "".join(spaced.get(token, token) for token in _TOKEN.findall(text))


_R = TypeVar("_R", bound=Record)
FieldKind = Literal["line", "text", "said", "json", "choice", "list", "lines"]
"""One line; free text; words that warmtui fills in when there are none; a JSON object; one of several;
entries between commas; one entry per line."""


class FieldSpec(NamedTuple):
    """One field that an item has."""

    name: str
    label: str
    kind: FieldKind
    choices: tuple[str, ...] = ()
    neutral: str = ""
    """For `said`: the words that warmtui fills in."""
    required: bool = False
    """A blank text is not valid."""


class EditorField(NamedTuple):
    """One field as an editor shows it."""

    name: str
    label: str
    kind: FieldKind
    text: str
    """The typed text if it is not valid yet, else the value."""
    placeholder: str
    """What is sent while the text is empty."""
    choices: tuple[str, ...]
    error: InvalidText | None
    """Why the text is not valid. Until it is, the last valid value is used."""


CONTEXT = (FieldSpec(SYSTEM_CONTEXT, "Context", "text"),)
PATTERNS = (
    FieldSpec("request_style", "Asks", "choice", get_args(RequestStyle)),
    FieldSpec("feedback_style", "Answers", "choice", get_args(FeedbackStyle)),
    FieldSpec("domains", "Works with", "list"),
    FieldSpec("preferred_tools", "Tools", "list"),
    FieldSpec("corrections", "Corrects with", "lines"),
)
MARKER = (
    FieldSpec("text", "Marker", "line", required=True),
    FieldSpec("kind", "Kind", "choice", get_args(MarkerKind)),
)
NOTE = (
    FieldSpec("text", "Text", "line", required=True),
    FieldSpec("kind", "Kind", "choice", get_args(NoteKind)),
)
_BEFORE = FieldSpec("before", "Before", "said", neutral=NEUTRAL_REQUEST)
_CLOSING = FieldSpec("closing", "Closing", "said", neutral=NEUTRAL_CLOSING)
_NOTE = FieldSpec("note", "Note", "text")
NO_PATTERNS = UserPatterns(request_style="balanced", feedback_style="balanced")
"""The patterns that the first typed one is added to."""


def _call(field: str, words: str) -> tuple[FieldSpec, ...]:
    return (
        FieldSpec(f"{field}.tool", f"Tool{words}", "line", required=True),
        FieldSpec(f"{field}.arguments", f"Arguments{words}", "json"),
        FieldSpec(f"{field}.result", f"Result{words}", "text"),
    )


_RECOVERY = (
    _BEFORE,
    *_call("failed", ", failed"),
    FieldSpec("error", "Error", "line"),
    *_call("fixed", ", worked"),
    FieldSpec("change", "Change", "line"),
    _CLOSING,
    _NOTE,
    FieldSpec("shown_as", "Shown as", "choice", ("line", "messages")),
)


def specs(record: Item | UserPatterns | None) -> tuple[FieldSpec, ...]:
    """Return the fields of a record in the order of the editor; None means the system context."""
    match record:
        case Recovery():
            return _RECOVERY
        case ToolExample():
            several = len(record.calls) > 1
            calls = (
                spec
                for index in range(len(record.calls))
                for spec in _call(f"calls.{index}", f" {index + 1}" if several else "")
            )
            return (_BEFORE, *calls, _CLOSING, _NOTE)
        case ContextMarker():
            return MARKER
        case Note():
            return NOTE
        case UserPatterns():
            return PATTERNS
        case _:
            return CONTEXT


def record_of(seed: Seed, item_id: str) -> Item | UserPatterns | None:
    """Return the record of an item; None for the system context and for a missing item."""
    if item_id == USER_PATTERNS:
        return seed.user_patterns or NO_PATTERNS
    found = find_item(seed, item_id)
    return found.item if found else None


def fields_of(state: DraftState, item_id: str) -> tuple[EditorField, ...]:
    """Return the fields of an item as the editor shows them; empty for a missing item.

    The single parts have their fields even while they are missing, so that a person can type them.
    """
    record = record_of(state.seed, item_id)
    if record is None and item_id != SYSTEM_CONTEXT:
        return ()
    found = []
    for spec in specs(record):
        value = state.seed.system_context if record is None else editor_text(spec, record)
        pending = state.pending_text(item_id, spec.name)
        text = value if pending is None else pending
        found.append(
            EditorField(
                spec.name, spec.label, spec.kind, text, spec.neutral, spec.choices, error_of(spec, text)
            )
        )
    return tuple(found)


def spec_of(record: Item | UserPatterns | None, field: str) -> FieldSpec:
    """Return one field of a record.

    Raises:
        ValueError: the record has no field of that name; a mistake of the caller.
    """
    for spec in specs(record):
        if spec.name == field:
            return spec
    raise ValueError(f"no field {field!r}")


def editor_text(spec: FieldSpec, record: Item | UserPatterns) -> str:
    """Return a value as the editor shows it."""
    value = _read(record, spec.name)
    match spec.kind:
        case "json":
            return pretty(value)
        case "list":
            return ", ".join(value)
        case "lines":
            return "\n".join(value)
        case "said" if value == spec.neutral and _read(record, f"{spec.name}_invented"):
            return ""
    return str(value)


def error_of(spec: FieldSpec, text: str) -> InvalidText | None:
    """Return why a text is not a valid value of a field, None when it is."""
    if spec.kind == "json":
        return object_error(text)
    if spec.kind == "choice" and _chosen(text) not in spec.choices:
        return InvalidText(f"not one of {', '.join(spec.choices)}", 1, 1)
    if spec.required and not text.strip():
        return InvalidText("nothing there", 1, 1)
    return None


def with_value(record: Item | UserPatterns, spec: FieldSpec, text: str) -> Item | UserPatterns:
    """Return a record with a valid text in one of its fields.

    Arguments that differ only in white space stay as the session has them, to the byte.
    """
    match spec.kind:
        case "json":
            # the editor shows the arguments indented, so white space alone is no change
            old = _read(record, spec.name)
            return record if same_json(old, text) else _changed(record, spec.name, on_one_line(text))
        case "said":
            blank = not text.strip()
            said = _changed(record, spec.name, spec.neutral if blank else text)
            return _changed(said, f"{spec.name}_invented", blank)
        case "choice":
            return _changed(record, spec.name, _chosen(text))
        case "list":
            return _changed(record, spec.name, _entries(text.replace("\n", ",").split(",")))
        case "lines":
            return _changed(record, spec.name, _entries(text.splitlines()))
        case "line":
            return _changed(record, spec.name, " ".join(text.splitlines()))
    return _changed(record, spec.name, text)


def _chosen(text: str) -> str:
    return text.strip().lower().replace(" ", "_").replace("-", "_")


def _entries(parts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(str.strip, parts))))


def _read(record: object, name: str) -> Any:
    """Return the value at a dotted name."""
    for step in name.split("."):
        record = record[int(step)] if isinstance(record, tuple) else getattr(record, step)
    return record


def _changed(record: _R, name: str, value: object) -> _R:
    """Return the record with a value at a dotted name."""
    step, _, rest = name.partition(".")
    if not rest:
        return record.model_copy(update={step: value})
    inner = getattr(record, step)
    if not isinstance(inner, tuple):
        return record.model_copy(update={step: _changed(inner, rest, value)})
    number, _, rest = rest.partition(".")
    index = int(number)
    changed = (*inner[:index], _changed(inner[index], rest, value), *inner[index + 1 :])
    return record.model_copy(update={step: changed})


LABEL_CHARACTERS = 60
"""Characters of an item's own words in a label, which also says what was done on the same line."""
NOUNS: dict[type[Record], str] = {Recovery: "recovery", ToolExample: "example", ContextMarker: "marker"}
"""Of notes, the kind is the noun."""
_SINGLES = {SYSTEM_CONTEXT: "the context", USER_PATTERNS: "how I work"}


def item_label(item: Item) -> str:
    """Describe an item in one line, for a row of the template."""
    if isinstance(item, Recovery):
        if change := single_line(item.change):
            return f"{item.fixed.tool}: {change}"
        calls = (
            call_summary(call.tool, call.arguments, LABEL_CHARACTERS) for call in (item.failed, item.fixed)
        )
        return " → ".join(calls)
    return candidate_summary(item)


def position_label(seed: Seed, item_id: str) -> str:
    """Name an item by its position: `example 2`."""
    found = find_item(seed, item_id)
    if found is None:
        return _SINGLES.get(item_id, "an item")
    return f"{_noun(found.item)} {siblings(seed, found).index(found.item) + 1}"


def _noun(item: Item) -> str:
    return item.kind.replace("_", " ") if isinstance(item, Note) else NOUNS[type(item)]


def heading(seed: Seed, item_id: str) -> str:
    """Return the heading of an item's editor: `Example 2 of 3`."""
    found = find_item(seed, item_id)
    if found is None:
        return {SYSTEM_CONTEXT: "Context", USER_PATTERNS: "How I work"}.get(item_id, "")
    position = position_label(seed, item_id)
    return f"{position[:1].upper()}{position[1:]} of {len(siblings(seed, found))}"


def field_label(seed: Seed, item_id: str, field: str) -> str:
    """Name a field and its item: `result of example 2`. Single parts go without their field."""
    record = record_of(seed, item_id)
    if record is None or isinstance(record, UserPatterns):
        return position_label(seed, item_id)
    label = next((spec.label for spec in specs(record) if spec.name == field), field)
    return f"{label[:1].lower()}{label[1:]} of {position_label(seed, item_id)}"


def items_label(seed: Seed, item_ids: tuple[str, ...]) -> str:
    """Name one item by its position and words, several by their number."""
    if len(item_ids) != 1:
        return f"{len(item_ids)} items"
    found = find_item(seed, item_ids[0])
    position = position_label(seed, item_ids[0])
    return position if found is None else f"{position}: {short_label(item_label(found.item))}"


def short_label(text: str) -> str:
    """Return a text on one line, in at most `LABEL_CHARACTERS`."""
    return truncate(single_line(text), LABEL_CHARACTERS)
