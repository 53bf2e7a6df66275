"""What every source of files tells: whether a file changed, why it cannot be read, what is wrong in it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from warmtui.errors import SourceError
from warmtui.model.session import Problem

MAX_PROBLEMS = 100
"""Most problems of a source that are listed; a file of garbage would otherwise bury the rest."""

Fingerprint = tuple[int, ...]
"""Changes when a file is written or replaced."""


def fingerprint_of(stat: os.stat_result) -> Fingerprint:
    """Return the fingerprint of a file as it is now."""
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


def cannot_read(path: Path, error: OSError) -> SourceError:
    """Return the error for a file or folder that cannot be read."""
    return SourceError(
        f"{path} cannot be read: {error.strerror or error}", "check the path and its permissions"
    )


def first_problems(problems: Sequence[Problem], place: Path) -> tuple[Problem, ...]:
    """Return the first `MAX_PROBLEMS` problems, and one that counts the others.

    Args:
        problems: all that was found.
        place: the file or folder that the others are in.
    """
    more = len(problems) - MAX_PROBLEMS
    if more <= 0:
        return tuple(problems)
    return (*problems[:MAX_PROBLEMS], Problem(str(place), f"{more} more problems of this kind"))
