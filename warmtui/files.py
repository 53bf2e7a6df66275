"""Write files so that a crash, a full disk or a second writer never leaves half of one.

Every file that warmtui writes and keeps, beside its SQLite files, is written here.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from warmtui.errors import UsageError, WarmtuiError
from warmtui.temporary import neighbour

PRIVATE = 0o600
PRIVATE_FOLDER = 0o700
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


class FileThereError(UsageError):
    """A file of that name is there, and replacing it was not asked for."""


def write_file(
    path: Path, data: bytes, *, mode: int = PRIVATE, within: Path | None = None, replace: bool = True
) -> None:
    """Write a file whole or not at all.

    Args:
        path: the file, as for `new_file`, and so are the others and what is raised.
        data: its new content.
        mode: permission bits of a new file.
        within: a folder that the file must lie in.
        replace: whether a file that is there may be replaced.
    """
    with new_file(path, mode=mode, within=within, replace=replace) as temporary:
        temporary.write_bytes(data)


@contextlib.contextmanager
def new_file(
    path: Path, *, mode: int = PRIVATE, within: Path | None = None, replace: bool = True
) -> Iterator[Path]:
    """Give an empty private file beside `path`, which is synced and takes its name when the block ends.

    Args:
        path: the file. One that is there is replaced and keeps its mode and owner.
        mode: permission bits of a file that does not exist yet.
        within: a folder that the file must lie in, after all links on the way are followed.
        replace: whether a file that is there may be replaced.

    Raises:
        FileThereError: a file is there and `replace` is not set.
        WarmtuiError: what is there is no regular file, it would lie outside `within`, or the folder or the
            disk refuses it. What was there is untouched.
    """
    before = _what_is_there(path, within=within)
    taken = FileThereError(f"{path} exists", "name another file")
    if before is not None and not replace:
        raise taken
    try:
        # Beside the file, because a rename cannot cross file systems.
        with neighbour(path) as temporary:
            os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))
            yield temporary
            _finish(temporary, before, mode)
            if replace:
                temporary.replace(path)
            else:
                _add(temporary, path)
        _sync_folder(path.parent)
    except FileExistsError:
        raise taken from None
    except OSError as error:
        raise WarmtuiError(
            f"{path} cannot be written: {error.strerror or error}", "nothing was changed"
        ) from error


def _finish(temporary: Path, before: os.stat_result | None, mode: int) -> None:
    """Give a new file the mode and owner of the one that it replaces, and bring it to the disk."""
    handle = os.open(temporary, os.O_RDONLY)
    try:
        os.fchmod(handle, stat.S_IMODE(before.st_mode) if before else mode)
        if before and (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
            with contextlib.suppress(PermissionError):  # only the superuser may give files away
                os.fchown(handle, before.st_uid, before.st_gid)
        os.fsync(handle)
    finally:
        os.close(handle)


def _add(temporary: Path, path: Path) -> None:
    """Rename a file, unless the name was taken meanwhile.

    Raises:
        FileExistsError: somebody has.
    """
    try:
        path.hardlink_to(temporary)
    except OSError as error:
        if isinstance(error, FileExistsError) or error.errno not in (errno.EPERM, errno.ENOTSUP):
            raise
        temporary.replace(path)  # this file system has no links


def _what_is_there(path: Path, *, within: Path | None) -> os.stat_result | None:
    """Return what a new file would replace, None if nothing is there; refuse what is never written to."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        found = None
    except OSError as error:
        raise WarmtuiError(f"{path} cannot be written: {error.strerror or error}") from error
    if found is not None and not stat.S_ISREG(found.st_mode):
        kind = _KINDS.get(stat.S_IFMT(found.st_mode), "no regular file")
        raise WarmtuiError(f"{path} is {kind}, which is never replaced", "name another file")
    if within is not None:
        folder, home = (Path(os.path.realpath(place)) for place in (path.parent, within))
        if not folder.is_relative_to(home):
            raise WarmtuiError(f"{path} lies outside {within}, in {folder}", "remove the link on the way")
    return found


def make_folder(folder: Path) -> None:
    """Make a folder and the missing ones above it, for their owner alone (0700), whatever the umask.

    Raises:
        OSError: one cannot be made.
    """
    missing = [above for above in (folder, *folder.parents) if not above.exists()]
    for new in reversed(missing):
        with contextlib.suppress(FileExistsError):
            new.mkdir(mode=PRIVATE_FOLDER)
            new.chmod(PRIVATE_FOLDER)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))


def _sync_folder(folder: Path) -> None:
    # Some file systems cannot sync a folder; the rename itself is done, so this is not a failure.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
