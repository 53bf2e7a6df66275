"""The tool calls in a script of Codex' code mode: `await tools.exec_command({cmd: "ls"})`.

Newer models write JavaScript that calls the tools, and the script is what the session stores. This reads
literal arguments and constants that hold them. A call that a loop, a condition or a function makes cannot be
told from the script alone, so a script with one is not read.
"""

from __future__ import annotations

import re
from string import ascii_letters
from typing import Any, NamedTuple

from warmtui.text import JSON_ERRORS, dump_json, load_json

MAX_SCRIPT = 500_000
"""Characters of a script; a longer one is not read."""

_TEXT = r""" "(?:[^"\\\n]++|\\.)*+" | '(?:[^'\\\n]++|\\.)*+' | `(?:[^`\\]++|\\.)*+` """
_TOKEN = re.compile(
    rf"""(?:\s|//[^\n]*|/\*.*?\*/)*+(
      {_TEXT}
    | \d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?
    | [A-Za-z_$][\w$]*
    | (?:(?<=[(,=:\[!&|?{{}};>])|(?<=[(,=:\[!&|?{{}};>]\s))                   # a pattern, no division
      /(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.){{0,200}}+\]){{1,400}}+/[a-z]*
    | (?:["'`]|/\*).*                                                        # nothing ends it
    | =>|\?\.(?!\d)|\?\?|&&|\|\||.|\Z)""",
    re.VERBOSE | re.DOTALL,
)
"""A token, after spaces and comments; empty at the end of a script."""
_UNENDED = re.compile(rf"""(?!{_TEXT})["'`] | /\*""", re.VERBOSE | re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_SLOT = re.compile(r"\$\{\s*([A-Za-z_$][\w$]*)\s*\}")
_JSON_TEXT = re.compile(r'(?:[^\\\x00-\x1f]++|\\["\\/bfnrt]|\\u(?!\{))*+')
"""A text in JavaScript that is one in JSON too."""
_CONDITIONS = frozenset(
    {"if", "for", "while", "switch", "function", "else", "do", "?", "??", "&&", "||", "=>"}
)
"""What comes before a call that may be made never, or several times."""
_QUOTES = ('"', "'")
_LETTERS = frozenset(ascii_letters + "_$")
"""How a name begins."""
_WEIGHED = _CONDITIONS | frozenset("()[]{};,") | {"const", "let", "var"}


class NestedCall(NamedTuple):
    """A call that a script makes."""

    tool: str
    arguments: str
    """JSON; the text itself where the tool takes one, as `apply_patch` does."""


class _UnreadError(Exception):
    """This part of a script is no literal."""


def read_script(script: str) -> list[NestedCall] | None:
    """Return the tool calls that a script makes, in order; None if they cannot be told from its text."""
    if len(script) > MAX_SCRIPT:
        return None
    if "tools" not in script:
        return []
    tokens = _TOKEN.findall(script)
    if any(map(_UNENDED.match, tokens[-3:])):
        return None
    try:
        return _Script(tokens).calls()
    except (_UnreadError, *JSON_ERRORS):
        return None


class _Script:
    """Walks over the tokens of a script."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = [*tokens, "", "", "", ""]
        self._constants: dict[str, Any] = {}

    def calls(self) -> list[NestedCall]:
        found: list[NestedCall] = []
        # of each open bracket: whether its calls are conditional by what stands outside, and by now
        open_brackets = [(False, False)]
        before = ""
        at = 0
        last = self._tokens[::-1].index("tools") if "tools" in self._tokens else len(self._tokens)
        while at < len(self._tokens) - last:
            token = self._tokens[at]
            if token == "tools" and before not in (".", "?."):
                if open_brackets[-1][1]:
                    raise _UnreadError
                call, at = self._call(at + 1)
                found.append(call)
            elif token in _WEIGHED:
                self._weigh(at, before, open_brackets)
            before = self._tokens[at]
            at += 1
        return found

    def _weigh(self, at: int, before: str, open_brackets: list[tuple[bool, bool]]) -> None:
        """Note whether the calls after a token are conditional, and the value of a constant."""
        token = self._tokens[at]
        outside, conditional = open_brackets[-1]
        if token in ("(", "[", "{"):
            is_body = token == "{" and before in (")", "=>", "else", "do")
            open_brackets.append((conditional or is_body,) * 2)
        elif token in (")", "]", "}"):
            del open_brackets[max(len(open_brackets) - 1, 1) :]
        elif token in _CONDITIONS:
            open_brackets[-1] = (outside, True)
        else:
            open_brackets[-1] = (outside, outside)
            if token == "const" and _is_name(self._tokens[at + 1]) and self._tokens[at + 2] == "=":
                self._read_constant(self._tokens[at + 1], at + 3)

    def _call(self, at: int) -> tuple[NestedCall, int]:
        """Read `.name(arguments)`; return it with the position of its closing bracket."""
        opening, name, closing = self._tokens[at : at + 3]
        if opening == "." and _is_name(name):
            tool, at = name, at + 2
        elif opening == "[" and name.startswith(_QUOTES) and closing == "]":
            tool, at = load_json(self._scalar(at + 1)[0]), at + 3
        else:
            raise _UnreadError
        if self._tokens[at] != "(":
            raise _UnreadError
        if self._tokens[at + 1] == ")":
            return NestedCall(tool, "{}"), at + 1
        value, at = self._literal(at + 1)
        at += self._tokens[at] == ","
        if self._tokens[at] != ")":
            raise _UnreadError
        return NestedCall(tool, value if isinstance(value, str) else dump_json(value)), at

    def _read_constant(self, name: str, at: int) -> None:
        try:
            value, end = self._literal(at)
        except (_UnreadError, *JSON_ERRORS):
            return
        following = self._tokens[end]
        # only on a line of its own can a name follow a value
        if following in ("", ";", ",") or (_is_name(following) and following not in ("in", "instanceof")):
            self._constants[name] = value

    def _literal(self, at: int) -> tuple[Any, int]:
        """Read a literal by writing it as JSON; return its value with the position after it."""
        pieces: list[str] = []
        opened: list[int] = []
        """Positions in `pieces` of the open brackets."""
        while True:
            token = self._tokens[at]
            if token in (",", ":") and opened:
                pieces.append(token)
            elif token in ("[", "{"):
                opened.append(len(pieces))
                pieces.append(token)
            elif token in ("]", "}") and opened:
                pieces[-1:] = [token] if pieces[-1] == "," else [pieces[-1], token]
                start = opened.pop()
                if self._tokens[at + 1] == "." and self._tokens[at + 2] == "join":
                    pieces[start:], at = self._joined("".join(pieces[start:]), at + 3)
            elif token == "+" and pieces and pieces[-1][-1] == '"':
                other, at = self._scalar(at + 1)
                if other[0] != '"':
                    raise _UnreadError
                pieces[-1] = pieces[-1][:-1] + other[1:]
            elif opened and pieces[opened[-1]] == "{" and pieces[-1] in ("{", ",") and _is_name(token):
                pieces.append(f'"{token}"')
                if self._tokens[at + 1] != ":":  # {cmd} for {cmd: cmd}
                    pieces += ":", self._scalar(at)[0]
            else:
                piece, at = self._scalar(at)
                pieces.append(piece)
            at += 1
            if not opened and self._tokens[at] != "+":
                return load_json("".join(pieces)), at

    def _joined(self, items: str, at: int) -> tuple[list[str], int]:
        """Return the text of `[…].join(between)` as JSON, with the position of its closing bracket."""
        between = self._scalar(at + 1)[0]
        texts = load_json(items)
        is_call = self._tokens[at] == "(" and self._tokens[at + 2] == ")"
        if not is_call or not all(isinstance(text, str) for text in texts):
            raise _UnreadError
        return [dump_json(load_json(between).join(texts))], at + 2

    def _scalar(self, at: int) -> tuple[str, int]:
        """Return a text, number or constant as JSON, with the position of its last token."""
        token = self._tokens[at]
        if token.startswith(_QUOTES):
            is_json = token[0] == '"' and _JSON_TEXT.fullmatch(token)
            return token if is_json else dump_json(_unescaped(token[1:-1])), at
        if token.startswith("`"):
            return dump_json(self._filled(token[1:-1])), at
        if token[:1].isdecimal():
            return token.replace("_", ""), at
        following = self._tokens[at + 1]
        if token == "-" and following[:1].isdecimal():
            return f"-{following}", at + 1
        if token == "String" and self._tokens[at + 2] == "raw" and self._tokens[at + 3].startswith("`"):
            raw = self._tokens[at + 3][1:-1]
            if "${" not in raw:
                return dump_json(raw), at + 3
        if token in ("true", "false", "null", "undefined"):
            return token if token != "undefined" else "null", at
        if token in self._constants:
            return dump_json(self._constants[token]), at
        raise _UnreadError

    def _filled(self, template: str) -> str:
        """Return the text of a template, with the constants that it names."""
        pieces = _SLOT.split(template)
        for at in range(1, len(pieces), 2):
            value = self._constants.get(pieces[at])
            if not isinstance(value, str):
                raise _UnreadError
            pieces[at] = value
        for at in range(0, len(pieces), 2):
            if "${" in pieces[at].replace("\\${", ""):
                raise _UnreadError
            pieces[at] = _unescaped(pieces[at])
        return "".join(pieces)


def _is_name(token: str) -> bool:
    return token[:1] in _LETTERS


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
