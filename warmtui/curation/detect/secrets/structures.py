# ruff: noqa: E501 - a pattern is read and compared best on one line
"""Secrets that their surroundings give away: headers, cookies, URLs, password hashes, connection strings."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from warmtui.curation.detect import values
from warmtui.curation.detect.secrets.names import classify
from warmtui.curation.detect.span import STRUCTURE, Span


class _Rule(NamedTuple):
    """A pattern whose group `v` is the secret, tried when one of the hints is in the lower-cased text."""

    kind: str
    rule: str
    hints: tuple[str, ...]
    pattern: str
    """Verbose; it starts with literal characters where it can, which makes the search several times faster."""
    check: Callable[[re.Match[str]], bool] | None = None


_DATABASE = re.compile(
    r"(?:postgres|postgresql|mysql|mariadb|mongodb|redis|rediss|amqp|amqps|cockroachdb|mssql|sqlserver|clickhouse|ldaps?|ftps?|smtps?|imaps?)(?:\+\w{1,16})?\Z"
)
_NO = r"""[^\s"'<>`\\‹›]"""


def _no_default_password(match: re.Match[str]) -> bool:
    """Leave `user:pass@`, placeholders, and a well-known default (`postgres:postgres`) on a local host."""
    user, password, host = match["user"], match["v"], match["host"]
    if values.is_placeholder(password) or len(password) < 4:
        return False
    return not (user == password and "." not in host)


def _is_basic(match: re.Match[str]) -> bool:
    value = match["v"]
    if values.is_placeholder(value) or len(value) < 8:
        return False
    decoded = _decoded(value)
    if b":" in decoded:
        return _is_user_and_password(match)
    return values.looks_random(value) or len(value) >= 20


def _decoded(value: str) -> bytes:
    body = value.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _is_user_and_password(match: re.Match[str]) -> bool:
    head, colon, tail = _decoded(match["v"]).partition(b":")
    printable = all(31 < byte < 127 for byte in head + tail)
    return bool(head and colon and tail) and printable and not values.is_placeholder(tail.decode("ascii"))


def _is_token(match: re.Match[str]) -> bool:
    value = match["v"]
    if (
        values.is_placeholder(value)
        or values.is_location(value)
        or values.is_code(value.rstrip("="))
        or len(value) < 8
    ):
        return False
    return values.is_strong(value)


def _is_url_user(match: re.Match[str]) -> bool:
    value = match["v"]
    return (
        "sentry" not in match["host"]
        and len(value) >= 20
        and not values.is_placeholder(value)
        and (values.looks_random(value) or values.is_hex(value))
    )


_RULES: tuple[_Rule, ...] = (
    _Rule(
        "url-password", "url-userinfo", ("://",),
        r"""://(?P<user>[^\s/:@"'<>`\\‹›?\#]{0,100}):(?P<v>[^\s/"'<>`\\‹›]{1,300})@(?P<host>\[?[A-Za-z0-9_${][\w.-]*)""",
        _no_default_password,
    ),
    _Rule(
        "url-password", "database-url", ("://",),
        r"""://(?P<user>[^\s/:@"'<>`\\‹›?\#]{0,100}):(?P<v>[^\s"'<>`\\‹›@]{1,200})@(?P<host>[\w.-]+)(?=[:/?])""",
        lambda match: bool(_DATABASE.search(match.string, max(0, match.start() - 24), match.start())) and _no_default_password(match),
    ),
    _Rule(
        "url-password", "url-user-token", ("://",),
        r"""://(?P<v>[\w.~%+-]{20,300})(?::(?:x-oauth-basic|x-token-auth)?)?@(?P<host>[\w.-]+)""",
        _is_url_user,
    ),
    _Rule(
        "auth-header", "authorization-basic", ("basic",),
        r"""(?:[Aa]uthorization|AUTHORIZATION)[\w-]{0,8}\\{0,15}["']?\s{0,3}(?:[:=,]|=>)\s{0,3}\\{0,15}["']?[Bb]asic[ ]{1,2}(?P<v>[A-Za-z0-9+/_-]{6,2000}={0,2})""",
        _is_basic,
    ),
    _Rule(
        "auth-header", "basic-credentials", ("basic ",),
        r"""\b[Bb]asic[ ](?P<v>[A-Za-z0-9+/]{8,2000}={0,2})(?![\w+/=])""",
        _is_user_and_password,
    ),
    _Rule(
        "auth-header", "bearer", ("bearer", "oauth ", "ssws ", "splunk ", "apikey ", "genie"),
        r"""\b(?:[Bb]earer|BEARER|OAuth|SSWS|Splunk|[Aa]pi[Kk]ey|GenieKey)(?:[ ]|%20|\\u0020){1,2}(?:token=)?\\{0,7}["']?(?P<v>[A-Za-z0-9][\w.~+/!@$%*-]{5,8000}={0,2})""",
        _is_token,
    ),
    _Rule(
        "auth-header", "authorization", ("authorization",),
        rf"""[Aa]uthorization\\{{0,15}}["']?\]?\s{{0,3}}(?:[:=,]|=>)\s{{0,3}}\\{{0,15}}["']?(?:(?:[Tt]oken|[Kk]ey|Bot|Negotiate|NTLM|JWT|PRIVATE-TOKEN)[ ]{{1,2}}(?:token=\\{{0,7}}["']?)?)?(?P<v>{_NO}{{8,8000}})""",
        _is_token,
    ),
    _Rule(
        "signature", "aws-signature", ("aws4-hmac", "x-amz-signature", "x-goog-signature"),
        r"""(?:Signature=|[Xx]-(?:[Aa]mz|[Gg]oog)-[Ss]ignature(?:=|%3D))(?P<v>[0-9A-Fa-f]{32,1024})""",
    ),
    _Rule(
        "digest-response", "authorization-digest", ("digest ",),
        r"""(?<=[ ,])response=\\{0,7}"(?P<v>[0-9a-f]{32,128})""",
    ),
    _Rule(
        "password-hash", "crypt-hash", ("$",),
        r"""(?P<v>\$(?:1|5|6|7|y|gy|2[abxy]?|apr1|md5|sha1|argon2(?:id|i|d)|scrypt|pbkdf2(?:-sha\d+)?)\$(?:[\w./$=+-]|,(?=[tp]=\d)){16,400})""",
        lambda match: values.entropy(match["v"]) > 3,
    ),
    _Rule(
        "password-hash", "framework-hash", ("pbkdf2_sha", "pbkdf2:sha", "scrypt:", "{ssha", "{sha", "scram-sha-256$", "argon2$"),
        r"""(?P<v>(?:pbkdf2_sha\d+\$\d+\$|pbkdf2:sha\d+:\d+\$|scrypt:\d+:\d+:\d+\$|\{S?SHA\d{0,3}\}|SCRAM-SHA-256\$\d+:)[\w./$+=:]{20,400})""",
    ),
    _Rule(
        "password-hash", "ntlm-hash", (":::",),
        r"""(?<=:)(?P<v>[0-9a-fA-F]{32}:[0-9a-fA-F]{32}):::""",
    ),
    _Rule(
        "connection-string-key", "connection-string", ("accountkey=", "sharedaccesskey=", "sharedsecret="),
        r"""(?i:accountkey|sharedaccesskey|sharedsecret)=(?P<v>[A-Za-z0-9+/%]{16,200}={0,2})""",
    ),
    _Rule(
        "webhook-url", "slack-webhook", ("hooks.slack",),
        r"""(?P<v>(?:https://)?hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/[\w/-]{16,200})""",
        lambda match: not values.is_filler(match["v"]),
    ),
    _Rule(
        "webhook-url", "webhook", ("webhook", "hooks.zapier", "maker.ifttt", "hook."),
        r"""(?P<v>https://(?:
               (?:[a-z]{1,12}\.)?discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/\d{6,24}/[\w-]{20,100}
             | [\w-]{1,60}\.webhook\.office\.com/webhookb2/[\w@/-]{30,300}
             | outlook\.office(?:365)?\.com/webhook/[\w@/-]{30,300}
             | hooks\.zapier\.com/hooks/catch/\d{2,12}/\w{4,40}
             | maker\.ifttt\.com/(?:trigger/\w{1,60}|use)(?:/json)?(?:/with/key)?/[\w-]{16,60}
             | hook\.(?:\w{2,4}\.)?(?:make|integromat)\.com/\w{20,60}
             | open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/v2/hook/[\w-]{20,60}
             | [\w.-]{1,80}/webhooks?/[\w-]{32,100}))""",
    ),
    _Rule(
        "jwt", "jwt", ("eyj",),
        r"""(?:(?<![\w-])|(?<=\\[nrtbf])|(?<=[0-9]m)|(?<=%[0-9A-F]{2}))(?P<v>ey[JK][\w-]{10,}+\.(?:ey[JK][\w-]{4,}+|)\.[\w-]{10,}+(?:\.[\w-]{10,}+\.[\w-]{10,}+)?)""",
    ),
    _Rule(
        "jwt", "jwt-unfinished", ("eyjhbgci", "eyj0exai", "eyjrawqi"),
        r"""(?:(?<![\w-])|(?<=\\[nrtbf])|(?<=[0-9]m)|(?<=%[0-9A-F]{2}))(?P<v>eyJ(?:hbGci|0eXAi|raWQi)[\w-]{10,}+\.eyJ[\w-]{20,}+\.?)""",
    ),
    _Rule(
        "token",
        "url-code",
        ("?code=", "&code="),
        r"""[?&]code=(?P<v>[\w%.~/+=-]{20,2000})""",
        lambda match: values.looks_random(match["v"]) and not values.is_placeholder(match["v"]),
    ),
    _Rule(
        "private-key", "jwk", ('"kty', '\\"kty'),
        r"""\\{0,7}"(?:d|p|q|dp|dq|qi|k)\\{0,7}"\s{0,4}:\s{0,4}\\{0,7}"(?P<v>[\w-]{16,1400})""",
    ),
    _Rule(
        "password", "registry-auth", ('"auth', "_auth"),
        r"""(?:"auth\\{0,7}"\s{0,4}:\s{0,4}\\{0,7}"|_auth\s{0,3}=\s{0,3}["']?)(?P<v>[A-Za-z0-9+/_-]{8,4000}={0,2})""",
        _is_user_and_password,
    ),
    _Rule(
        "private-key", "hexadecimal-key", ("private", "wallet", "secret key"),
        r"""(?i:private[ _-]?key|secret[ _-]?key|wallet[ _-]key|priv[ _-]?key)[\w "'`:=()\\>-]{1,40}?(?P<v>(?:0x)?[0-9a-fA-F]{64})(?![0-9a-fA-F])""",
    ),
    _Rule(
        "private-key", "wallet-import-format", ("wif", "bitcoin", "btc", "private", "wallet"),
        r"""(?<![A-Za-z0-9])(?P<v>[5KL][1-9A-HJ-NP-Za-km-z]{50,51})(?![A-Za-z0-9])""",
        lambda match: values.looks_random(match["v"]),
    ),
    _Rule(
        "seed-phrase", "seed-phrase", ("phrase", "mnemonic", "seed words", "recovery words"),
        r"""(?i:seed|mnemonic|recovery|secret|backup)[ _-]?(?i:phrase|words|mnemonic)?[\w "'`=()\\]{0,24}?[:=>][ \t]{0,3}\\{0,7}["'`]?(?P<v>(?:[a-z]{3,8}[ ]){11,23}[a-z]{3,8})(?![a-z])""",
    ),
    _Rule(
        "private-key", "putty-key", ("private-lines",),
        r"""Private-Lines:[ ]\d{1,4}(?:\r?\n|\\{1,7}n)(?P<v>(?:[A-Za-z0-9+/=]|\r?\n(?=[A-Za-z0-9+/=]{16})|\\{1,7}n(?=[A-Za-z0-9+/=]{16})){16,8000})""",
    ),
    _Rule(
        "otp-seed", "otpauth", ("otpauth://",),
        r"""otpauth(?:-migration)?://[\w%@.:/+-]{0,200}?\?(?:[\w%=.+-]{0,100}&){0,8}(?:secret|data)=(?P<v>[A-Za-z0-9%=+/_-]{8,2000})""",
    ),
)  # fmt: skip


_COOKIES = re.compile(r"""cookies?\\{0,15}["']?\]?\s{0,3}(?:[:=,]|=>)?\s{0,3}(?P<pairs>[^\r\n]{8,8000})""")
_COOKIE = re.compile(
    r"""(?:(?<=[ ;:"'=])|(?<=^))(?P<name>[\w.-]{1,80})=(?P<v>[\w.~%+/|:!*@-]{8,4096}={0,2})"""
)
_MANIFEST_DATA = re.compile(r"(?:stringData|kind:[ ]Secret[^{}]{0,2000}?(?:\n|\\n)data):(?=\n|\\n)")
_MANIFEST_ENTRY = re.compile(
    r"(?:\n|\\n)(?:(?P<key>[ ]{1,8}[\w.-]{1,80}):[ ]+(?:[|>]-?(?:\n|\\n)[ ]{1,12})?[\"']?(?P<v>[^\s\"'\\]{1,8000})?|[^ ]|(?=\Z))"
)
_LONGEST_MANIFEST = 32_768
_CODES = re.compile(r"(?:recovery|backup|scratch)[ _-]codes?(?P<codes>[^{}]{8,600})")
_CODE = re.compile(
    r"(?:(?<=[\s,:\"'])|(?<=\\n))(?P<v>[0-9a-z]{4,5}-[0-9a-z]{4,5}(?:-[0-9a-z]{4,5}){0,4})(?![\w-])"
)


def _cookies(text: str, lowered: str) -> Iterator[Span]:
    for header in _COOKIES.finditer(lowered):
        for pair in _COOKIE.finditer(text, *header.span("pairs")):
            value = pair["v"]
            named = classify(pair["name"])
            random = values.looks_random(value) or values.is_hex(value)
            long = len(value) >= (8 if named is not None else 24)
            if (
                long
                and not values.is_placeholder(value)
                and (random or (named is not None and values.is_strong(value)))
            ):
                yield Span(pair.start("v"), pair.end("v"), "session-id", "cookie", STRUCTURE)


def _manifest_secrets(text: str) -> Iterator[Span]:
    """Yield the values of a Kubernetes Secret, whatever their names are."""
    for block in _MANIFEST_DATA.finditer(text):
        for entry in _MANIFEST_ENTRY.finditer(text, block.end(), block.end() + _LONGEST_MANIFEST):
            if not entry["key"]:
                break
            value = entry["v"] or ""
            if len(value) >= 4 and not values.is_placeholder(value) and not values.is_location(value):
                yield Span(*entry.span("v"), "secret", "kubernetes-secret", STRUCTURE)


def _recovery_codes(lowered: str) -> Iterator[Span]:
    for notice in _CODES.finditer(lowered):
        for code in _CODE.finditer(lowered, *notice.span("codes")):
            if any(map(str.isdigit, code["v"])) and not values.is_measure(code["v"]):
                yield Span(code.start("v"), code.end("v"), "recovery-code", "recovery-codes", STRUCTURE)


_HINTS = frozenset(hint for rule in _RULES for hint in rule.hints)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.VERBOSE)


def find(text: str, lowered: str) -> Iterator[Span]:
    """Yield the secrets that their surroundings give away.

    Args:
        text: any text.
        lowered: the same text in lower case, character for character.

    Yields:
        Spans of rank STRUCTURE.
    """
    present = {hint for hint in _HINTS if hint in lowered}
    for kind, rule, hints, pattern, check in _RULES:
        if present.isdisjoint(hints):
            continue
        for match in _compiled(pattern).finditer(text):
            if check is not None and not check(match):
                continue
            start = match.start("v")
            trimmed = match["v"].rstrip(".,;:" if kind != "url-password" else "")
            if trimmed:
                yield Span(start, start + len(trimmed), kind, rule, STRUCTURE)
    if "cookie" in lowered:
        yield from _cookies(text, lowered)
    if "stringData:" in text or "kind: Secret" in text:
        yield from _manifest_secrets(text)
    if " code" in lowered or "_code" in lowered:
        yield from _recovery_codes(lowered)
