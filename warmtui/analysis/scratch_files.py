"""What a session made for itself: scratch files, folders and tables, which are not the project's."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from warmtui.analysis.argument_targets import MAX_TEXT, normal_path
from warmtui.analysis.call_shape import CallShape
from warmtui.analysis.call_similarity import written
from warmtui.analysis.command_purpose import job_of
from warmtui.model.outcome import JudgedCall

_TEMPORARY = re.compile(r"\A(?:/tmp/|/var/tmp/|/private/tmp/|~?/?\.cache/)")
_SCRATCH_NAME = re.compile(
    r"(?:repro(?:duc\w*)?|scratch|sandbox|playground|te?mp|debug|mre)(?:[_.-][\w.-]*)?\Z"
    r"|(?:test|check|demo|verify|fix|try)[_-](?:issue|bug|fix|patch|repro\w*|case|script|change|solution)[\w.-]*\Z",
    re.IGNORECASE,
)
"""Names that are given to what is thrown away, of a file or a folder at the root."""
_THROWN_AWAY = re.compile(r"(?:repro(?:duc\w*)?|scratch)(?:[_-][\w.-]*)?\.\w{1,8}\Z", re.IGNORECASE)
"""The same of a file that may lie anywhere."""
_CREATE_TABLE = re.compile(
    r"\bcreate\s{1,9}(?:or\s{1,9}replace\s{1,9})?(?:temp(?:orary)?\s{1,9})?(?:table|view)\s{1,9}"
    r"(?:if\s{1,9}not\s{1,9}exists\s{1,9})?[`\"\[]?([A-Za-z_][\w.$]{0,79})",
    re.IGNORECASE,
)


class Leftovers(NamedTuple):
    """What a session made that is not the project's."""

    paths: frozenset[str]
    """Files and folders, relative to the session's folder where they lie in it."""
    tables: frozenset[str]
    """Database tables and views, in lower case."""

    def holds(self, path: str) -> bool:
        """Whether a path is one of them, lies in one of them, or bears a name for what is thrown away.

        >>> Leftovers(frozenset({"demo"}), frozenset()).holds("demo/a.py")
        True
        """
        if path in self.paths or _TEMPORARY.match(path) is not None:
            return True
        parts = path.split("/")
        # elsewhere than at the root most such names are a project's: `src/debug.py`
        if _SCRATCH_NAME.match(parts[0][:200]) or _THROWN_AWAY.match(parts[-1][:200]):
            return True
        return any("/".join(parts[:i]) in self.paths for i in range(1, min(len(parts), 40)))

    def carry(self, shape: CallShape) -> bool:
        """Whether a call rests on them: runs one, asks one of the tables, or is about no other file."""
        if self.runs(shape) or any(f"table:{table}" in shape.targets for table in self.tables):
            return True
        files = shape.files()
        return bool(files) and all(self.holds(path) for path in files)

    def runs(self, shape: CallShape) -> bool:
        """Whether a call runs one of them as a program."""
        return any(
            not how.module and not how.code and self.holds(normal_path(how.program, command.directory))
            for command, how in zip(shape.commands, shape.leads, strict=True)
            if how.interpreter or "/" in how.program
        )


def _inside(folder: str, paths: Iterable[str]) -> bool:
    return any(path.startswith(folder + "/") for path in paths)


def leftovers(calls: Sequence[JudgedCall], shapes: Sequence[CallShape], cwd: str = "") -> Leftovers:
    """Find what a session made for itself.

    A file or folder counts when the session made it before any call that worked had spoken of it, and it
    lies at the root, in a folder that was made there, or was removed again; tables and views when the
    session created them. A new file inside of a folder of the project is the project's.

    Args:
        calls: the session's judged calls, in order.
        shapes: the same calls, taken apart.
        cwd: the session's working directory.
    """
    known: set[str] = set()
    made: set[str] = set()
    removed: set[str] = set()
    tables: set[str] = set()
    for call, shape in zip(calls, shapes, strict=True):
        if call.verdict.outcome != "ok":
            continue
        fresh: set[str] = set()
        for command, how in zip(shape.commands, shape.leads, strict=True):
            places = {normal_path(word, command.directory, cwd) for word in how.rest if word[:1] != "-"}
            if job_of(command, how) == "remove":
                removed |= places
            elif how.program in ("mkdir", "touch"):
                fresh |= places
            fresh.update(normal_path(name, command.directory, cwd) for name in command.writes)
        if shape.values is not None and not shape.commands and {"content", "file_text"} & shape.values.keys():
            fresh |= written(shape)
        made |= fresh - known
        known |= shape.files() - made
        text = shape.sql or "\n".join(
            part for command in shape.commands for part in (*command.words[1:], command.inline) if part
        )
        tables.update(name.lower() for name in _CREATE_TABLE.findall(text[:MAX_TEXT]))
    top = {path for path in made if "/" not in path}
    gone = {path for path in removed if path in made or _inside(path, made)}
    return Leftovers(frozenset(gone | top), frozenset(tables))


def name_of(path: str) -> str:
    """Return the name of a file without folder and extension: what code calls it.

    >>> name_of("demo/try_it.py")
    'try_it'
    """
    return posixpath.splitext(posixpath.basename(path))[0]
