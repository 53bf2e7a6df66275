"""The fields of an item: what an editor shows, and how a typed text becomes a value.

A field is addressed by the id of its item and a dotted name, like the place of a text:
`calls.0.arguments`, `failed.result`, `before`. The single parts are items of their own name.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeVar, get_args

from warmtui.curation.bootstrap import NEUTRAL_CLOSING, NEUTRAL_REQUEST
from warmtui.curation.editing.json_text import Invalid, object_error, on_one_line, pretty, same_json
from warmtui.curation.editing.state import DraftState, Item, find_item
from warmtui.curation.texts import SYSTEM_CONTEXT, USER_PATTERNS
from warmtui.model.template import (
    ContextMarker,
    FeedbackStyle,
    MarkerKind,
    Record,
    Recovery,
    RequestStyle,
    Seed,
    ToolExample,
    UserPatterns,
)

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


class Field(NamedTuple):
    """One field as an editor shows it."""

    name: str
    label: str
    kind: FieldKind
    text: str
    """The typed text if it is not valid yet, else the value."""
    placeholder: str
    """What is sent while the text is empty."""
    choices: tuple[str, ...]
    error: Invalid | None
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
    """Return the fields of a record in the order of the editor; None stands for the system context."""
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


def fields_of(state: DraftState, item_id: str) -> tuple[Field, ...]:
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
            Field(spec.name, spec.label, spec.kind, text, spec.neutral, spec.choices, error_of(spec, text))
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


def error_of(spec: FieldSpec, text: str) -> Invalid | None:
    """Return why a text is not a valid value of a field, None when it is."""
    if spec.kind == "json":
        return object_error(text)
    if spec.kind == "choice" and _chosen(text) not in spec.choices:
        return Invalid(f"not one of {', '.join(spec.choices)}", 1, 1)
    if spec.required and not text.strip():
        return Invalid("nothing there", 1, 1)
    return None


def with_value(record: Item | UserPatterns, spec: FieldSpec, text: str) -> Item | UserPatterns:
    """Return a record with a valid text in one of its fields.

    Arguments that differ only in white space stay as the session has them, to the byte.
    """
    match spec.kind:
        case "json":
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
