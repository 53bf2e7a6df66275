"""Edit a text in the person's own editor. Whatever the editor does, no text is lost."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from textual.app import SuspendNotSupported

from warmtui.errors import WarmtuiError
from warmtui.temporary import editing, keep
from warmtui.tui.terminal import ignore_interrupts

LARGEST = 1_000_000
"""Most bytes accepted from an editor; a field of a template has a few hundred."""


class Edited(NamedTuple):
    """The result of editing."""

    text: str | None
    """The new text; None when there is none."""
    trouble: str = ""
    """Why there is none; empty when nothing changed."""


def editor_of(environ: Mapping[str, str]) -> str:
    """Return the editor's command line: `VISUAL`, else `EDITOR`; empty when neither is set."""
    return environ.get("VISUAL", "").strip() or environ.get("EDITOR", "").strip()


def edit_outside(
    text: str, name: str, command: str, environ: Mapping[str, str], suspend: AbstractContextManager[None]
) -> Edited:
    """Edit a text in another program, which has the terminal, and wait for it.

    What the program wrote but cannot be used stays in its file, and the trouble names the file.

    Args:
        text: what it begins with.
        name: of the file, so that the editor knows what it is.
        command: the program with its arguments, as `editor_of` returns it.
        environ: its environment.
        suspend: lends it the terminal: `App.suspend()`.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        return Edited(None, f"the editor's command cannot be read: {error}; set EDITOR to another")
    if not words:
        return Edited(None, "no editor is set; for example: export EDITOR=nano")
    given = text.encode("utf-8", "replace")
    try:
        with editing(name, given) as file:
            return _run(words, file, given, environ, suspend)
    except WarmtuiError as error:
        return Edited(None, str(error))


def _run(
    words: list[str],
    file: Path,
    given: bytes,
    environ: Mapping[str, str],
    suspend: AbstractContextManager[None],
) -> Edited:
    try:
        with suspend, ignore_interrupts():
            code = subprocess.call([*words, str(file)], env=dict(environ))
    except SuspendNotSupported:
        return Edited(None, "this terminal cannot be handed to an editor")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        return Edited(None, f"{words[0]} could not be started: {reason}")
    return _taken(words[0], code, file, given)


def _taken(program: str, code: int, file: Path, given: bytes) -> Edited:
    """Return the text that is in the file now."""
    try:
        size = file.stat().st_size
        data = file.read_bytes() if size <= LARGEST else b""
    except OSError as error:
        return Edited(None, f"{program} left no file: {error.strerror or error}; nothing was changed")
    # an editor that only adds the last line break changed nothing
    if data in (given, given + b"\n"):
        return Edited(None, f"{program} returned {code}; nothing was changed" if code else "")
    if code:
        return Edited(None, f"{program} returned {code}; nothing was changed, {_kept(file)}")
    if size > LARGEST:
        return Edited(None, f"{size:,} bytes are too many for a template; nothing was changed, {_kept(file)}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Edited(None, f"byte {error.start + 1:,} is not UTF-8; nothing was changed, {_kept(file)}")
    # editors add a line break at the end; a text that had none gets none
    return Edited(text if given.endswith(b"\n") else text.removesuffix("\n"))


def _kept(file: Path) -> str:
    return f"what it wrote is in {keep(file)}"
