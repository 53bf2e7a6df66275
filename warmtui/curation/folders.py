"""Folders as placeholders: `{cwd}` for a session's working directory, `{home}` for home folders.

The library keeps the placeholders; export and launch resolve them. So a template serves more than one project
and reveals no one's name, and masking never breaks an argument.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import NamedTuple

from warmtui.curation.long_texts import cache_long_texts

HOME = "{home}"
CWD = "{cwd}"
_LITERAL = re.compile(r"(?<!\{)(\{+)(cwd|home)(\}+)")
_BEGINS = r"(?:(?<![\w.~-])|(?<=\\[nrtbf])|(?<=\s-[A-Za-z]))"
"""Where a path can begin: not inside a name, but after an escape (`\\n` in JSON) and after `-I`."""
_LETTER = r"\\{1,16}u[0-9a-fA-F]{4}"
_NAME = rf"(?:\w|{_LETTER})(?:[\w.-]|{_LETTER}){{0,63}}"
_ANY_HOME = re.compile(
    rf"(?<!\}}){_BEGINS}/(?:home|Users)/{_NAME}(?![\w.-])"
    rf"|(?<!\w)[A-Za-z]:(?:\\{{1,16}}|/)Users(?:\\{{1,16}}|/){_NAME}"
    r"(?: [A-Z][\w.-]{0,31}(?=[\\/]))?(?![\w.-])"
)
"""Anybody's home folder: its name is personal. What follows it stays."""
_SHARED = re.compile(r"/(?:home|Users)/(?:Shared|linuxbrew|runner)(?![\w.-])")
"""Folders beside people's homes that belong to no person."""
# possessive, so that a long run of braces costs no more than its length
_PLACEHOLDER = re.compile(r"(?<!\{)\{++(?:cwd|home)\}++")


@dataclass(frozen=True, slots=True)
class Folders:
    """The values of `{home}` and `{cwd}` where a bootstrap will be used."""

    home: str
    cwd: str


UNRESOLVED = Folders(home=HOME, cwd=CWD)
"""Leaves the placeholders as they are, for texts in the library."""


class SessionFolders(NamedTuple):
    """The folders of one session, or of the place where the person is."""

    home: str | None
    cwd: str | None
    session_id: str | None = None
    """Only items of this session use them; with None, all items may."""


def _folder(path: str) -> re.Pattern[str]:
    """Match a folder's path where a path can begin, and only as a whole: `/a/b` does not match `/a/bc`."""
    return re.compile(_BEGINS + re.escape(path.rstrip("/")) + r"(?![\w.-]*[\w-])")


def mask_folders(text: str, *, home: str | None, cwd: str | None, is_json: bool = False) -> str:
    """Replace the working directory by `{cwd}` and every home folder by `{home}`.

    A literal `{cwd}` or `{home}` in the text becomes `{{cwd}}` or `{{home}}`. Another person's home becomes
    `{home}` too, because its name is personal; losing it is intended. `/root` is a home only when it is
    `home` or contains `cwd`.

    Args:
        text: a text of a session.
        home: the home folder of the session's user, if known.
        cwd: the session's working directory, if known.
        is_json: the text is JSON, or JSON inside JSON strings, where folders are escaped.

    Returns:
        The masked text; JSON stays JSON. `resolve_folders` with the same folders gives the original back,
        unless that names another home.
    """
    cwds, homes = _spellings(cwd, is_json), _spellings(home, is_json)
    text = _LITERAL.sub(lambda found: "{" + found[0] + "}", text)
    if any((folder + "/").startswith("/root/") for folder in cwds):
        homes = (*homes, "/root")
    for folders, slot in ((cwds, CWD), (homes, HOME)):
        for folder in folders:
            if folder in text:
                text = _put(text, _folder(folder), slot)
    # the pattern for anybody's home is slow, so most texts must not reach it
    if "/home/" in text or "Users" in text:
        text = _put(text, _ANY_HOME, HOME)
    return text


def _spellings(folder: str | None, is_json: bool) -> tuple[str, ...]:
    """Return how a folder may be spelled in a text; nothing for the root, which is not worth masking."""
    if not folder or not folder.rstrip("/"):
        return ()
    if not is_json:
        return (folder,)
    once = (json.dumps(folder, ensure_ascii=False)[1:-1], json.dumps(folder)[1:-1])
    twice = (json.dumps(once[0], ensure_ascii=False)[1:-1], json.dumps(once[1])[1:-1])
    return tuple(dict.fromkeys((*twice, *once)))


def _put(text: str, folders: re.Pattern[str], slot: str) -> str:
    """Replace folders by a slot, except in `{folder}`: within its braces the slot would be a literal one."""

    def replacement(found: re.Match[str]) -> str:
        braced = text[found.start() - 1 : found.start()] == "{" and text[found.end() : found.end() + 1] == "}"
        return found[0] if braced or _SHARED.match(found[0]) else slot

    return folders.sub(replacement, text)


def resolve_folders(text: str, folders: Folders, *, is_json: bool = False) -> str:
    """Put folders in place of `{home}` and `{cwd}` in a result of `mask_folders`; JSON stays JSON."""
    names = {"home": folders.home, "cwd": folders.cwd}
    if is_json:
        names = {name: json.dumps(folder, ensure_ascii=False)[1:-1] for name, folder in names.items()}

    def put(found: re.Match[str]) -> str:
        if len(found[1]) > 1 and len(found[3]) > 1:
            return found[0][1:-1]  # doubled braces escape a literal placeholder
        return found[1][1:] + (names[found[2]].rstrip("/") or "/") + found[3][1:]

    return _LITERAL.sub(put, text) if "{cwd}" in text or "{home}" in text else text


@cache_long_texts
def make_relative(text: str, folders: SessionFolders | None = None, *, is_json: bool = False) -> str:
    """Replace the working directory by `{cwd}` and home folders, anybody's, by `{home}`.

    Unlike `mask_folders`, this leaves the placeholders in the text alone, so it is idempotent.

    Args:
        text: a text of a seed.
        folders: the folders to replace; without them, only home folders are replaced.
        is_json: the text is JSON, where folders are escaped.
    """
    placeholders: list[str] = []
    number = 0
    # the stand-in must not occur in the text itself
    while f"place{number}x" in text:
        number += 1

    def hide(found: re.Match[str]) -> str:
        placeholders.append(found[0])
        return f"place{number}x{len(placeholders) - 1}z"

    home, cwd = (folders.home, folders.cwd) if folders else (None, None)
    text = mask_folders(_PLACEHOLDER.sub(hide, text), home=home, cwd=cwd, is_json=is_json)
    if not placeholders:
        return text
    return re.sub(f"place{number}x(\\d+)z", lambda found: placeholders[int(found[1])], text)
