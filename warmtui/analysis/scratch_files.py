"""Scratch files, folders and tables: what a session made for itself, not for the project."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from warmtui.analysis.call_shape import MAX_TEXT, CallShape, normal_path
from warmtui.analysis.tools import CREATING_KEYS
from warmtui.model.outcome import JudgedCall

_TEMPORARY = re.compile(r"\A(?:/tmp/|/var/tmp/|/private/tmp/|~?/?\.cache/)")
_SCRATCH_NAME = re.compile(
    r"(?:repro(?:duc\w*)?|scratch|sandbox|playground|te?mp|debug|mre)(?:[_.-][\w.-]*)?\Z"
    r"|(?:test|check|demo|verify|fix|try)[_-](?:issue|bug|fix|patch|repro\w*|case|script|change|solution)[\w.-]*\Z",
    re.IGNORECASE,
)
"""Names that people and agents give to throw-away files and folders at the root."""
_THROWN_AWAY = re.compile(r"(?:repro(?:duc\w*)?|scratch)(?:[_-][\w.-]*)?\.\w{1,8}\Z", re.IGNORECASE)
"""The same for files anywhere."""
_CREATE_TABLE = re.compile(
    r"\bcreate\s{1,9}(?:or\s{1,9}replace\s{1,9})?(?:temp(?:orary)?\s{1,9})?(?:table|view)\s{1,9}"
    r"(?:if\s{1,9}not\s{1,9}exists\s{1,9})?[`\"\[]?([A-Za-z_][\w.$]{0,79})",
    re.IGNORECASE,
)


class ScratchFiles(NamedTuple):
    """What a session made that is not the project's."""

    paths: frozenset[str]
    """Files and folders, relative to the session's folder if inside it."""
    tables: frozenset[str]
    """Database tables and views, in lower case."""

    def holds(self, path: str) -> bool:
        """Whether a path is one of them, is inside one of them, or has a throw-away name.

        >>> ScratchFiles(frozenset({"demo"}), frozenset()).holds("demo/a.py")
        True
        """
        if path in self.paths or _TEMPORARY.match(path) is not None:
            return True
        parts = path.split("/")
        # below the root most such names belong to the project: `src/debug.py`
        if _SCRATCH_NAME.match(parts[0][:200]) or _THROWN_AWAY.match(parts[-1][:200]):
            return True
        return any("/".join(parts[:i]) in self.paths for i in range(1, min(len(parts), 40)))

    def needed_by(self, shape: CallShape) -> bool:
        """Whether a call depends on them: it runs one, queries one of the tables, or names no other file."""
        if self.run_by(shape) or any(f"table:{table}" in shape.targets for table in self.tables):
            return True
        files = shape.files()
        return bool(files) and all(self.holds(path) for path in files)

    def run_by(self, shape: CallShape) -> bool:
        """Whether a call runs one of them as a program."""
        return any(
            self.holds(normal_path(invocation.program, command.directory))
            for command, invocation, _ in shape.steps
            if (invocation.interpreter or "/" in invocation.program)
            and not invocation.module
            and not invocation.code
        )


def find_scratch_files(
    calls: Sequence[JudgedCall], shapes: Sequence[CallShape], cwd: str = ""
) -> ScratchFiles:
    """Find what a session made for itself, from its calls in order and their shapes.

    A file or folder counts if the session made it before any successful call mentioned it, and it is at the
    root, or it or something in it was removed again. Tables and views count if the session created
    them. A new file inside a folder of the project is the project's.
    """
    known: set[str] = set()
    made: set[str] = set()
    removed: set[str] = set()
    tables: set[str] = set()
    for call, shape in zip(calls, shapes, strict=True):
        if call.verdict.outcome != "ok":
            continue
        # what a call mentioned before existed already
        made |= _paths_made(shape, cwd) - known
        removed |= _paths_removed(shape, cwd)
        known |= shape.files() - made
        text = shape.sql or "\n".join(
            part for step in shape.steps for part in (*step.command.words[1:], step.command.inline) if part
        )
        tables.update(name.lower() for name in _CREATE_TABLE.findall(text[:MAX_TEXT]))
    at_root = {path for path in made if "/" not in path}
    gone = {path for path in removed if path in made or _holds_any(path, made)}
    return ScratchFiles(frozenset(gone | at_root), frozenset(tables))


def _paths_made(shape: CallShape, cwd: str) -> set[str]:
    paths: set[str] = set()
    for command, invocation, purpose in shape.steps:
        words = list(command.writes)
        if purpose != "remove" and invocation.program in ("mkdir", "touch"):
            words += [word for word in invocation.rest if word[:1] != "-"]
        paths.update(normal_path(word, command.directory, cwd) for word in words)
    if shape.values is not None and not shape.steps and CREATING_KEYS & shape.values.keys():
        paths |= shape.files_written()
    return paths


def _paths_removed(shape: CallShape, cwd: str) -> set[str]:
    return {
        normal_path(word, step.command.directory, cwd)
        for step in shape.steps
        if step.purpose == "remove"
        for word in step.invocation.rest
        if word[:1] != "-"
    }


def _holds_any(folder: str, paths: Iterable[str]) -> bool:
    return any(path.startswith(folder + "/") for path in paths)


def name_of(path: str) -> str:
    """Return a file's name without folder and extension: what code calls it.

    >>> name_of("demo/try_it.py")
    'try_it'
    """
    return posixpath.splitext(posixpath.basename(path))[0]
