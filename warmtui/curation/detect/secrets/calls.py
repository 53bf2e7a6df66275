# ruff: noqa: E501 - a pattern is read and compared best on one line
"""Secrets given by position: SQL, login calls in source code, lines of network protocols, prompts and answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from warmtui.curation.detect import values
from warmtui.curation.detect.quoting import bare_value, quoted_value
from warmtui.curation.detect.span import STRUCTURE, Span


class _Rule(NamedTuple):
    """A pattern of lower-cased text at whose end the secret begins."""

    kind: str
    rule: str
    hints: tuple[str, ...]
    pattern: str
    accepts: Callable[[str], bool]
    """Given the value, beyond being no placeholder, location or quantity."""
    bare: bool = False
    """Whether the value may stand without quotes."""
    until: str = ""
    """A character before whose last occurrence the value ends."""


_COMMIT = 40
"""Hexadecimal digits of a commit id."""


def _any(value: str) -> bool:
    return not values.is_code(value) or not value.isalpha()


def _random(value: str) -> bool:
    return len(value) >= 20 and (values.looks_random(value) or values.is_hex(value))


def _foreign(value: str) -> bool:
    """Whether a value is random and no commit id."""
    return (
        _random(value) and not (values.is_hex(value) and len(value) == _COMMIT) and not values.is_uuid(value)
    )


def _strong(value: str) -> bool:
    return values.is_strong(value) and not values.is_code(value) and not values.is_relative_path(value)


_QUOTE = r"""(?=[bru]?\\{0,15}["'])"""
_ARGUMENT = r"""[\w.()\[\]'"@:/\\ -]{0,80}?,\s{0,8}"""

_RULES: tuple[_Rule, ...] = (
    _Rule("password", "sql-identified-by", ("identified",), r"\bidentified\s{1,3}(?:with\s[\w\"'`]{1,40}\s)?by\s{1,3}", _strong, bare=True),
    _Rule("password", "sql-identified-by", ("identified",), r"\bidentified\s{1,3}(?:with\s[\w\"'`]{1,40}\s)?by\s{1,3}(?=\\{0,15}['\"])", _any),
    _Rule("password", "sql-password", ("password",), rf"\bpassword(?:\sfor\s\S{{1,80}}\s?=\s?|\s{{1,3}}){_QUOTE}", _any),
    _Rule("password", "password-call", ("password(", "passwd("), rf"\b(?:set|with|old_|user|admin|db|\.)?_?passw(?:or)?d\({_QUOTE}", _strong),
    _Rule("password", "secure-string", ("-securestring",), rf"convertto-securestring\s{{1,3}}(?:-string\s{{1,3}})?{_QUOTE}", _any),
    _Rule("password", "prompt-answer", ("assword",), rf"assword[^\n]{{0,40}}(?:\n|\\n)[^\n]{{0,60}}?\bsend(?:line|_user)?[ (]{{1,3}}(?:-- )?{_QUOTE}", _any),
    _Rule("password", "login-call", ("auth", "login(", "log_in(", "credential("), rf"(?:\bauth\s{{0,3}}[=:]\s{{0,3}}[(\[]|basic_?auth\(|\blog_?in\(|\.auth(?:enticate)?\(|passwordauthentication\(|networkcredential\()\s{{0,3}}{_ARGUMENT}{_QUOTE}", _any),
    _Rule("password", "connection-call", ("connect", "mysqli(", "pdo("), rf"(?:getconnection|(?:mysqldb|pymysql)\.connect|mysqli?_p?connect|new\s(?:mysqli|pdo))\({_ARGUMENT}{_ARGUMENT}{_QUOTE}", _any),
    _Rule("secret-key", "signing-call", ("jwt.",), rf"\bjwt\.(?:encode|sign|verify|decode)\([^,\n]{{1,200}},\s{{0,8}}{_QUOTE}", _strong),
    _Rule("password", "protocol-pass", ("pass ",), r"(?:user\s\S{1,80}(?:\s|\\r|\\n){1,8}[<>\"]?\s?|[>\"]\s?)pass\s", _strong, bare=True),
    _Rule("password", "protocol-auth", ("auth ",), r"(?:\A|[\n>\"]|\\n)\s?auth\s(?:(?:plain|login)\s)?", _strong, bare=True),
    _Rule("password", "protocol-login", ("login ",), r"(?:\A|[\n>:]|\ba?\d{1,4})\s?login\s\S{1,80}\s", _strong, bare=True),
    _Rule("password", "pgpass", (":5432:", ":*:", ":6432:", ":5433:"), r"(?:\A|\n|\\n)[\w.*-]{1,100}:(?:\d{2,5}|\*):[\w*-]{1,64}:[\w.*-]{1,64}:", _strong, bare=True),
    _Rule("password", "user-and-host", ("@",), r"(?:\A|[\s\"'`(=])(?!mailto|e-?mail|contact|from|to:|cc:|https?:)[a-z][\w.-]{0,40}:(?=[^\s:/@\"'`<>\\]{6,80}@[\w-]{1,63}\.[\w.-]{2,200})", _strong, bare=True, until="@"),
    _Rule("password", "user-and-socket", ("@tcp(", "@unix("), r"(?:\A|[\s\"'`(=/])[\w.-]{1,60}:(?=[^\s:/@\"'`<>\\]{4,80}@(?:tcp|unix)\()", _strong, bare=True, until="@"),
    _Rule("password", "redis-auth", ('"auth\\', '"auth"'), r"\"auth\\{0,7}\"\s(?:\\{0,7}\"[^\"\s]{1,40}\"\s)?(?=\\{0,7}\")", _strong),
    _Rule("password", "password-call", ("password(", "passwd("), rf"passw(?:or)?d\((?:[\"'][^\"'\n]{{1,60}}[\"']|[\w.]{{1,40}}),\s{{0,3}}{_QUOTE}", _strong),
    _Rule("password", "auth-flag", ("-auth", "-user", "-cred"), r"\s--?(?:auth|userpass|user|credentials?|creds)[ =]\\{0,7}[\"']?[\w.@-]{1,64}:(?=\S)", _strong, bare=True),
    _Rule("password", "sql-add-login", ("sp_addlogin",), rf"sp_addlogin\s{{1,3}}(?:@\w+\s?=\s?)?'[^'\n]{{1,60}}',\s{{0,3}}{_QUOTE}", _any),
    _Rule("password", "cvs-root", (":pserver:",), r":pserver:[\w.-]{1,60}:(?=\S{4,80}@)", _strong, bare=True, until="@"),
    _Rule("token", "leaked", ("rotate", "revoke", "leak", "expose", "compromis"), r"\b(?:rotat|revok|leak|expos|compromis)[\w ,.?!:'()-]{0,48}?[ \"'`(:](?=[\w.+/=~-]{24,200}(?:\s|[\"'`).,]|\Z))", _foreign, bare=True),
    _Rule("token", "to-file", ("echo ",), r"\becho\s(?:-n\s)?(?=\\{0,7}[\"']?[\w.+/=~-]{20,300}\\{0,7}[\"']?\s?>{1,2}\s?\S{0,80}(?:token|secret|key|pass))", _random, bare=True),
    _Rule("password", "process-substitution", ("<(echo",), r"<\(echo\s(?:-n\s)?", _strong, bare=True),
    _Rule("password", "typed-password", (" 0 ", " 7 "), r"\b(?:password|secret)\s[057]\s", _strong, bare=True),
    _Rule("password", "echo-to-base64", ("base64",), r"\becho\s(?:-n\s)?(?=\\{0,7}[\"']?[^\s\"'|]{6,200}\\{0,7}[\"']?\s{0,3}\|\s{0,3}base64\b(?!\s-d|\s--d|\s-D))", _strong, bare=True),
)  # fmt: skip


_LONE_ARGUMENT = re.compile(r"\(\\{0,7}[\"'](?P<v>[\w.+/=-]{20,200})\\{0,7}[\"']")
_TOKEN_CALL = re.compile(
    r"(?:\.run|\.login|token|secret|api_?key|\b(?:stripe|github|gitlab|openai|anthropic|webclient|bot|telegraf|telebot|client))\Z"
)


_HINTS = frozenset(hint for rule in _RULES for hint in rule.hints)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def find(text: str, lowered: str) -> Iterator[Span]:
    """Yield the secrets that SQL statements, calls, protocols and prompts give by position.

    Args:
        text: any text.
        lowered: the same text in lower case, character for character.

    Yields:
        Spans of rank STRUCTURE.
    """
    present = {hint for hint in _HINTS if hint in lowered}
    for rule in _RULES:
        if present.isdisjoint(rule.hints):
            continue
        for match in _compiled(rule.pattern).finditer(lowered):
            value = quoted_value(text, match.end())
            if value is None and rule.bare:
                value = bare_value(text, match.end())
            if value is not None and rule.until:
                stop = text.rfind(rule.until, value.start, value.end)
                value = value._replace(end=stop) if stop > value.start else value
            if value is not None and _could_be(text[value.start : value.end], rule):
                yield Span(value.start, value.end, rule.kind, rule.rule, STRUCTURE)
    yield from _token_calls(text, lowered)


def _could_be(word: str, rule: _Rule) -> bool:
    if len(word) < 4 or any(map(str.isspace, word)) or values.is_placeholder(word):
        return False
    return not (values.is_location(word) or values.is_measure(word)) and rule.accepts(word)


def _token_calls(text: str, lowered: str) -> Iterator[Span]:
    for match in _LONE_ARGUMENT.finditer(text):
        value = match["v"]
        called = _TOKEN_CALL.search(lowered, max(0, match.start() - 24), match.start())
        if called and _random(value) and not values.is_placeholder(value):
            yield Span(*match.span("v"), "token", "token-call", STRUCTURE)
