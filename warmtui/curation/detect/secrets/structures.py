# ruff: noqa: E501 - a pattern is read and compared best on one line
"""Secrets that their surroundings show: PEM keys, headers, cookies, URLs, password hashes, connection strings."""

from __future__ import annotations

import base64
import binascii
import re
from bisect import bisect_left
from collections.abc import Iterator

from warmtui.curation.detect import values
from warmtui.curation.detect.rule import STRUCTURE, Check, Rule, RuleTable, Span, value_span, within
from warmtui.curation.detect.secrets.names import classify


def _without_punctuation(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    start = match.start("v")
    trimmed = match["v"].rstrip(".,;:")
    return (start, start + len(trimmed)) if trimmed else None


def _rule(kind: str, name: str, hints: tuple[str, ...], pattern: str, check: Check | None = None) -> Rule:
    """Make a rule of a verbose pattern whose group `v` is the secret.

    A pattern starts with literal characters where it can: the search is then several times faster.
    """
    return Rule(
        name=name,
        pattern=pattern,
        hints=frozenset(hints),
        kind=kind,
        raw=True,
        flags=re.VERBOSE,
        check=check,
        extent=value_span if kind == "url-password" else _without_punctuation,
    )


_DATABASE = re.compile(
    r"(?:postgres|postgresql|mysql|mariadb|mongodb|redis|rediss|amqp|amqps|cockroachdb|mssql|sqlserver|clickhouse|ldaps?|ftps?|smtps?|imaps?)(?:\+\w{1,16})?\Z"
)
_NO = r"""[^\s"'<>`\\‹›]"""


def _no_default_password(match: re.Match[str]) -> bool:
    """Reject `user:pass@`, placeholders, and a well-known default (`postgres:postgres`) on a local host."""
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


_COOKIE_HEADER = re.compile(
    r"""(?i:cookies?)\\{0,15}["']?\]?\s{0,3}(?:[:=,]|=>)?\s{0,3}(?P<pairs>[^\r\n]{8,8000})"""
)
_MANIFEST_DATA = re.compile(r"(?:stringData|kind:[ ]Secret[^{}]{0,2000}?(?:\n|\\n)data):(?=\n|\\n)")
_MANIFEST_ENTRY = r"(?:\n|\\n)(?:(?P<key>[ ]{1,8}[\w.-]{1,80}):[ ]+(?:[|>]-?(?:\n|\\n)[ ]{1,12})?[\"']?(?P<v>[^\s\"'\\]{1,8000})?|[^ ]|(?=\Z))"
_LONGEST_MANIFEST = 32_768
_CODES = re.compile(r"(?:recovery|backup|scratch)[ _-]codes?(?P<codes>[^{}]{8,600})")
_CODE = r"(?:(?<=[\s,:\"'])|(?<=\\n))(?P<v>[0-9a-z]{4,5}-[0-9a-z]{4,5}(?:-[0-9a-z]{4,5}){0,4})(?![\w-])"


def _is_session(match: re.Match[str]) -> bool:
    value = match["v"]
    named = classify(match["name"]) is not None
    if len(value) < (8 if named else 24) or values.is_placeholder(value):
        return False
    return values.looks_random(value) or values.is_hex(value) or (named and values.is_strong(value))


def _manifest_entries(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Search the data of a Kubernetes Secret, whose values are secret whatever their names are."""
    for block in _MANIFEST_DATA.finditer(text):
        for entry in pattern.finditer(text, block.end(), block.end() + _LONGEST_MANIFEST):
            if not entry["key"]:
                break
            yield entry


def _is_manifest_secret(match: re.Match[str]) -> bool:
    value = match["v"] or ""
    return len(value) >= 4 and not values.is_placeholder(value) and not values.is_location(value)


def _is_code(match: re.Match[str]) -> bool:
    return any(map(str.isdigit, match["v"])) and not values.is_measure(match["v"])


_RULES = RuleTable((
    Rule(
        "private-key-base64",
        r"LS0tLS1CRUdJTi(?:BSU0EgUFJJVkFURS|BQUklWQVRF|BFQyBQUklWQVRF|BPUEVOU1NIIFBSSVZBVE|BFTkNSWVBURUQgUFJJVkFURS|BEU0EgUFJJVkFURS|BQR1AgUFJJVkFURS)"
        r"[A-Za-z0-9+/=]{16,}|b3BlbnNzaC1rZXktdjEA[A-Za-z0-9+/=]{40,}",
        frozenset(("ls0tls1crudjti", "b3blbnnzac1rzxktdjea")), kind="private-key", raw=True,
    ),
    _rule(
        "url-password", "url-userinfo", ("://",),
        r"""://(?P<user>[^\s/:@"'<>`\\‹›?\#]{0,100}):(?P<v>[^\s/"'<>`\\‹›]{1,300})@(?P<host>\[?[A-Za-z0-9_${][\w.-]*)""",
        _no_default_password,
    ),
    _rule(
        "url-password", "database-url", ("://",),
        r"""://(?P<user>[^\s/:@"'<>`\\‹›?\#]{0,100}):(?P<v>[^\s"'<>`\\‹›@]{1,200})@(?P<host>[\w.-]+)(?=[:/?])""",
        lambda match: bool(_DATABASE.search(match.string, max(0, match.start() - 24), match.start())) and _no_default_password(match),
    ),
    _rule(
        "url-password", "url-user-token", ("://",),
        r"""://(?P<v>[\w.~%+-]{20,300})(?::(?:x-oauth-basic|x-token-auth)?)?@(?P<host>[\w.-]+)""",
        _is_url_user,
    ),
    _rule(
        "auth-header", "authorization-basic", ("basic",),
        r"""(?:[Aa]uthorization|AUTHORIZATION)[\w-]{0,8}\\{0,15}["']?\s{0,3}(?:[:=,]|=>)\s{0,3}\\{0,15}["']?[Bb]asic[ ]{1,2}(?P<v>[A-Za-z0-9+/_-]{6,2000}={0,2})""",
        _is_basic,
    ),
    _rule(
        "auth-header", "basic-credentials", ("basic ",),
        r"""\b[Bb]asic[ ](?P<v>[A-Za-z0-9+/]{8,2000}={0,2})(?![\w+/=])""",
        _is_user_and_password,
    ),
    _rule(
        "auth-header", "bearer", ("bearer", "oauth ", "ssws ", "splunk ", "apikey ", "genie"),
        r"""\b(?:[Bb]earer|BEARER|OAuth|SSWS|Splunk|[Aa]pi[Kk]ey|GenieKey)(?:[ ]|%20|\\u0020){1,2}(?:token=)?\\{0,7}["']?(?P<v>[A-Za-z0-9][\w.~+/!@$%*-]{5,8000}={0,2})""",
        _is_token,
    ),
    _rule(
        "auth-header", "authorization", ("authorization",),
        rf"""[Aa]uthorization\\{{0,15}}["']?\]?\s{{0,3}}(?:[:=,]|=>)\s{{0,3}}\\{{0,15}}["']?(?:(?:[Tt]oken|[Kk]ey|Bot|Negotiate|NTLM|JWT|PRIVATE-TOKEN)[ ]{{1,2}}(?:token=\\{{0,7}}["']?)?)?(?P<v>{_NO}{{8,8000}})""",
        _is_token,
    ),
    _rule(
        "signature", "aws-signature", ("aws4-hmac", "x-amz-signature", "x-goog-signature"),
        r"""(?:Signature=|[Xx]-(?:[Aa]mz|[Gg]oog)-[Ss]ignature(?:=|%3D))(?P<v>[0-9A-Fa-f]{32,1024})""",
    ),
    _rule(
        "digest-response", "authorization-digest", ("digest ",),
        r"""(?<=[ ,])response=\\{0,7}"(?P<v>[0-9a-f]{32,128})""",
    ),
    _rule(
        "password-hash", "crypt-hash", ("$",),
        r"""(?P<v>\$(?:1|5|6|7|y|gy|2[abxy]?|apr1|md5|sha1|argon2(?:id|i|d)|scrypt|pbkdf2(?:-sha\d+)?)\$(?:[\w./$=+-]|,(?=[tp]=\d)){16,400})""",
        lambda match: values.entropy(match["v"]) > 3,
    ),
    _rule(
        "password-hash", "framework-hash", ("pbkdf2_sha", "pbkdf2:sha", "scrypt:", "{ssha", "{sha", "scram-sha-256$", "argon2$"),
        r"""(?P<v>(?:pbkdf2_sha\d+\$\d+\$|pbkdf2:sha\d+:\d+\$|scrypt:\d+:\d+:\d+\$|\{S?SHA\d{0,3}\}|SCRAM-SHA-256\$\d+:)[\w./$+=:]{20,400})""",
    ),
    _rule(
        "password-hash", "ntlm-hash", (":::",),
        r"""(?<=:)(?P<v>[0-9a-fA-F]{32}:[0-9a-fA-F]{32}):::""",
    ),
    _rule(
        "connection-string-key", "connection-string", ("accountkey=", "sharedaccesskey=", "sharedsecret="),
        r"""(?i:accountkey|sharedaccesskey|sharedsecret)=(?P<v>[A-Za-z0-9+/%]{16,200}={0,2})""",
    ),
    _rule(
        "webhook-url", "slack-webhook", ("hooks.slack",),
        r"""(?P<v>(?:https://)?hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/[\w/-]{16,200})""",
        lambda match: not values.is_filler(match["v"]),
    ),
    _rule(
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
    _rule(
        "jwt", "jwt", ("eyj",),
        r"""(?:(?<![\w-])|(?<=\\[nrtbf])|(?<=[0-9]m)|(?<=%[0-9A-F]{2}))(?P<v>ey[JK][\w-]{10,}+\.(?:ey[JK][\w-]{4,}+|)\.[\w-]{10,}+(?:\.[\w-]{10,}+\.[\w-]{10,}+)?)""",
    ),
    _rule(
        "jwt", "jwt-unfinished", ("eyjhbgci", "eyj0exai", "eyjrawqi"),
        r"""(?:(?<![\w-])|(?<=\\[nrtbf])|(?<=[0-9]m)|(?<=%[0-9A-F]{2}))(?P<v>eyJ(?:hbGci|0eXAi|raWQi)[\w-]{10,}+\.eyJ[\w-]{20,}+\.?)""",
    ),
    _rule(
        "token", "url-code", ("?code=", "&code="),
        r"""[?&]code=(?P<v>[\w%.~/+=-]{20,2000})""",
        lambda match: values.looks_random(match["v"]) and not values.is_placeholder(match["v"]),
    ),
    _rule(
        "private-key", "jwk", ('"kty', '\\"kty'),
        r"""\\{0,7}"(?:d|p|q|dp|dq|qi|k)\\{0,7}"\s{0,4}:\s{0,4}\\{0,7}"(?P<v>[\w-]{16,1400})""",
    ),
    _rule(
        "password", "registry-auth", ('"auth', "_auth"),
        r"""(?:"auth\\{0,7}"\s{0,4}:\s{0,4}\\{0,7}"|_auth\s{0,3}=\s{0,3}["']?)(?P<v>[A-Za-z0-9+/_-]{8,4000}={0,2})""",
        _is_user_and_password,
    ),
    _rule(
        "private-key", "hexadecimal-key", ("private", "wallet", "secret key"),
        r"""(?i:private[ _-]?key|secret[ _-]?key|wallet[ _-]key|priv[ _-]?key)[\w "'`:=()\\>-]{1,40}?(?P<v>(?:0x)?[0-9a-fA-F]{64})(?![0-9a-fA-F])""",
    ),
    _rule(
        "private-key", "wallet-import-format", ("wif", "bitcoin", "btc", "private", "wallet"),
        r"""(?<![A-Za-z0-9])(?P<v>[5KL][1-9A-HJ-NP-Za-km-z]{50,51})(?![A-Za-z0-9])""",
        lambda match: values.looks_random(match["v"]),
    ),
    _rule(
        "seed-phrase", "seed-phrase", ("phrase", "mnemonic", "seed words", "recovery words"),
        r"""(?i:seed|mnemonic|recovery|secret|backup)[ _-]?(?i:phrase|words|mnemonic)?[\w "'`=()\\]{0,24}?[:=>][ \t]{0,3}\\{0,7}["'`]?(?P<v>(?:[a-z]{3,8}[ ]){11,23}[a-z]{3,8})(?![a-z])""",
    ),
    _rule(
        "private-key", "putty-key", ("private-lines",),
        r"""Private-Lines:[ ]\d{1,4}(?:\r?\n|\\{1,7}n)(?P<v>(?:[A-Za-z0-9+/=]|\r?\n(?=[A-Za-z0-9+/=]{16})|\\{1,7}n(?=[A-Za-z0-9+/=]{16})){16,8000})""",
    ),
    _rule(
        "otp-seed", "otpauth", ("otpauth://",),
        r"""otpauth(?:-migration)?://[\w%@.:/+-]{0,200}?\?(?:[\w%=.+-]{0,100}&){0,8}(?:secret|data)=(?P<v>[A-Za-z0-9%=+/_-]{8,2000})""",
    ),
    Rule(
        "cookie", r"""(?:(?<=[ ;:"'=])|(?<=^))(?P<name>[\w.-]{1,80})=(?P<v>[\w.~%+/|:!*@-]{8,4096}={0,2})""", frozenset(("cookie",)),
        kind="session-id", raw=True, search=within(_COOKIE_HEADER, "pairs"), check=_is_session,
    ),
    Rule(
        "kubernetes-secret", _MANIFEST_ENTRY, frozenset(("stringdata:", "kind: secret")),
        kind="secret", raw=True, search=_manifest_entries, check=_is_manifest_secret,
    ),
    Rule(
        "recovery-codes", _CODE, frozenset((" code", "_code")),
        kind="recovery-code", search=within(_CODES, "codes"), check=_is_code,
    ),
))  # fmt: skip


