"""Whether a value under a name is the secret that the name asks for."""

from __future__ import annotations

import re

from warmtui.curation.detect import values
from warmtui.curation.detect.secrets.names import Named, classify
from warmtui.curation.detect.secrets.separators import Place

_SLUG = re.compile(r"[a-z]+\d{0,2}(?:[-_./][a-z]+\d{0,2}){1,8}")
_DIGEST = re.compile(r"(?:sha\d{1,3}|md5|h1|blake2\w?)[:-]", re.IGNORECASE)
_SHORTEST = 4
_SEED_WORDS = 12


def accepts(value: str, named: Named, place: Place, *, quoted: bool) -> bool:
    """Say whether a value is the secret that its name asks for.

    Args:
        value: what stands under the name, without quotes.
        named: what the name asks for.
        place: how the value stands under the name.
        quoted: the value is a string literal.

    Returns:
        False for placeholders, references, locations, quantities and code, and for values without the make-up
        that the name asks for.
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
        if not quoted and not place.explicit and (values.is_code(value) or values.is_dotted(value)):
            return False
        return _accepts_weak(value, named, place)
    if value.isdecimal():
        return named.asks == "password" and len(value) >= 6 and (quoted or place.explicit)
    if values.is_measure(value) or (value.isalpha() and classify(value) is not None):
        return False
    if place.wide and values.is_relative_path(value):
        return False
    if not quoted and not place.explicit and values.is_code(value):
        return False
    if named.asks == "password":
        told = (quoted or place.explicit) and not place.wide and len(value) >= 6
        return told or values.is_strong(value)
    return _accepts_secret(value, place, quoted=quoted)


def _accepts_secret(value: str, place: Place, *, quoted: bool) -> bool:
    digits = any(map(str.isdigit, value))
    letters = any(map(str.isalpha, value))
    if values.looks_random(value) and digits and letters:
        return True
    if _SLUG.fullmatch(value) and not place.explicit:
        return False
    if place.wide:
        return values.is_hex(value) and len(value) >= 32
    if place.explicit:
        return values.is_strong(value)
    return len(value) >= (8 if quoted else 12) and digits and letters


def _accepts_weak(value: str, named: Named, place: Place) -> bool:
    if named.kind == "signature":
        return place.query and len(value) >= 20
    if named.kind == "secret-id" and values.is_uuid(value):
        return True
    if len(value) < 16 or _is_key_path(value) or values.is_uuid(value) or values.entropy(value) < 3:
        return False
    if values.is_hex(value):
        told = (
            place.explicit
            or (named.kind in {"session-id", "auth"} and place.cookie)
            or named.kind == "secret-key"
        )
        return told and len(value) >= 32
    return values.looks_random(value) and any(map(str.isdigit, value))


def _is_key_path(value: str) -> bool:
    """Whether a value may be the key of a stored object: `uploads/0e14…-…/file.png`."""
    return "/" in value and ("." in value or "-" in value)
