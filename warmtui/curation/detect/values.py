# ruff: noqa: E501 - a pattern is read and compared best on one line
"""Values in text: how they are read, and whether one is a placeholder, a reference, a location, code or a secret.

Values are quoted or bare, in source code, a shell line, JSON, or JSON inside JSON.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import cache
from itertools import pairwise
from typing import NamedTuple

LONGEST = 8192
"""Characters of a value that are read at most; a private key of 4,096 bits in PEM has 3,300."""


class Value(NamedTuple):
    """Where a value lies in a text."""

    start: int
    end: int
    quoted: bool


_OPEN = re.compile(r"""(?P<prefix>[bBrRuUfF@]{0,2})(?P<slashes>\\{0,15})(?P<quote>\"{3}|'{3}|["'`])""")


def quoted_value(text: str, position: int) -> Value | None:
    """Read the quoted string that opens at `position`, at any depth of JSON escaping.

    A quote after n backslashes is closed by the next quote after n backslashes. A quote after more of them is
    part of the value. A quote after fewer closes something around the value, which ends there unterminated. A
    raw line break ends an unterminated value too.

    Args:
        text: any text.
        position: offset of the opening quote, with its backslashes or a prefix like `b`.

    Returns:
        The place between the quotes, or None if no quote opens there.
    """
    opened = _OPEN.match(text, position)
    if opened is None:
        return None
    quote = opened["quote"]
    depth = len(opened["slashes"])
    start = opened.end()
    limit = min(len(text), start + LONGEST)
    if quote[0] != '"' or depth == 0:
        line = text.find("\n", start, limit) if len(quote) == 1 else -1
        limit = line if line >= 0 else limit
    at = start
    while (at := text.find(quote, at, limit)) >= 0:
        slashes = _slashes_before(text, at, start)
        if slashes < depth:
            return Value(start, at - slashes, True)
        if slashes % (2 * (depth + 1)) == depth:
            return Value(start, at - depth, True)
        at += len(quote)
    return Value(start, _whole_escapes(text, start, limit), True)


def _slashes_before(text: str, at: int, start: int) -> int:
    # a longer run is hostile; counting it from each quote would be quadratic
    low = max(start, at - 64)
    segment = text[low:at]
    return len(segment) - len(segment.rstrip("\\"))


def _whole_escapes(text: str, start: int, end: int) -> int:
    """Move `end` back over backslashes, so that no escape is split."""
    return end - _slashes_before(text, end, start)


_ESCAPE_STOPS = r"""\\++(?![nrtbf"'`/]|u00[0-3][0-9a-fA-F]|x1[bB]|033|u20[23][0-9])"""
_WORD = re.compile(rf"""(?:[^\s\x00-\x1f"'`\\;&|<>()\[\]{{}}‹›]|{_ESCAPE_STOPS})+""")
_LINE = re.compile(rf"""(?:[^\s\x00-\x1f"'`\\‹›]|{_ESCAPE_STOPS})+""")
_QUERY = re.compile(r"""[^\s\x00-\x1f"'`\\;&#|<>()\[\]{}‹›]+""")
_LINE_END = re.compile(r"""[ \t]*(?:\r?\n|\\{1,7}[nr]|\Z|["']|\\{1,7}")""")
_NEXT_FIELD = re.compile(r"""[,&](?=\s*["']?[\w.-]{1,40}["']?\s*[:=])""")


def bare_value(text: str, position: int, *, query: bool = False, line: bool = False) -> Value | None:
    """Read an unquoted value, without the closing punctuation of a sentence or list; None if there is none.

    Args:
        text: any text.
        position: where it begins.
        query: it is in a URL's query, so `&` and `#` end it.
        line: it stands alone on its line, and is the whole rest of the line if that is a single word.
    """
    end = min(len(text), position + LONGEST)
    # a password alone on its line may hold signs that end a word elsewhere
    if line:
        match = _LINE.match(text, position, end)
        if (
            match
            and _LINE_END.match(text, match.end())
            and not _NEXT_FIELD.search(text, position, match.end())
        ):
            return Value(position, _trim(text, position, match.end(), ",;"), False)
    match = (_QUERY if query else _WORD).match(text, position, end)
    if match is None:
        return None
    stop = match.end()
    field = _NEXT_FIELD.search(text, position, min(stop + 64, len(text)))
    if field and field.start() < stop:
        stop = field.start()
    stop = _trim(text, position, stop, ".,:;")
    return Value(position, stop, False) if stop > position else None


def _trim(text: str, start: int, end: int, characters: str) -> int:
    while end > start and text[end - 1] in characters:
        end -= 1
    return end


_ESCAPE_LETTERS = "nrtbf"


def words(text: str) -> frozenset[str]:
    """Return the words of a text, which white space separates."""
    return frozenset(text.split())


def at_left_edge(text: str, start: int) -> bool:
    r"""Whether a token may begin at `start`: after no word character, or after one that belongs to an escape.

    The escapes are a backslash letter (`\n` in JSON text), a colour code (`ESC[32m`) and `%3D` of a URL.
    """
    if start == 0:
        return True
    before = text[start - 1]
    if not (before.isalnum() or before in "_-"):
        return True
    if start == 1:
        return False
    earlier = text[start - 2]
    if before in _ESCAPE_LETTERS and earlier == "\\":
        return True
    if before == "m" and (earlier.isdigit() or earlier == "["):
        return bool(_COLOUR_BEFORE.search(text, max(0, start - 14), start))
    if before in "0123456789abcdefABCDEF" and start >= 3:
        return text[start - 3] == "%" and earlier in "234567"
    return False


_COLOUR_BEFORE = re.compile(r"\[[0-9;]{0,10}m\Z")

_FILLER_WORDS = re.compile(
    r"example|placeholder|redacted|your[_-]|_your|x{6}|0{8}|\*{3}|\.{3}|…|replace[_-]?me|insert[_-]|changeme",
    re.IGNORECASE,
)
_ENOUGH = 512
"""Characters of a value that are tested; a placeholder is shorter."""
_RUN = 0.6


def is_filler(token: str) -> bool:
    """Whether a token of the right format is documentation: `AKIAIOSFODNN7EXAMPLE`, `ghp_xxxx…`, `sk-1234567890…`.

    A token with a telling word is. So is a token in which three fifths of the neighbouring characters are equal
    or consecutive (`abcdef…`, `1234…`); in a random token of 62 characters it is a twentieth.
    """
    if _FILLER_WORDS.search(token):
        return True
    body = token[-64:]
    near = sum(1 for left, right in pairwise(body) if 0 <= ord(right) - ord(left) <= 1)
    return len(body) > 7 and near >= _RUN * (len(body) - 1)


_MASKED = re.compile(r"[*•●.…xX#_?–—-]{2,}|[xX*0-]{4,}|(?:\S{1,8})?(?:\*{3,}|•{3,}|\.{3}|…)(?:\S{1,8})?")
_REFERENCE = re.compile(
    r"""\$(?:\{|\(|\[)              # ${X}, $(command), $[expression]
      | \$[A-Za-z_][\w:.]*(?:\Z|/)   # $X, $env:X, $HOME/x
      | \{\{? | <[^>]*>?\Z          # {x}, {{ x }}, <your key>
      | %\(|%[sdr]\b|%[A-Za-z_]\w*%\Z
      | \#\{ | @[A-Za-z_]+@\Z | &[a-z]\w*\Z
      | !(?:vault|secret|Ref|Sub|GetAtt|env|include|reference)\b
      | \[                          # [REDACTED], a list
      | ‹
      | ENC\[ | \(sensitive | \(known\ after | \(hidden
      | (?:vault|op|ssm|sops|env|secretsmanager|akv|gcpsm|file|doppler|keyring|awssm|bws|infisical):
      | arn:aws | projects/[^/\s]+/secrets/ | secret/data/
      | (?:process|import\.meta)\.env | os\.(?:environ|getenv) | ENV\[ | System\.getenv | getenv | env\( | config\(
      | data:[a-z]+/
    """,
    re.VERBOSE,
)
_PATH = re.compile(r"(?:~|\.{1,2}|[A-Za-z]:)?[/\\][\w.@+/\\ -]{0,400}")
_FILE = re.compile(
    r"[\w.-]{1,80}\.(?:ya?ml|json|toml|env|txt|pem|key|crt|cer|p12|pfx|jks|py|js|ts|tsx|go|rs|rb|sh|md|ini|conf|cfg|xml|java|php|cs|html|css|log|enc|gpg|asc|lock|tf|sql|csv)"
)
_RELATIVE = re.compile(r"[\w./-]{1,400}")
_HOST_AND_PORT = re.compile(r"(?:localhost|[\w-]{1,60}(?:\.[\w-]{1,60}){1,6}):\d{2,5}")
_URL = re.compile(r"[a-z][a-z0-9+.-]{1,20}://", re.IGNORECASE)
_WORDS_OF_NOTHING = words(
    """
    none null nil undefined true false yes no on off empty blank unset missing invalid valid expired
    required optional disabled enabled hidden masked removed sensitive encrypted protected secure
    secured stored string str text int integer bool boolean object array number float bytes any void
    unknown default auto plain plaintext bearer basic digest oauth oauth2 jwt mac token tokens password
    passwords passwd passphrase pass secret secrets key keys apikey credential credentials auth
    authentication authorization session cookie user username login admin root test tests testing demo
    sample example placeholder dummy fake foo bar baz foobar qux abc abcd changeme change change-me
    change_me changethis change-this change_this letmein todo tbd fixme replace replaceme replace-me
    redacted your yours my the a an value values here some something this that it is are was not was
    write read prompt input stdin file env environment keychain keyring vault manual ask inherit confirm
    reset forgot forgotten update updated change changed create created set get new old current
    incorrect wrong correct strong weak short long field label hint authenticator manager policy hash
    hashed salt bcrypt argon2 scrypt sha256 sha512 md5 rs256 hs256 es256 base64 hex utf8 utf-8 ascii
    number email phone code otp sms magic link anonymous guest public private shared internal local
    localhost production staging development accepted rejected denied granted found failed failure
    success succeeded ok error warning rotated revoked word words p@ss refreshed rotate provided
    supplied specified configured
    """
)
_PARTS = re.compile(r"[A-Za-z]+|\d+|[^A-Za-z\d]+")
_CAMEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def says_nothing(value: str) -> bool:
    """Whether a value is a common word of settings and prose: `true`, `localhost`, `required`."""
    return value.lower() in _WORDS_OF_NOTHING


def is_placeholder(value: str) -> bool:
    """Whether a value is a placeholder for a secret: `changeme`, `<your-key>`, `****`, `${X}`, `my-secret`."""
    value = value[:_ENOUGH]
    if not value or _MASKED.fullmatch(value) or _REFERENCE.match(value):
        return True
    if _FILLER_WORDS.search(value):
        return True
    words = [word.lower() for word in _CAMEL.findall(value)]
    if value.lower() in _WORDS_OF_NOTHING:
        return True
    if not words:
        return len(value) < 6
    letters = [word for word in words if not word.isdigit()]
    digits = [word for word in words if word.isdigit()]
    if letters and all(word in _WORDS_OF_NOTHING for word in letters):
        only_words = all(
            part.isalnum() or part in {"-", "_", " ", ".", "/", ":", "@"} for part in _PARTS.findall(value)
        )
        return only_words and digits in ([], ["1"], ["2"])
    return len(value) > 7 and is_filler(value)


def is_location(value: str) -> bool:
    """Whether a value says where something is (a path, a file name, a URL without credentials)."""
    if _URL.match(value) or _HOST_AND_PORT.fullmatch(value):
        return True
    if _FILE.fullmatch(value) and not looks_random(value.rsplit(".", 1)[0]):
        return True
    return bool(_PATH.fullmatch(value)) and not looks_random(value)


def is_relative_path(value: str) -> bool:
    """Whether a value may be a path without a leading mark: `man5/passwd.5`, `464/tcp`."""
    return "/" in value and bool(_RELATIVE.fullmatch(value)) and not looks_random(value)


_CODE = re.compile(
    r"""[A-Za-z_$][\w$.]*(?:\(|\[|::|\?\.|->)    # a call, an index
      | [*&]{1,2}[A-Za-z_]\w*\Z          # a pointer
      | (?:self|this|cls|config|settings|os|env|process|args|opts?|options|request|req|ctx|context|data|params|
           props|state|app|user|creds?|credentials|secrets|vars?|values?|local|module|each|input|input_\w+|form|
           kwargs|session|response|resp|res|event|event_\w+|cfg|conf|parser|namespace|model|obj|item|row|body)
        \.[A-Za-z_]
      | (?:await|new|not|f|r|b|rb|lambda|func|function|if|return|typeof|async)\b(?=[\s"'(])
    """,
    re.VERBOSE,
)
_NAME = re.compile(r"[A-Za-z_$][A-Za-z_$.]*\??")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_WORD_DOT_WORD = re.compile(r"[a-z]{3,}\.[a-z]{3,}\d{1,4}")
_SNAKE = re.compile(r"[a-z]+(?:_[a-z0-9]+)+\d?|[A-Z]+(?:_[A-Z0-9]+)+|[a-z]+(?:[A-Z][a-z]+)+\d?")


def is_code(value: str) -> bool:
    """Whether an unquoted value is an expression: a call, an attribute, a name, a type."""
    if _CODE.match(value) or (_NAME.fullmatch(value) and not looks_random(value)):
        return True
    if _DOTTED.fullmatch(value) and not _WORD_DOT_WORD.fullmatch(value) and not looks_random(value):
        return True
    return bool(_SNAKE.fullmatch(value))


def is_dotted(value: str) -> bool:
    """Whether a value is names joined by dots, as attributes and modules are."""
    return bool(_DOTTED.fullmatch(value))


_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]{16,}")
_DATE = re.compile(
    r"\d{4}-\d\d-\d\d|\d{1,2}:\d\d|v?\d+(?:\.\d+)+|\d+(?:ms|s|m|h|d|kb|mb|gb|k|px|%|-bit|x)?", re.IGNORECASE
)


