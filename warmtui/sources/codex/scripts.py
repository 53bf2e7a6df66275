"""The tool calls in a script of Codex' code mode: `await tools.exec_command({cmd: "ls"})`.

Newer models write JavaScript that calls the tools, and the script is what the session stores. This reads
literal arguments and constants that hold them. A call that a loop, a condition or a function makes cannot be
told from the script alone, so a script with one is not read.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from warmtui.text import dump_json

MAX_SCRIPT = 500_000
"""Characters of a script; a longer one is not read."""

_TOKEN = re.compile(
    r"""(?P<space>(?:\s|//[^\n]*|/\*.*?\*/)++)
    |(?P<text>"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+')
    |(?P<template>`(?:[^`\\]|\\.)*+`)
    |(?P<number>\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<name>[A-Za-z_$][\w$]*)
    |(?P<pattern>(?:(?<=[(,=:\[!&|?{};>])|(?<=[(,=:\[!&|?{};>]\s))
        /(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*+\])++/[a-z]*)
    |(?P<mark>=>|\?\.(?!\d)|\?\?|&&|\|\||.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_SLOT = re.compile(r"\$\{\s*([A-Za-z_$][\w$]*)\s*\}")
_CONSTANTS = {"true": True, "false": False, "null": None, "undefined": None}
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_CONDITIONS = frozenset(
    {"if", "for", "while", "switch", "function", "else", "do", "?", "??", "&&", "||", "=>"}
)
"""What comes before a call that may be made never, or several times."""


class NestedCall(NamedTuple):
    """A call that a script makes."""

    tool: str
    arguments: str
    """JSON; the text itself where the tool takes one, as `apply_patch` does."""


class _UnreadError(Exception):
    """This part of a script is no literal."""


class _Token(NamedTuple):
    kind: str
    text: str
    after_newline: bool


def read_script(script: str) -> list[NestedCall] | None:
    """Return the tool calls that a script makes, in order; None if they cannot be told from its text."""
    if len(script) > MAX_SCRIPT:
        return None
    if "tools" not in script:
        return []
    try:
        return _Script(_tokens(script)).calls()
    except (_UnreadError, RecursionError, OverflowError):
        return None


def _tokens(script: str) -> list[_Token]:
    tokens: list[_Token] = []
    newline = False
    for match in _TOKEN.finditer(script):
        kind = match.lastgroup or ""
        if kind == "space":
            newline = newline or "\n" in match[0]
        else:
            tokens.append(_Token(kind, match[0], newline))
            newline = False
    return tokens


class _Script:
    """Walks over the tokens of a script."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = [*tokens, _Token("end", "", after_newline=True)]
        self._constants: dict[str, Any] = {}

    def calls(self) -> list[NestedCall]:
        found: list[NestedCall] = []
        # of each open bracket: whether its calls are conditional by what stands outside, and by now
        open_brackets = [(False, False)]
        before = _Token("mark", ";", after_newline=False)
        at = 0
        while (token := self._tokens[at]).kind != "end":
            outside, conditional = open_brackets[-1]
            if token.kind == "mark" and token.text in _CLOSING:
                is_body = token.text == "{" and before.text in (")", "=>", "else", "do")
                inside = conditional or is_body
                open_brackets.append((inside, inside))
            elif token.kind == "mark" and token.text in ")]}":
                if len(open_brackets) > 1:
                    open_brackets.pop()
            elif token.text in (";", ",", "const", "let", "var") and token.kind in ("mark", "name"):
                open_brackets[-1] = (outside, outside)
                if token.text == "const":
                    self._read_constant(at + 1)
            elif token.text in _CONDITIONS and token.kind in ("mark", "name"):
                open_brackets[-1] = (outside, True)
            elif token.kind == "name" and token.text == "tools" and before.text not in (".", "?."):
                if conditional:
                    raise _UnreadError
                call, at = self._call(at + 1)
                found.append(call)
            before = self._tokens[at]
            at += 1
        return found

    def _call(self, at: int) -> tuple[NestedCall, int]:
        """Read `.name(arguments)`; return it with the position of its closing bracket."""
        if self._text(at) == "." and self._tokens[at + 1].kind == "name":
            tool, at = self._tokens[at + 1].text, at + 2
        elif self._text(at) == "[" and self._tokens[at + 1].kind == "text" and self._text(at + 2) == "]":
            tool, at = _unescaped(self._tokens[at + 1].text[1:-1]), at + 3
        else:
            raise _UnreadError
        self._expect(at, "(")
        if self._text(at + 1) == ")":
            return NestedCall(tool, "{}"), at + 1
        value, at = self._value(at + 1)
        if self._text(at) == ",":
            at += 1
        self._expect(at, ")")
        return NestedCall(tool, value if isinstance(value, str) else dump_json(value)), at

    def _read_constant(self, at: int) -> None:
        name = self._tokens[at]
        if name.kind != "name" or self._text(at + 1) != "=":
            return
        try:
            value, end = self._value(at + 2)
        except _UnreadError:
            return
        if self._text(end) in ("", ";", ",") or self._tokens[end].after_newline:
            self._constants[name.text] = value

    def _value(self, at: int) -> tuple[Any, int]:
        """Read a literal; return it with the position after it."""
        value, at = self._operand(at)
        while self._text(at) == "+":
            other, at = self._operand(at + 1)
            if not isinstance(value, str) or not isinstance(other, str):
                raise _UnreadError
            value += other
        return value, at

    def _operand(self, at: int) -> tuple[Any, int]:
        value, at = self._primary(at)
        while self._text(at) == ".":
            method = self._text(at + 1)
            self._expect(at + 2, "(")
            if method == "join" and isinstance(value, list) and all(isinstance(item, str) for item in value):
                between, at = self._value(at + 3)
                if not isinstance(between, str):
                    raise _UnreadError
                value = between.join(value)
            else:
                raise _UnreadError
            self._expect(at, ")")
            at += 1
        return value, at

    def _primary(self, at: int) -> tuple[Any, int]:
        kind, text, _ = self._tokens[at]
        if kind == "text":
            return _unescaped(text[1:-1]), at + 1
        if kind == "template":
            return self._filled(text[1:-1]), at + 1
        if kind == "number":
            digits = text.replace("_", "")
            return int(digits) if digits.isdigit() else float(digits), at + 1
        if kind == "mark" and text == "-" and self._tokens[at + 1].kind == "number":
            number, at = self._primary(at + 1)
            return -number, at
        if kind == "mark" and text == "(":
            value, at = self._value(at + 1)
            self._expect(at, ")")
            return value, at + 1
        if kind == "mark" and text in ("[", "{"):
            return self._list(at + 1) if text == "[" else self._object(at + 1)
        if kind == "name" and text == "String" and self._text(at + 2) == "raw":
            raw = self._tokens[at + 3]
            if raw.kind == "template" and "${" not in raw.text:
                return raw.text[1:-1], at + 4
        if kind == "name" and text in _CONSTANTS:
            return _CONSTANTS[text], at + 1
        if kind == "name" and text in self._constants:
            return self._constants[text], at + 1
        raise _UnreadError

    def _list(self, at: int) -> tuple[list[Any], int]:
        items: list[Any] = []
        while self._text(at) != "]":
            item, at = self._value(at)
            items.append(item)
            at = self._after_comma(at, "]")
        return items, at + 1

    def _object(self, at: int) -> tuple[dict[str, Any], int]:
        fields: dict[str, Any] = {}
        while self._text(at) != "}":
            kind, text, _ = self._tokens[at]
            if kind not in ("name", "text", "number"):
                raise _UnreadError
            name = _unescaped(text[1:-1]) if kind == "text" else text
            if self._text(at + 1) == ":":
                is_left_out = self._text(at + 2) == "undefined"
                value, at = self._value(at + 2)
                if not is_left_out:
                    fields[name] = value
            elif kind == "name" and text in self._constants:  # {cmd} for {cmd: cmd}
                fields[name], at = self._constants[text], at + 1
            else:
                raise _UnreadError
            at = self._after_comma(at, "}")
        return fields, at + 1

    def _after_comma(self, at: int, closing: str) -> int:
        if self._text(at) == ",":
            return at + 1
        self._expect(at, closing)
        return at

    def _filled(self, template: str) -> str:
        """Return the text of a template, with the constants that it names."""

        def fill(slot: re.Match[str]) -> str:
            value = self._constants.get(slot[1])
            if not isinstance(value, str):
                raise _UnreadError
            return value

        pieces = _SLOT.split(template)
        if any("${" in piece.replace("\\${", "") for piece in pieces[::2]):
            raise _UnreadError
        filled = [_unescaped(pieces[0])]
        for slot, piece in zip(_SLOT.finditer(template), pieces[2::2], strict=True):
            filled += fill(slot), _unescaped(piece)
        return "".join(filled)

    def _text(self, at: int) -> str:
        """Return a mark or a name; empty for a literal and past the end."""
        token = self._tokens[min(at, len(self._tokens) - 1)]
        return token.text if token.kind in ("mark", "name") else ""

    def _expect(self, at: int, mark: str) -> None:
        if self._text(at) != mark:
            raise _UnreadError


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    text = _ESCAPE.sub(_character, text)
    # a character past U+FFFF may be written as two escapes
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(escape: re.Match[str]) -> str:
    digits = escape[1] or escape[2] or escape[3]
    if digits:
        return chr(int(digits, 16))
    return "" if escape[4] in ("\n", "\r\n") else _ESCAPED.get(escape[4], escape[4])
