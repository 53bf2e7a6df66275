"""Paths made relative (C14): absolute ones in a text that was masked before become `{cwd}` and `{home}`."""

from __future__ import annotations

import re
from typing import NamedTuple

from warmtui.curation.folders import mask_folders, mask_json_folders
from warmtui.curation.long_texts import LongTexts

_relative: LongTexts[str] = LongTexts()
# a run of braces begins only once, so that many of them cost no more than their length
_PLACEHOLDER = re.compile(r"(?<!\{)\{++(?:cwd|home)\}++")


class SessionFolders(NamedTuple):
    """The folders of one session, or of wherever the person is."""

    home: str | None
    cwd: str | None
    session_id: str | None = None
    """Only for items of this session; None for all."""


def make_relative(text: str, folders: SessionFolders | None = None, *, is_json: bool = False) -> str:
    """Replace the working directory by `{cwd}` and home folders, anybody's, by `{home}`.

    Unlike `mask_folders` it leaves the placeholders that the text has already, so that doing it again
    changes nothing.

    Args:
        text: a text of a seed.
        folders: what to replace; without them only home folders are.
        is_json: the text is JSON, in which folders stand escaped.
    """
    return _relative.of(text, (folders, is_json), lambda: _made_relative(text, folders, is_json))


def _made_relative(text: str, folders: SessionFolders | None, is_json: bool) -> str:
    kept: list[str] = []
    number = 0
    while f"place{number}x" in text:
        number += 1

    def hide(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"place{number}x{len(kept) - 1}z"

    change = mask_json_folders if is_json else mask_folders
    home, cwd = (folders.home, folders.cwd) if folders else (None, None)
    text = change(_PLACEHOLDER.sub(hide, text), home=home, cwd=cwd)
    return re.sub(f"place{number}x(\\d+)z", lambda found: kept[int(found[1])], text) if kept else text
