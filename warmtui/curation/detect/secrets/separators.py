"""The separators between a name and its value, in every known notation."""

from __future__ import annotations

import re
from typing import NamedTuple

COLOUR = r"(?:\x1b|\\{1,7}u001[bB]|\\{1,7}x1[bB]|\\{1,7}033)\[[0-9;]{0,8}m"
"""A terminal colour code, raw or escaped."""

SEPARATOR = re.compile(
    rf"""
    (?:{COLOUR}|\*{{1,3}}|__)?
    (?P<closed>\\{{0,15}}["'`])?
    (?:
        # {{"name": "X", "value": "…"}}, <add key="X" value="…"/>, <key>X</key><string>…
        (?P<pair>[\s,;]{{0,8}}(?:\\{{1,7}}n\s{{0,12}})?\\{{0,15}}["']?(?:(?:Parameter|\w{{1,12}}:)?[vV]alue|VALUE|content|default)\\{{0,15}}["']?\s{{0,3}}[:=]\s{{0,3}}
               |</key>\s{{0,20}}<string>)
        # variable "X" {{ default = "…" }}
      | (?P<block>[ \t]{{0,3}}\{{[^{{}}]{{0,200}}?\b(?:default|value)\s{{0,3}}=\s{{0,3}}
               |\s{{0,3}}:\s{{0,3}}\{{[^{{}}]{{0,80}}?\\{{0,15}}["'][vV]alue\\{{0,15}}["']\s{{0,3}}:\s{{0,3}})
        # X = …, "X": …, ["X"] => …, X: str = …, | X | …
      | [\])]{{0,2}}[?!]?
        (?:\s{{0,3}}:\s{{0,3}}(?:&'?\w{{0,8}}\s?|Optional\[)?(?:str|string|String|bytes|SecretStr|Any|any|Text)\]?(?:\s?\|\s?\w{{4,9}})?(?=\s{{0,3}}=))?
        (?:[ ]\[[^\]\n]{{0,40}}\]|[ ]\d{{1,2}}(?=:))?
        [ \t]{{0,40}}(?P<op>=>|:=|<-|\|\|=?|\?\?=?|={{1,3}}|:|[—–]|→|⇒|->|%3[Dd]|[|│┃])(?:\*{{1,3}}|__)?
        (?:[ \t]{{0,3}}[|>][+-]?\d?[ \t]{{0,3}}(?:\r?\n|\\{{1,7}}n)[ \t]+|[ ]&\w{{1,40}}(?=[ ]))?
        # f("X", "…"), ["--x", "…"], type('input[name="X"]', '…')
      | (?P<arg>(?:\]\\{{0,15}}["'])?\)?[ \t]{{0,3}},\s{{0,8}})(?=[bru]?\\{{0,15}}["'])
        # $("#X").val("…")
      | (?:\]\\{{0,15}}["'])?\)?\.(?P<call>\w{{1,24}})\(\s{{0,3}}(?=\\{{0,15}}["'])
        # <X>…</X>
      | (?P<xml>(?:\s[\w:.-]{{1,40}}=[^<>\n]{{0,80}})?>(?:<!\[CDATA\[)?\s{{0,24}})(?=[^\s<])
        # form-data; name="X"
      | (?P<form>(?:\r?\n|(?:\\{{1,7}}r)?\\{{1,7}}n){{2}})
        # --X …, machine … X …, X    …
      | (?P<gap>[ \t]+(?:\\\n\s{{0,8}})?)
    )
    """,
    re.VERBOSE,
)
LINE_START = re.compile(
    r"(?:^|\n|\\[nr])[ \t]{0,20}(?:\d{1,5}[|:→][ \t]{0,4})?[-+>$#]{0,2}[ \t]{0,8}"
    r"(?:export[ \t]|set[ \t]|setx[ \t]|ENV[ \t]|ARG[ \t]|-e[ \t]|\$env:|set -gx[ \t]|declare -x[ \t])?\Z"
)
_NETRC = re.compile(
    r"\b(?:login|machine)(?:\s|\\n){1,8}\S{1,120}(?:\s|\\n){1,8}(?:account\s{1,3}\S{1,64}\s{1,8})?\Z"
)
_FIRST_ARGUMENT = re.compile(
    r"\(\s{0,8}[bru]?\\{0,7}[\"'`][#.\[]?\Z|\[(?:name|id|type)=\\{0,7}[\"']?\Z|(?:buildConfigField|resValue)\s\"\w{1,20}\",\s\"\Z"
)
_FORM_NAME = re.compile(r"name=\\{0,7}[\"']\Z")
_COOKIE = re.compile(r"[cC]ookies?\b|\s-b\s")
_LONE_WORD = re.compile(r"\\{0,7}[\"']?[^\s;]{6,200}(?:;|[ \t]*(?:\r?\n|\\n|\Z))")
_PLAIN_WORD = re.compile(r"[a-z]+[ ,.\n]")
_SETTERS = frozenset(
    (
        "send_keys", "sendKeys", "fill", "type", "setValue", "set", "put", "write", "value", "val", "default",
        "setItem", "press_sequentially", "append",
    )
)  # fmt: skip