def is_measure(value: str) -> bool:
    """Whether a value is a number, a date, a time, a version or a quantity."""
    return bool(_DATE.fullmatch(value)) or bool(re.match(r"\d{4}-\d\d-\d\d[T ]?", value) and len(value) < 33)


def is_uuid(value: str) -> bool:
    """Whether a value is a UUID."""
    return bool(_UUID.fullmatch(value))


def is_hex(value: str) -> bool:
    """Whether a value is sixteen or more hexadecimal digits, as hashes and commit ids are."""
    return bool(_HEX.fullmatch(value))


def entropy(value: str) -> float:
    """Shannon entropy of the characters of a value, in bits per character."""
    total = len(value)
    return (
        -sum(count / total * math.log2(count / total) for count in Counter(value).values()) if total else 0.0
    )


_SPOKEN = re.compile(r"(?=[^aeiouy]{0,3}[aeiouy])(?:(?![b-df-hj-np-tv-xz]{4})[a-z]){4,64}", re.IGNORECASE)
_SWITCHES = 0.3


@cache
def _class_of(character: str) -> int:
    if character.isdigit():
        return 0
    if character.isupper():
        return 1
    return 2 if character.isalpha() else 3


def looks_random(value: str) -> bool:
    """Whether a value was generated: it is long, and its characters change class as often as by chance.

    It needs 16 characters, three tenths of which differ from the next in class (digit, upper case, lower case).
    Joined words stay below; random base64 is at two thirds, random hexadecimal at a half.
    """
    body = value[:200]
    if len(body) < 16:
        return False
    classes = [kind for kind in map(_class_of, body) if kind != 3]
    if len(classes) < 12:
        return False
    switches = sum(1 for left, right in pairwise(classes) if left != right)
    return switches >= _SWITCHES * (len(classes) - 1) and not is_wordy(body)


