# ruff: noqa: E501 - a pattern is read and compared best on one line
"""Values under a telling name: environment, YAML, JSON, TOML, XML, flags, queries, source code, sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

from warmtui.curation.detect import values
from warmtui.curation.detect.rule import NAMED, Span
from warmtui.curation.detect.secrets.names import KEYWORD, SecretName, classify
from warmtui.curation.detect.secrets.separators import COLOUR, LINE_START, SEPARATOR, Notation, notation_of

_NAME_TAIL = re.compile(r"[\w-]{0,48}(?:\.[\w-]{1,24}){0,3}")
_LONGEST_NAME = 48
_TRIES = 8
"""Names that are tried within a refused value; keeps `key=key=key=…` linear."""
_SPACE = re.compile(r"[ \t]{0,40}")
_WRAPPER = re.compile(
    rf"""(?:new\s)?(?:
          (?:SecretStr|Secret|SecureString|String|str|bytes|pulumi\.(?:String|secret)|Buffer\.from|Some|quote(?:_plus)?
             |base64\.\w{{1,20}}|b64decode|atob|btoa|(?:bytes|bytearray)\.fromhex|unhexlify|\[\]byte)\(\s{{0,3}}
        | \[\s?(?=["'])
        | ConvertTo-SecureString\s(?:-String\s)?
        | {COLOUR}
        )""",
    re.VERBOSE,
)
_SCHEME = re.compile(r"(?:Bearer|Basic|Token|token|bearer|basic|ApiKey|Bot|SSWS|Key)[ \t]+")
_CUE = re.compile(r"[ ](?:(?:is|as|for|was)[ ](?:[\w-]{1,16}[ ]){0,4}|\((?:the[ ])?)\Z")
_WORDS_BEFORE = re.compile(r"[A-Za-zé]{2,12} (?:[A-Za-zé]{2,12} )?\Z")
_NEEDS_WORDS = frozenset(("key", "keys", "token", "tokens", "phrase", "words", "passe", "secret"))
_COLOUR_TAIL = re.compile(r"[0-9]{1,3}m")
_SLUG = re.compile(r"[a-z]+\d{0,2}(?:[-_./][a-z]+\d{0,2}){1,8}")
_DIGEST = re.compile(r"(?:sha\d{1,3}|md5|h1|blake2\w?)[:-]", re.IGNORECASE)
_SHORTEST = 4
_SEED_WORDS = 12


def find(text: str, lowered: str) -> Iterator[Span]:
    """Yield the values under names that ask for a secret, from a text and its lower-cased form."""
    done = refused = tries = 0  # where the last name or value ends, where the last refused value ends
    for keyword in KEYWORD.finditer(lowered):
        if keyword.start() < done:
            continue
        # settings joined without spaces look like one value, so the names in it are tried too
        if keyword.start() < refused:
            tries += 1
            if tries > _TRIES:
                done = refused
                continue
        start = _name_start(text, keyword.start(), done)
        tail = _NAME_TAIL.match(text, keyword.end())
        end = done = tail.end() if tail else keyword.end()
        separator = SEPARATOR.match(text, end)
        # a sentence may give the secret before its name: «… as the password»
        cue = text[start - 1 : start] in {" ", "("} and _CUE.search(text, max(0, start - 48), start)
        if separator is None and not cue:
            continue
        name = text[start:end]
        named = classify(_with_words_before(text, start, name) if name.lower() in _NEEDS_WORDS else name)
        if named is None:
            continue
        span = value = None
        notation = notation_of(text, start, name, separator) if separator else None
        if separator is not None and notation is not None:
            value = _value(text, start, separator, notation)
            span = value and _accepted(text, value, named, notation)
            if value is not None and span is None and value.end > refused:
                refused, tries = value.end, tries if start < refused else 0
        if span is None and named.asks != "weak":
            span = _in_prose(text, start, end, named, separator, cue=bool(cue), next_word=notation is None)
        if span is not None:
            done = max(done, span.end)
            yield span


def _name_start(text: str, at: int, floor: int) -> int:
    """Find where the name around a keyword begins: after an escape, a URL's escape or a colour code."""
    low = max(floor, at - _LONGEST_NAME)
    start = at
    while start > low and (text[start - 1].isalnum() or text[start - 1] in "_.-"):
        start -= 1
    before = text[start - 1 : start]
    if before == "\\" and text[start] in "nrtbf" and start < at:
        start += 1
    elif before == "%" and text[start : start + 2] in {"26", "3F", "3f", "20", "22"}:
        start += 2
    elif before == "[" and (colour := _COLOUR_TAIL.match(text, start, at)):
        start = colour.end()
    return min(start, at)


def _with_words_before(text: str, start: int, name: str) -> str:
    """Put up to two words of the line before a name of one word: `key` in «the API key» is an API key."""
    if text[start - 1 : start] != " ":
        return name
    words = _WORDS_BEFORE.search(text, max(0, start - 26), start)
    return words.group() + name if words else name


def _value(text: str, start: int, separator: re.Match[str], notation: Notation) -> values.Value | None:
    at = separator.end()
    if separator["form"] is None and (space := _SPACE.match(text, at)):
        at = space.end()
    if wrapper := _WRAPPER.match(text, at):
        at = wrapper.end()
    elif values.is_reference_at(text, at):
        return None
    value = values.quoted_value(text, at) or _unquoted(text, start, at, separator, notation)
    return _without_scheme(text, value) if value else None


def _accepted(text: str, value: values.Value, named: SecretName, notation: Notation) -> Span | None:
    """Return the span of a value, if it is the secret that its name asks for."""
    literal = value.quoted and text[value.start - 1] != "`"
    if not _accepts(text[value.start : value.end], named, notation, quoted=literal):
        return None
    return Span(value.start, value.end, named.kind, f"{named.kind}-by-name", NAMED)


def _accepts(value: str, named: SecretName, notation: Notation, *, quoted: bool) -> bool:
    """Whether a value is the secret that its name asks for.

    It is not if it is a placeholder, reference, location, quantity or code, or does not look like
    what the name asks for.

    Args:
        value: the value of the name, without quotes.
        named: what the name asks for.
        notation: how the value is tied to the name.
        quoted: the value is a string literal.
    """
    if len(value) < _SHORTEST or values.is_placeholder(value) or _DIGEST.match(value):
        return False
    if any(map(str.isspace, value)):
        return (named.kind == "seed-phrase" and value.count(" ") >= _SEED_WORDS - 1) or "-----BEGIN" in value
    if named.asks == "short":
        return (value.isdecimal() and len(value) <= 8) or (quoted and values.is_strong(value))
    if values.is_location(value) or value.startswith("("):
        return False
    if named.asks == "weak":
        if not quoted and not notation.explicit and (values.is_code(value) or values.is_dotted(value)):
            return False
        return _accepts_weak(value, named, notation)
    if value.isdecimal():
        return named.asks == "password" and len(value) >= 6 and (quoted or notation.explicit)
    if values.is_measure(value) or (value.isalpha() and classify(value) is not None):
        return False
    if notation.wide and values.is_relative_path(value):
        return False
    if not quoted and not notation.explicit and values.is_code(value):
        return False
    if named.asks == "password":
        evident = (quoted or notation.explicit) and not notation.wide and len(value) >= 6
        return evident or values.is_strong(value)
    return _accepts_secret(value, notation, quoted=quoted)


def _accepts_secret(value: str, notation: Notation, *, quoted: bool) -> bool:
    digits = any(map(str.isdigit, value))
    letters = any(map(str.isalpha, value))
    if values.looks_random(value) and digits and letters:
        return True
    if _SLUG.fullmatch(value) and not notation.explicit:
        return False
    if notation.wide:
        return values.is_hex(value) and len(value) >= 32
    if notation.explicit:
        return values.is_strong(value)
    return len(value) >= (8 if quoted else 12) and digits and letters


def _accepts_weak(value: str, named: SecretName, notation: Notation) -> bool:
    if named.kind == "signature":
        return notation.query and len(value) >= 20
    if named.kind == "secret-id" and values.is_uuid(value):
        return True
    if len(value) < 16 or _is_key_path(value) or values.is_uuid(value) or values.entropy(value) < 3:
        return False
    if values.is_hex(value):
        evident = (
            notation.explicit
            or (named.kind in {"session-id", "auth"} and notation.cookie)
            or named.kind == "secret-key"
        )
        return evident and len(value) >= 32
    return values.looks_random(value) and any(map(str.isdigit, value))


def _is_key_path(value: str) -> bool:
    """Whether a value may be the key of a stored object: `uploads/0e14…-…/file.png`."""
    return "/" in value and ("." in value or "-" in value)


def _unquoted(
    text: str, start: int, at: int, separator: re.Match[str], notation: Notation
) -> values.Value | None:
    first = LINE_START.search(text, max(0, start - 48), start) and separator["op"] in {"=", ":"}
    line = separator["form"] is not None or (bool(first) and not notation.wide)
    value = values.bare_value(text, at, query=notation.query, line=line)
    if value is None or (text[value.end : value.end + 1] in {"(", "["} and value.end < len(text)):
        return None
    if separator["xml"] is not None and not text[value.end : value.end + 24].lstrip().startswith(("<", "]")):
        return None
    return value


def _without_scheme(text: str, value: values.Value) -> values.Value:
    """Drop the scheme of an authorization header, `Bearer `, from the start of a value."""
    scheme = _SCHEME.match(text, value.start)
    if scheme is None:
        return value
    if value.quoted:
        return value._replace(start=scheme.end()) if scheme.end() < value.end else value
    return values.bare_value(text, scheme.end()) or value


def _in_prose(
    text: str,
    start: int,
    end: int,
    named: SecretName,
    separator: re.Match[str] | None,
    *,
    cue: bool,
    next_word: bool,
) -> Span | None:
    value = _value_before_name(text, start, named) if cue else None
    spoken = separator is not None and separator["closed"] is None
    evident = separator is not None and (separator["gap"] or named.kind == "credentials")
    if value is None and spoken and evident:
        value = _value_after_name(text, start, end, named, next_word=next_word)
    return Span(value.start, value.end, named.kind, f"{named.kind}-in-prose", NAMED) if value else None


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


def _value_before_name(text: str, position: int, named: SecretName) -> values.Value | None:
    """Read the secret that a sentence gives before the name at `position`: «use … as the password»."""
    sentence = _AS_THE.search(text, max(0, position - 120), position)
    if sentence is None or not _is_secret_word(sentence["v"], named, joined=True):
        return None
    return values.Value(*sentence.span("v"), False)


def _value_after_name(
    text: str, start: int, position: int, named: SecretName, *, next_word: bool = True
) -> values.Value | None:
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


def _read(text: str, at: int, named: SecretName, *, joined: bool) -> values.Value | None:
    if named.kind == "credentials":
        pair = _PAIR.match(text, at)
        good = pair and _is_secret_word(pair["v"], SecretName("password", "password"), joined=True)
        return values.Value(*pair.span("v"), False) if pair and good else None
    value = values.quoted_value(text, at) or values.bare_value(text, at)
    if value is None or text[value.end : value.end + 1] in {"(", "["}:
        return None
    return value if _is_secret_word(text[value.start : value.end], named, joined=joined) else None


def _is_secret_word(word: str, named: SecretName, *, joined: bool) -> bool:
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