class Notation(NamedTuple):
    """How a value is tied to its name."""

    explicit: bool = False
    """After a flag, or in a query, header, form field or environment variable: it can only be the value."""
    query: bool = False
    """The value is in a URL's query."""
    wide: bool = False
    """Name and value are only neighbours, as in a table, so the value must look like a secret."""
    cookie: bool = False
    """The value is near the word cookie."""


def notation_of(text: str, start: int, name: str, separator: re.Match[str]) -> Notation | None:
    """Return how a value is tied to its name; None if no value can follow (`f(x, "token", "word")`).

    Args:
        text: any text.
        start: where the name begins.
        name: the name as written, with the dashes of a flag.
        separator: the match of SEPARATOR at its end.
    """
    before = text[start - 1] if start else "\n"
    op = separator["op"]
    flag = name.startswith("-") or (before == "/" and name.isalpha() and op == ":")
    if separator["gap"] is not None:
        return _after_gap(text, start, name, separator, flag=flag)
    if separator["arg"] is not None:
        evident = flag or _FIRST_ARGUMENT.search(text, max(0, start - 48), start)
        return Notation(explicit=flag) if separator["closed"] and evident else None
    if separator["call"] is not None:
        return Notation() if separator["closed"] and separator["call"] in _SETTERS else None
    if separator["form"] is not None:
        return Notation(explicit=True) if _FORM_NAME.search(text, max(0, start - 16), start) else None
    if separator["xml"] is not None:
        return Notation(explicit=True) if before in '</:"' else None
    bar = op in {"|", "│", "┃"}
    # `PASS: 12 tests` is a report; `a|b` is a pipe or a type, a table has spaces
    if (name == "PASS" and op == ":") or (bar and not text[separator.end("op") - 2].isspace()):
        return None
    if separator["pair"] is not None or separator["block"] is not None:
        return Notation(explicit=True)
    lead = text[max(0, start - 6) : start]
    query = before in "?&#" or lead.endswith(("&amp;", "u0026", "u003F", "u003f", "%26", "%3F", "%3f"))
    follows = text[separator.end() : separator.end() + 1]
    # `X_TOKEN=abc` without spaces is an environment variable, not an assignment in code
    variable = op == "=" and name.isupper() and "_" in name and follows not in {" ", "="}
    header = op == ":" and "-" in name.strip("-") and separator["closed"] is None
    cookie = bool(_COOKIE.search(text, max(0, start - 40), start))
    return Notation(flag or query or variable or header, query, bar, cookie)


def _after_gap(text: str, start: int, name: str, separator: re.Match[str], *, flag: bool) -> Notation | None:
    end = separator.end()
    quoted = text[end : end + 1] in {'"', "'", "\\"}
    if separator["closed"] is not None:
        return Notation(wide=True) if quoted and not separator["closed"].endswith("`") else None
    if flag:
        return None if _PLAIN_WORD.match(text, end) else Notation(explicit=True)
    if name.lower() in {"password", "passwd"} and _NETRC.search(text, max(0, start - 200), start):
        return Notation(explicit=True)
    apart = len(separator["gap"]) > 1 or "\t" in separator["gap"] or quoted
    setting = name.lower() in {"requirepass", "masterauth"} or name.lower().endswith("pw")
    alone = LINE_START.search(text, max(0, start - 48), start) and _LONE_WORD.match(text, end)
    return Notation(wide=True) if apart or setting or "_" in name or alone else None
