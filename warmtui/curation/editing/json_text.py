r"""JSON arguments as a person edits them: checked as typed, shown on several lines, kept on one.

Nothing is decoded and encoded again, so numbers, escapes and the order of names stay as they are.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from warmtui.curation.long_texts import LongTextCache
from warmtui.text import limit_depth

MAX_INDENT = 20
"""Deepest indented level: JSON a thousand levels deep would be mostly spaces."""
# a string without an end is one token too; searching for its end from each quote would be quadratic
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.?)*+"?|[{}\[\],:]|[^\s{}\[\],:"]++', re.DOTALL)
_pretty: LongTextCache[str] = LongTextCache()
_CONSTANTS = frozenset({"NaN", "Infinity", "-Infinity"})


class Invalid(NamedTuple):
    """Why a text is not valid yet, and where."""

    text: str
    """What is wrong, without a full stop."""
    line: int = 0
    """From 1; 0 when the place is unknown."""
    column: int = 0
    """In characters, from 1; 0 when the place is unknown."""

    def in_words(self) -> str:
        """Return place and reason in one line."""
        return f"line {self.line}, column {self.column}: {self.text}" if self.line else self.text


def object_error(text: str) -> Invalid | None:
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
        return Invalid(words[:1].lower() + words[1:], error.lineno, error.colno)
    except _ConstantError as error:
        return _at_constant(text, str(error))
    except RecursionError:
        return Invalid("nested too deeply")
    except ValueError:
        # Python refuses to read integers past its digit limit
        return Invalid("a number is too long")
    return None if isinstance(value, dict) else Invalid("not a JSON object: it begins with {", 1, 1)


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


def _at_constant(text: str, name: str) -> Invalid:
    for found in _TOKEN.finditer(text):
        if found[0] in _CONSTANTS:
            before = text[: found.start()]
            column = len(before) - (before.rfind("\n") + 1) + 1
            return Invalid(f"{found[0]} is not JSON", before.count("\n") + 1, column)
    return Invalid(f"{name} is not JSON")


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
    return _pretty.get(text, None, lambda: _indented(text))


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
    if "\n" not in text and "\r" not in text:
        return text
    spaced = {",": ", ", ":": ": "}
    return "".join(spaced.get(token, token) for token in _TOKEN.findall(text))
