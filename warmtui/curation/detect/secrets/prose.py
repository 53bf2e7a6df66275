# ruff: noqa: E501 - a pattern is read and compared best on one line
"""Secrets in sentences: «the password for bob is …», «use … as the token»."""

from __future__ import annotations

import re

from warmtui.curation.detect import values
from warmtui.curation.detect.literals import Value, bare_value, quoted_value
from warmtui.curation.detect.secrets.names import Named

_LINK = re.compile(
    r"[ \w@.,()'/-]{0,56}?(?:[ \t](?:is|are|was|to|as|from|ist|est|es|är|é)(?:[ \t]now|[ \t]set[ \t]to|:)?[ \t]{1,3}|[ \t]{0,2}(?:[:=→⇒]|->)[ \t]{1,3}|[ ]\((?=[^\s)]))(?=\S)"
)
_NEXT = re.compile(r"[ \t]{1,3}(?=\S)")
_IS = re.compile(r"\b(?:is|was)\b|[:=]")
_USER_BEFORE = re.compile(r"\b(?:user|login|account)\b", re.IGNORECASE)
_TECHNICAL = re.compile(
    r"(?:sha|md|aes|rsa|hs|rs|es|ps|utf|base|tls|ssl|oauth|http|ipv|x|pbkdf|argon|bcrypt|scrypt|ed|p|v|s|ec2|k8s|python|node|iso|rfc|cve)"
    r"[-_.]?\d[\w.-]{0,12}|\w+@\w[\w.-]+|\d[\w-]{0,3}-?(?:bit|char|character|digit|day|hour|minute|second|byte|word|factor)s?\b.*|\d+\w{0,2}",
    re.IGNORECASE,
)
_SIGN_WITHIN = re.compile(r"(?=.{0,200}[A-Z])\w[!@#$%^&*+=~]{1,8}\w")
_AS_THE = re.compile(
    r"(?:\A|[\s\"'`(,])(?P<v>[^\s\"'`(),;<>\\‹›]{6,200})[\"'`]?[ ](?:(?:is|as|for|was)[ ](?:(?:the|your|my|our|a|an|its|their|new)[ ])?(?:[\w-]{1,16}[ ]){0,3}|(?:[\w. ]{1,30}[ ])?\((?:the[ ])?)\Z"
)
_PAIR = re.compile(r"[A-Za-z][\w.@+-]{0,60}[ ]{0,2}[/:,|][ ]{0,2}(?P<v>[^\s\"'`<>,;\\‹›]{6,200})")


def value_before_name(text: str, position: int, named: Named) -> Value | None:
    """Read the secret that a sentence gives before the name at `position`: «use … as the password»."""
    sentence = _AS_THE.search(text, max(0, position - 120), position)
    if sentence is None or not _is_secret_word(sentence["v"], named, joined=True):
        return None
    return Value(*sentence.span("v"), False)


def value_after_name(
    text: str, start: int, position: int, named: Named, *, next_word: bool = True
) -> Value | None:
    """Read the secret that a sentence gives after its name.

    In a sentence the value must look like a secret: letters with digits or signs for a password, sixteen random
    characters for a token, digits for a PIN.

    Args:
        text: any text.
        start: where the name begins.
        position: where the name ends.
        named: what the name asks for.
        next_word: the next word may be the secret, without a verb before it.
    """
    limit = min(len(text), position + 96)
    verb = text[start:position].lower() == "pass"
    evident = not verb or _USER_BEFORE.search(text, max(0, start - 40), start)
    for pattern in (_NEXT, _LINK) if next_word else (_LINK,):
        link = pattern.match(text, position, limit)
        joined = pattern is _LINK
        if link and verb and joined and not _IS.search(link.group()):
            continue
        if link and (joined or evident) and (value := _read(text, link.end(), named, joined=joined)):
            return value
    return None


def _read(text: str, at: int, named: Named, *, joined: bool) -> Value | None:
    if named.kind == "credentials":
        pair = _PAIR.match(text, at)
        good = pair and _is_secret_word(pair["v"], Named("password", "password"), joined=True)
        return Value(*pair.span("v"), False) if pair and good else None
    value = quoted_value(text, at) or bare_value(text, at)
    if value is None or text[value.end : value.end + 1] in {"(", "["}:
        return None
    return value if _is_secret_word(text[value.start : value.end], named, joined=joined) else None


def _is_secret_word(word: str, named: Named, *, joined: bool) -> bool:
    if (
        values.is_placeholder(word)
        or values.is_location(word)
        or values.is_relative_path(word)
        or any(map(str.isspace, word))
    ):
        return False
    if named.asks == "short":
        return joined and word.isdecimal() and 4 <= len(word) <= 8
    if values.is_measure(word) or _TECHNICAL.fullmatch(word) or values.is_code(word):
        return False
    digits = any(map(str.isdigit, word)) or _SIGN_WITHIN.search(word) is not None
    if named.asks == "password":
        return values.is_strong(word) and (joined or (digits and len(word) >= 8))
    if len(word) >= 16 and values.looks_random(word):
        return True
    return values.is_hex(word) and len(word) >= 32 and named.kind != "secret-key"
