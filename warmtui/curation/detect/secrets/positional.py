# ruff: noqa: E501 - a pattern is read and compared best on one line
"""Secrets given by position: SQL, login calls in source code, lines of network protocols, prompts and answers."""

from __future__ import annotations

import re
from collections.abc import Callable

from warmtui.curation.detect import values
from warmtui.curation.detect.rule import Rule, RuleTable

_Accepts = Callable[[str], bool]
"""Given a value that could be a secret: whether it is."""


def _rule(
    kind: str,
    name: str,
    hints: tuple[str, ...],
    pattern: str,
    accepts: _Accepts,
    *,
    bare: bool = False,
    until: str = "",
) -> Rule:
    """Make a rule of a pattern of lower-cased text at whose end the secret begins.

    Args:
        kind: what the secret is.
        name: the rule's id.
        hints: strings, one of which must be in the text.
        pattern: what precedes the secret.
        accepts: the last test of the value.
        bare: the value may be unquoted.
        until: a character before whose last occurrence the value ends.
    """

    def extent(text: str, match: re.Match[str]) -> tuple[int, int] | None:
        value = values.quoted_value(text, match.end())
        if value is None and bare:
            value = values.bare_value(text, match.end())
        if value is None:
            return None
        start, end, _ = value
        stop = text.rfind(until, start, end) if until else -1
        if stop > start:
            end = stop
        word = text[start:end]
        return (start, end) if values.could_be_secret(word) and accepts(word) else None

    return Rule(name=name, pattern=pattern, hints=frozenset(hints), kind=kind, extent=extent)


_COMMIT = 40
"""Hexadecimal digits of a commit id."""


def _is_no_name(value: str) -> bool:
    return not values.is_code(value) or not value.isalpha()


def _is_random(value: str) -> bool:
    return len(value) >= 20 and (values.looks_random(value) or values.is_hex(value))


def _is_random_and_no_id(value: str) -> bool:
    """Whether a value is random and no commit id."""
    return (
        _is_random(value)
        and not (values.is_hex(value) and len(value) == _COMMIT)
        and not values.is_uuid(value)
    )


def _is_strong(value: str) -> bool:
    return values.is_strong(value) and not values.is_code(value) and not values.is_relative_path(value)


_QUOTE = r"""(?=[bru]?\\{0,15}["'])"""
_ARGUMENT = r"""[\w.()\[\]'"@:/\\ -]{0,80}?,\s{0,8}"""

_LONE_ARGUMENT = r"\(\\{0,7}[\"'](?P<v>[\w.+/=-]{20,200})\\{0,7}[\"']"
_TOKEN_CALL = re.compile(
    r"(?:\.run|\.login|token|secret|api_?key|\b(?:stripe|github|gitlab|openai|anthropic|webclient|bot|telegraf|telebot|client))\Z"
)


def _is_token_call(match: re.Match[str]) -> bool:
    """Whether the only argument of a call is a token: `client("…")`, `bot.run("…")`."""
    called = match.string[max(0, match.start() - 24) : match.start()].lower()
    value = match["v"]
    return _TOKEN_CALL.search(called) is not None and _is_random(value) and not values.is_placeholder(value)