def find(text: str, lowered: str) -> Iterator[Span]:
    """Yield the secrets that their surroundings show, from a text and its lower-cased form."""
    yield from _private_keys(text)
    yield from _RULES.scan(text, lowered)


_BEGIN = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{2,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----"
)
_END = re.compile(
    r"-----END (?:[A-Z0-9]{2,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----|---- END SSH2 ENCRYPTED PRIVATE KEY ----"
)
_LINE = re.compile(r"[A-Za-z0-9+/=]{16,}")
_LONGEST = 16_384
"""Characters between BEGIN and END at most; a PGP block with several subkeys has about 10,000."""
_CUT_OFF = re.compile(r"(?:[A-Za-z0-9+/=]{4,}+|\\{1,15}[nr]|[\s|>:]|\b\d{1,5}\|)*+")


def _private_keys(text: str) -> Iterator[Span]:
    r"""Yield private keys in PEM and PGP armour: whole, with `\n` in JSON or source code, numbered, cut off.

    A key is found from BEGIN to END. Where quotes interrupt it, as in lines of source code, each run of the
    key's letters is found. A header without key material (`grep "BEGIN PRIVATE KEY"`) is no key.
    """
    if "PRIVATE KEY" not in text:
        return
    begins = list(_BEGIN.finditer(text))
    ends = list(_END.finditer(text))
    starts_of_ends = [end.start() for end in ends]
    for number, begin in enumerate(begins):
        following = begins[number + 1].start() if number + 1 < len(begins) else len(text)
        nearest = bisect_left(starts_of_ends, begin.end())
        limit = min(following, begin.end() + _LONGEST)
        if nearest < len(ends) and starts_of_ends[nearest] < limit:
            stop = starts_of_ends[nearest]
            runs = list(_LINE.finditer(text, begin.end(), stop))
            if not runs:
                continue
            # source code may join a key line by line; the quotes between must stay
            if '"' not in text[begin.end() : stop] and "'" not in text[begin.end() : stop]:
                yield Span(begin.start(), ends[nearest].end(), "private-key", "private-key-pem", STRUCTURE)
                continue
            for run in runs:
                # the letter of `\n` before a run belongs to the escape, not to the key
                escaped = text[run.start() - 1] == "\\" and run.group()[0] in "nrt"
                yield Span(run.start() + escaped, run.end(), "private-key", "private-key-lines", STRUCTURE)
            continue
        body = _CUT_OFF.match(text, begin.end(), limit)
        if body is not None and _LINE.search(text, body.start(), body.end()):
            stop = begin.end() + len(body.group().rstrip())
            yield Span(begin.start(), stop, "private-key", "private-key-cut-off", STRUCTURE)
