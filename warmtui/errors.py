"""The errors that a person can cause or repair, with their exit codes.

    WarmtuiError            1  failed
    ├── UsageError          2  the request makes no sense as written
    ├── NotFoundError       3  no such session, template, version
    │   └── AmbiguousError  3  the prefix matches several
    ├── SourceError         4  an agent's sessions could not be read
    ├── LibraryError        5  the library is damaged, full or read-only
    │   └── ConflictError   5  another program saved meanwhile
    └── LaunchError       125  the command could not be started

A message says in one line what went wrong, where, and what to do.
"""

from __future__ import annotations

from typing import ClassVar

EXIT_INTERRUPTED = 130


class WarmtuiError(Exception):
    """An error that a person can repair.

    Args:
        what: what went wrong, with the file, row or name it concerns.
        remedy: what to do about it; empty if there is no sensible advice.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what} — {self.remedy}" if self.remedy else self.what


class UsageError(WarmtuiError):
    """The request makes no sense as written."""

    exit_code = 2


class NotFoundError(WarmtuiError):
    """No session, template or version of that name."""

    exit_code = 3


class AmbiguousError(NotFoundError):
    """The prefix matches more than one."""


class SourceError(WarmtuiError):
    """An agent's sessions could not be read."""

    exit_code = 4


class LibraryError(WarmtuiError):
    """The library is damaged, full, locked or read-only."""

    exit_code = 5


class ConflictError(LibraryError):
    """The template changed since it was read."""


class LaunchError(WarmtuiError):
    """The command could not be started."""

    exit_code = 125