RULES = RuleTable((
    _rule("password", "sql-identified-by", ("identified",), r"\bidentified\s{1,3}(?:with\s[\w\"'`]{1,40}\s)?by\s{1,3}", _is_strong, bare=True),
    _rule("password", "sql-identified-by", ("identified",), r"\bidentified\s{1,3}(?:with\s[\w\"'`]{1,40}\s)?by\s{1,3}(?=\\{0,15}['\"])", _is_no_name),
    _rule("password", "sql-password", ("password",), rf"\bpassword(?:\sfor\s\S{{1,80}}\s?=\s?|\s{{1,3}}){_QUOTE}", _is_no_name),
    _rule("password", "password-call", ("password(", "passwd("), rf"\b(?:set|with|old_|user|admin|db|\.)?_?passw(?:or)?d\({_QUOTE}", _is_strong),
    _rule("password", "secure-string", ("-securestring",), rf"convertto-securestring\s{{1,3}}(?:-string\s{{1,3}})?{_QUOTE}", _is_no_name),
    _rule("password", "prompt-answer", ("assword",), rf"assword[^\n]{{0,40}}(?:\n|\\n)[^\n]{{0,60}}?\bsend(?:line|_user)?[ (]{{1,3}}(?:-- )?{_QUOTE}", _is_no_name),
    _rule("password", "login-call", ("auth", "login(", "log_in(", "credential("), rf"(?:\bauth\s{{0,3}}[=:]\s{{0,3}}[(\[]|basic_?auth\(|\blog_?in\(|\.auth(?:enticate)?\(|passwordauthentication\(|networkcredential\()\s{{0,3}}{_ARGUMENT}{_QUOTE}", _is_no_name),
    _rule("password", "connection-call", ("connect", "mysqli(", "pdo("), rf"(?:getconnection|(?:mysqldb|pymysql)\.connect|mysqli?_p?connect|new\s(?:mysqli|pdo))\({_ARGUMENT}{_ARGUMENT}{_QUOTE}", _is_no_name),
    _rule("secret-key", "signing-call", ("jwt.",), rf"\bjwt\.(?:encode|sign|verify|decode)\([^,\n]{{1,200}},\s{{0,8}}{_QUOTE}", _is_strong),
    _rule("password", "protocol-pass", ("pass ",), r"(?:user\s\S{1,80}(?:\s|\\r|\\n){1,8}[<>\"]?\s?|[>\"]\s?)pass\s", _is_strong, bare=True),
    _rule("password", "protocol-auth", ("auth ",), r"(?:\A|[\n>\"]|\\n)\s?auth\s(?:(?:plain|login)\s)?", _is_strong, bare=True),
    _rule("password", "protocol-login", ("login ",), r"(?:\A|[\n>:]|\ba?\d{1,4})\s?login\s\S{1,80}\s", _is_strong, bare=True),
    _rule("password", "pgpass", (":5432:", ":*:", ":6432:", ":5433:"), r"(?:\A|\n|\\n)[\w.*-]{1,100}:(?:\d{2,5}|\*):[\w*-]{1,64}:[\w.*-]{1,64}:", _is_strong, bare=True),
    _rule("password", "user-and-host", ("@",), r"(?:\A|[\s\"'`(=])(?!mailto|e-?mail|contact|from|to:|cc:|https?:)[a-z][\w.-]{0,40}:(?=[^\s:/@\"'`<>\\]{6,80}@[\w-]{1,63}\.[\w.-]{2,200})", _is_strong, bare=True, until="@"),
    _rule("password", "user-and-socket", ("@tcp(", "@unix("), r"(?:\A|[\s\"'`(=/])[\w.-]{1,60}:(?=[^\s:/@\"'`<>\\]{4,80}@(?:tcp|unix)\()", _is_strong, bare=True, until="@"),
    _rule("password", "redis-auth", ('"auth\\', '"auth"'), r"\"auth\\{0,7}\"\s(?:\\{0,7}\"[^\"\s]{1,40}\"\s)?(?=\\{0,7}\")", _is_strong),
    _rule("password", "password-call", ("password(", "passwd("), rf"passw(?:or)?d\((?:[\"'][^\"'\n]{{1,60}}[\"']|[\w.]{{1,40}}),\s{{0,3}}{_QUOTE}", _is_strong),
    _rule("password", "auth-flag", ("-auth", "-user", "-cred"), r"\s--?(?:auth|userpass|user|credentials?|creds)[ =]\\{0,7}[\"']?[\w.@-]{1,64}:(?=\S)", _is_strong, bare=True),
    _rule("password", "sql-add-login", ("sp_addlogin",), rf"sp_addlogin\s{{1,3}}(?:@\w+\s?=\s?)?'[^'\n]{{1,60}}',\s{{0,3}}{_QUOTE}", _is_no_name),
    _rule("password", "cvs-root", (":pserver:",), r":pserver:[\w.-]{1,60}:(?=\S{4,80}@)", _is_strong, bare=True, until="@"),
    _rule("token", "leaked", ("rotate", "revoke", "leak", "expose", "compromis"), r"\b(?:rotat|revok|leak|expos|compromis)[\w ,.?!:'()-]{0,48}?[ \"'`(:](?=[\w.+/=~-]{24,200}(?:\s|[\"'`).,]|\Z))", _is_random_and_no_id, bare=True),
    _rule("token", "to-file", ("echo ",), r"\becho\s(?:-n\s)?(?=\\{0,7}[\"']?[\w.+/=~-]{20,300}\\{0,7}[\"']?\s?>{1,2}\s?\S{0,80}(?:token|secret|key|pass))", _is_random, bare=True),
    _rule("password", "process-substitution", ("<(echo",), r"<\(echo\s(?:-n\s)?", _is_strong, bare=True),
    _rule("password", "typed-password", (" 0 ", " 7 "), r"\b(?:password|secret)\s[057]\s", _is_strong, bare=True),
    _rule("password", "echo-to-base64", ("base64",), r"\becho\s(?:-n\s)?(?=\\{0,7}[\"']?[^\s\"'|]{6,200}\\{0,7}[\"']?\s{0,3}\|\s{0,3}base64\b(?!\s-d|\s--d|\s-D))", _is_strong, bare=True),
    Rule("token-call", _LONE_ARGUMENT, frozenset("("), kind="token", raw=True, check=_is_token_call),
))  # fmt: skip
