"""Names, tags and references of templates: which are allowed, and which template a reference means.

A name is what a person calls a template. No file name is ever made from one; names that look like a
path are refused all the same, because the person probably means a file.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import NamedTuple

from warmtui.errors import AmbiguousError, NotFoundError, UsageError
from warmtui.library.sqlite import storable
from warmtui.library.store import Transaction

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
_COMPARED_NAMES = 2_000
"""How many of the newest names are compared for a suggestion; comparing is slow."""
_LISTED = 5


class Ref(NamedTuple):
    """A parsed reference: `name` or `t_id`, either with `@version` or without."""

    text: str
    version: int | None


def check_name(name: str) -> str:
    r"""Check a name and return it as it is kept: stripped, NFC.

    Args:
        name: any text up to 200 characters without control or invisible characters. A `/` inside
            groups (`ops/deploy`); a path (`/x`, `x/`, `../x`, `~/x`, `C:\x`), an ending `@digits` and
            the form of an id mean something else and are refused.

    Raises:
        UsageError: it cannot be a name; says why.
    """
    return _checked(name, "template name", NAME_CHARACTERS, _name_objection)


def check_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Check tags and return them as they are kept: stripped, NFC, each once, sorted.

    Raises:
        UsageError: one is empty, over 60 characters, or holds control or invisible characters.
    """
    return tuple(sorted({_checked(tag, "tag", TAG_CHARACTERS, _no_objection) for tag in tags}))


def parse_ref(ref: str) -> Ref:
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
        raise UsageError(f"{quote(ref)} asks for version 0", "versions are numbered from 1")
    return Ref(text, version)


def id_start(text: str) -> str | None:
    """Return a text as the start of an id; None when no id starts like it."""
    lowered = text.lower() if len(text) <= len(ID_PREFIX) + ID_LENGTH else ""
    return lowered if _ID_START.fullmatch(lowered) else None


def quote(text: str) -> str:
    """Quote a text for an error, cut to 80 characters."""
    return repr(text if len(text) <= 80 else text[:79] + "…")


def _checked(text: str, what: str, most: int, objection: Callable[[str], str]) -> str:
    # A far longer text is refused as it is, because normalising it takes long.
    kept = unicodedata.normalize("NFC", text).strip() if len(text) <= 4 * most else text
    if not kept:
        raise UsageError(f"the {what} is empty", f"give one of 1 to {most} characters")
    if len(kept) > most:
        raise UsageError(f"the {what} {quote(kept)} has {len(kept)} characters", f"use at most {most}")
    for character in kept:
        category = unicodedata.category(character)
        if category in ("Cc", "Cs", "Zl", "Zp") or (category == "Cf" and character not in _JOINERS):
            raise UsageError(
                f"the {what} {quote(kept)} holds the control or invisible character U+{ord(character):04X}",
                "leave it out",
            )
    if why := objection(kept):
        raise UsageError(f"the {what} {quote(kept)} {why}", "choose another")
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


# Finding a template


class TemplateRef(NamedTuple):
    """The template and version that a reference means."""

    id: str
    name: str
    version: int
    """The number that the reference asks for, else that of the current version."""
    pinned: bool
    """Whether the reference asks for a version."""


async def find(transaction: Transaction, ref: str, *, deleted: bool = False) -> TemplateRef:
    """Find the template with this name, else this id, else the only id that starts like this.

    Args:
        transaction: any.
        ref: the reference, with `@version` or without.
        deleted: look among the deleted templates instead of those in use.

    Raises:
        UsageError: the reference is empty.
        NotFoundError: nothing fits; names that are close are suggested.
        AmbiguousError: it is the start of several ids, or the name of several deleted templates.
    """
    wanted = parse_ref(ref)
    rows = await _matching_rows(transaction, wanted, deleted=deleted)
    if len(rows) > 1:
        raise _ambiguous(wanted.text, rows)
    if not rows:
        raise await _not_found(transaction, wanted.text, deleted=deleted)
    template_id, name, current, _ = rows[0]
    if wanted.version is None:
        return TemplateRef(template_id, name, current, pinned=False)
    if wanted.version > current:
        raise no_such_version(name, wanted.version, current)
    return TemplateRef(template_id, name, wanted.version, pinned=True)


