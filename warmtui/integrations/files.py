"""Write files so that a crash, a full disk or a second writer never leaves half of one."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
import time
from pathlib import Path

from warmtui.errors import WarmtuiError

PRIVATE = 0o600
_PREFIX = ".warmtui-"
_SUFFIX = ".tmp"
_STRAY_SECONDS = 3600.0
"""A temporary file older than this belongs to a writer that was killed; no write takes an hour."""


def replace_file(path: Path, data: bytes, *, mode: int = PRIVATE) -> None:
    """Write a file whole or not at all: temporary file beside it, fsync, rename.

    Args:
        path: the file; an existing one keeps its mode and owner. Not a symbolic link.
        data: its new content.
        mode: permission bits of a file that does not exist yet.

    Raises:
        WarmtuiError: the folder or the disk refuses it; the old file is untouched.
    """
    try:
        _sweep(path.parent)
        before = path.stat() if path.exists() else None
        # In the same folder, because a rename cannot cross file systems.
        handle, name = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX, dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fchmod(file.fileno(), stat.S_IMODE(before.st_mode) if before else mode)
                if before and (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                    with contextlib.suppress(PermissionError):  # only the superuser may give files away
                        os.fchown(file.fileno(), before.st_uid, before.st_gid)
                os.fsync(file.fileno())
            os.replace(name, path)  # noqa: PTH105 - the pair of mkstemp
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise WarmtuiError(
            f"{path} cannot be written: {error.strerror or error}", "nothing was changed"
        ) from error


def _sweep(folder: Path) -> None:
    for stray in folder.glob(f"{_PREFIX}*{_SUFFIX}"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - stray.stat().st_mtime > _STRAY_SECONDS:
                stray.unlink()


def _sync_folder(folder: Path) -> None:
    # Some file systems cannot sync a folder; the rename itself is done, so this is not a failure.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
