"""Names, tags and references of templates: which are allowed, and how they are parsed.

A name is what a person calls a template. No file name is ever made from one; names that look like a
path are refused all the same, because whoever gives one believes that it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import NamedTuple

from warmtui.errors import UsageError
from warmtui.library.sqlite import storable

NAME_CHARACTERS = 200
TAG_CHARACTERS = 60

ID_PREFIX = "t_"
ID_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
"""Base32 of RFC 4648, lower case."""
ID_LENGTH = 10
"""Letters after the prefix: 50 bits."""

_ID = re.compile(f"{ID_PREFIX}[a-z2-7]{{{ID_LENGTH}}}")
_ID_START = re.compile(f"{ID_PREFIX}[a-z2-7]{{1,{ID_LENGTH}}}")
_NUMBER = re.compile(r"[0-9]+")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")

_JOINERS = "\u200c\u200d"
"""Invisible characters that are part of words and of emoji in several scripts."""


class Ref(NamedTuple):
    """A parsed reference: `name` or `t_id`, either with `@version` or without."""

    text: str
    version: int | None


def checked_name(name: str) -> str:
    r"""Check a name and return it as it is kept: stripped, NFC.

    Args:
        name: any text up to 200 characters without control or invisible characters. A `/` inside
            groups (`ops/deploy`); a path (`/x`, `x/`, `../x`, `~/x`, `C:\x`), an ending `@digits` and
            the form of an id mean something else and are refused.

    Raises:
        UsageError: it cannot be a name; says why.
    """
    return _checked(name, "template name", NAME_CHARACTERS, _name_objection)


def checked_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Check tags and return them as they are kept: stripped, NFC, each once, sorted.

    Raises:
        UsageError: one is empty, over 60 characters, or holds control or invisible characters.
    """
    return tuple(sorted({_checked(tag, "tag", TAG_CHARACTERS, _no_objection) for tag in tags}))


def parsed_ref(ref: str) -> Ref:
    """Split a reference into what it names and the version it asks for.

    Raises:
        UsageError: it is empty, or its version is 0.
    """
    text = unicodedata.normalize("NFC", storable(ref)).strip()
    head, at, tail = text.rpartition("@")
    version = None
    if at and _NUMBER.fullmatch(tail):
        # Nine digits are beyond any history, and int() refuses very long ones.
        text, version = head.rstrip(), int(tail[:10])
    if not text:
        raise UsageError("no template is named", "give its name, or its id as `warmtui list` shows it")
    if version == 0:
        raise UsageError(f"{shown(ref)} asks for version 0", "versions are numbered from 1")
    return Ref(text, version)


def id_start(text: str) -> str | None:
    """Return a text as the start of an id; None when no id starts like it."""
    lowered = text.lower() if len(text) <= len(ID_PREFIX) + ID_LENGTH else ""
    return lowered if _ID_START.fullmatch(lowered) else None


def shown(text: str) -> str:
    """Quote a text for an error, cut to 80 characters."""
    return repr(text if len(text) <= 80 else text[:79] + "…")


def _checked(text: str, what: str, most: int, objection: Callable[[str], str]) -> str:
    kept = unicodedata.normalize("NFC", text).strip() if len(text) <= 4 * most else text
    if not kept:
        raise UsageError(f"the {what} is empty", f"give one of 1 to {most} characters")
    if len(kept) > most:
        raise UsageError(f"the {what} {shown(kept)} has {len(kept)} characters", f"use at most {most}")
    for character in kept:
        category = unicodedata.category(character)
        if category in ("Cc", "Cs", "Zl", "Zp") or (category == "Cf" and character not in _JOINERS):
            raise UsageError(
                f"the {what} {shown(kept)} holds the control or invisible character U+{ord(character):04X}",
                "leave it out",
            )
    if why := objection(kept):
        raise UsageError(f"the {what} {shown(kept)} {why}", "choose another")
    return kept


def _no_objection(_: str) -> str:
    return ""


def _name_objection(name: str) -> str:
    """Say why a name would be read as something else; empty when it would not."""
    parts = re.split(r"[\\/]", name)
    if len(parts) > 1 and (not all(part.strip() for part in parts) or parts[0] == "~"):
        return "is a path"
    if any(part.strip() in (".", "..") for part in parts) or _DRIVE.match(name):
        return "is a path"
    _, at, tail = name.rpartition("@")
    if at and _NUMBER.fullmatch(tail):
        return "ends like a version (`@` and a number)"
    if _ID.fullmatch(name.lower()):
        return "has the form of an id"
    return ""