async def find_whole(transaction: Transaction, ref: str, *, deleted: bool = False) -> TemplateRef:
    """Find a template by a reference that names no version.

    Raises:
        UsageError: the reference asks for one version.
    """
    found = await find(transaction, ref, deleted=deleted)
    if found.pinned:
        raise UsageError(
            f"{quote(ref)} names one version, but this concerns the whole template",
            f"give {quote(found.name)}",
        )
    return found


async def find_by_name(transaction: Transaction, name: str) -> TemplateRef | None:
    """Find the template in use that has exactly this name; None when the name is free."""
    row = await transaction.row(
        "SELECT id, name, current_version FROM templates WHERE name = ? AND deleted_at IS NULL", name
    )
    return TemplateRef(row[0], row[1], row[2], pinned=False) if row else None


def no_such_version(name: str, number: int, current: int) -> NotFoundError:
    """Make the error for a version that a template does not have."""
    return NotFoundError(
        f"the template {quote(name)} has no version {number}",
        f"it has the versions 1 to {current}" if current > 1 else "it has version 1 only",
    )


async def _matching_rows(
    transaction: Transaction, wanted: Ref, *, deleted: bool
) -> list[tuple[str, str, int, str | None]]:
    state = "IS NOT NULL" if deleted else "IS NULL"
    columns = f"SELECT id, name, current_version, deleted_at FROM templates WHERE deleted_at {state} AND"
    rows = await transaction.rows(f"{columns} name = ? ORDER BY deleted_at", wanted.text)
    start = id_start(wanted.text)
    if not rows and start:
        rows = await transaction.rows(f"{columns} substr(id, 1, ?) = ? ORDER BY id", len(start), start)
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _ambiguous(text: str, rows: list[tuple[str, str, int, str | None]]) -> AmbiguousError:
    listed = [
        f"{template_id} ({quote(name)}{', deleted ' + deleted_at if deleted_at else ''})"
        for template_id, name, _, deleted_at in rows
    ]
    more = f" and {len(listed) - _LISTED} more" if len(listed) > _LISTED else ""
    return AmbiguousError(
        f"{quote(text)} fits {len(rows)} templates: {', '.join(listed[:_LISTED])}{more}",
        "give the id, or more of it",
    )


async def _not_found(transaction: Transaction, text: str, *, deleted: bool) -> NotFoundError:
    what = f"there is no {'deleted ' if deleted else ''}template {quote(text)}"
    other = await _matching_rows(transaction, Ref(text, None), deleted=not deleted)
    if other and deleted:
        return NotFoundError(what, f"{quote(other[0][1])} is in use, not deleted")
    if other:
        return NotFoundError(what, f"it was deleted: `warmtui undelete {other[0][0]}` brings it back")
    close = await _close_names(transaction, text, deleted=deleted)
    if close:
        return NotFoundError(what, f"did you mean {' or '.join(quote(name) for name in close)}?")
    command = "warmtui list --deleted" if deleted else "warmtui list"
    return NotFoundError(what, f"`{command}` shows what there is")


async def _close_names(transaction: Transaction, text: str, *, deleted: bool) -> list[str]:
    if len(text) > NAME_CHARACTERS:
        return []
    rows = await transaction.rows(
        f"SELECT name FROM templates WHERE deleted_at IS {'NOT ' if deleted else ''}NULL "
        "ORDER BY updated_at DESC LIMIT ?",
        _COMPARED_NAMES,
    )
    by_fold = {name.casefold(): name for (name,) in rows}
    close = difflib.get_close_matches(text.casefold(), by_fold, n=3, cutoff=0.6)
    return [by_fold[name] for name in close]
