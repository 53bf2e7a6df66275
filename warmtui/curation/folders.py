"""Folders as placeholders (C8, C14): `{cwd}` for a session's working directory, `{home}` for home folders.

Kept so in the library and put back at export and launch, so that a template serves more than one project
and tells nobody's name, and masking never breaks an argument.
"""

from __future__ import annotations

import json
import re

HOME = "{home}"
CWD = "{cwd}"
_LITERAL = re.compile(r"(?<!\{)(\{+)(cwd|home)(\}+)")
_BEGINS = r"(?:(?<![\w.~-])|(?<=\\[nrtbf])|(?<=\s-[A-Za-z]))"
"""Where a path begins: not inside a name, but after an escape (`\\n` in JSON) and after `-I`."""
_LETTER = r"\\{1,16}u[0-9a-fA-F]{4}"
_NAME = rf"(?:\w|{_LETTER})(?:[\w.-]|{_LETTER}){{0,63}}"
_ANY_HOME = re.compile(
    rf"(?<!\}}){_BEGINS}/(?:home|Users)/{_NAME}(?![\w.-])"
    rf"|(?<!\w)[A-Za-z]:(?:\\{{1,16}}|/)Users(?:\\{{1,16}}|/){_NAME}"
    r"(?: [A-Z][\w.-]{0,31}(?=[\\/]))?(?![\w.-])"
)
"""A home folder of anybody: its name is personal. What follows it stays."""
_SHARED = re.compile(r"/(?:home|Users)/(?:Shared|linuxbrew|runner)(?![\w.-])")
"""Folders in the place of homes that belong to nobody."""


def _folder(path: str) -> re.Pattern[str]:
    """Match a folder's path where a path begins, and only as a whole: `/a/b` is not in `/a/bc`."""
    return re.compile(_BEGINS + re.escape(path.rstrip("/")) + r"(?![\w.-]*[\w-])")


def _plain(folder: str | None) -> str | None:
    """Return a folder worth masking; the root of everything is none."""
    return folder if folder and folder.rstrip("/") else None


def mask_folders(text: str, *, home: str | None, cwd: str | None) -> str:
    """Replace the working directory by `{cwd}` and every home folder by `{home}`.

    `{cwd}` and `{home}` that the text has already become `{{cwd}}` and `{{home}}`. Another person's home
    becomes `{home}` too: its name is personal, and the loss is on purpose. `/root` is a home only when it is
    the given one or the working directory lies in it.

    Args:
        text: a text of a session.
        home: the home folder of the session's user, when it is known.
        cwd: the session's working directory.

    Returns:
        The text; `resolve_folders` with the same folders gives it back when it names no other home.
    """
    return _mask(text, (cwd,), (home,))


def _mask(text: str, cwds: tuple[str | None, ...], homes: tuple[str | None, ...]) -> str:
    """Mask folders, each given in every spelling that it may have in the text."""
    text = _LITERAL.sub(lambda found: "{" + found[0] + "}", text)
    if any(cwd and (cwd + "/").startswith("/root/") for cwd in cwds):
        homes = (*homes, "/root")
    for folders, slot in ((cwds, CWD), (homes, HOME)):
        for folder in dict.fromkeys(map(_plain, folders)):
            if folder is not None and folder in text:
                text = _put(text, _folder(folder), slot)
    if "/home/" in text or "Users" in text:
        text = _put(text, _ANY_HOME, HOME)
    return text


def _put(text: str, folders: re.Pattern[str], slot: str) -> str:
    """Replace folders by a slot, but not `{folder}`: with its braces the slot would mean a literal one."""

    def one(found: re.Match[str]) -> str:
        braced = text[found.start() - 1 : found.start()] == "{" and text[found.end() : found.end() + 1] == "}"
        return found[0] if braced or _SHARED.match(found[0]) else slot

    return folders.sub(one, text)


def resolve_folders(text: str, *, home: str, cwd: str) -> str:
    """Put folders back in place of `{home}` and `{cwd}`.

    Args:
        text: what `mask_folders` gave.
        home: what `{home}` stands for.
        cwd: what `{cwd}` stands for.
    """
    folders = {"home": home.rstrip("/") or "/", "cwd": cwd.rstrip("/") or "/"}

    def put(found: re.Match[str]) -> str:
        if len(found[1]) > 1 and len(found[3]) > 1:
            return found[0][1:-1]  # one pair of braces more than a placeholder means a literal one
        return found[1][1:] + folders[found[2]] + found[3][1:]

    return _LITERAL.sub(put, text) if "{cwd}" in text or "{home}" in text else text


def mask_json_folders(text: str, *, home: str | None, cwd: str | None) -> str:
    """Mask the folders in JSON text, in which they stand as JSON strings hold them.

    Args:
        text: JSON, or JSON inside JSON strings.
        home: as `mask_folders` takes it, not escaped.
        cwd: likewise.

    Returns:
        The text, JSON as before.
    """

    def spellings(folder: str | None) -> tuple[str | None, ...]:
        if folder is None:
            return (None,)
        once = (json.dumps(folder, ensure_ascii=False)[1:-1], json.dumps(folder)[1:-1])
        twice = (json.dumps(once[0], ensure_ascii=False)[1:-1], json.dumps(once[1])[1:-1])
        return tuple(dict.fromkeys((*twice, *once)))

    return _mask(text, spellings(cwd), spellings(home))


def resolve_json_folders(text: str, *, home: str, cwd: str) -> str:
    """Put folders back into JSON text, escaped as JSON strings need it, so that it stays JSON."""
    return resolve_folders(
        text, home=json.dumps(home, ensure_ascii=False)[1:-1], cwd=json.dumps(cwd, ensure_ascii=False)[1:-1]
    )