def is_wordy(value: str) -> bool:
    """Whether half of a value is words: four letters or more with a vowel, without four consonants in a row."""
    words = sum(len(word) for word in _CAMEL.findall(value) if len(word) > 3 and _SPOKEN.fullmatch(word))
    return 2 * words >= sum(map(str.isalnum, value)) > 0


def is_strong(value: str) -> bool:
    """Whether a value looks like a password: letters with digits or signs."""
    if len(value) < 6:
        return False
    kinds = {_class_of(character) for character in value[:200]}
    letters = kinds & {1, 2}
    if not letters:
        return False
    if 0 in kinds:
        return True
    signs = sum(1 for character in value[:200] if character in "!@#$%^&*?+=~")
    return (bool(signs) and len(value) >= 8) or looks_random(value)


def is_reference_at(text: str, position: int) -> bool:
    """Whether a reference to a secret begins at an offset: `${X}`, `{{ x }}`, `os.environ[…]`."""
    return bool(_REFERENCE.match(text, position, min(len(text), position + 200)))


def could_be_secret(word: str) -> bool:
    """Whether a value is long enough for a secret, and is no placeholder, location or quantity."""
    return not (
        len(word) < 4
        or any(map(str.isspace, word))
        or is_placeholder(word)
        or is_location(word)
        or is_measure(word)
    )
