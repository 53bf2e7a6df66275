"""Private temporary files, and what killed processes left of theirs.

All of them lie in one folder of this user, `warmtui-<uid>` in the system's folder for temporary files. Each
process has a folder of its own there and holds a lock on it, which ends with the process however it ends.
So a folder whose lock is free belongs to nobody, and the next start removes it. A temporary file that must
lie elsewhere, beside the file that it will replace, is noted in the process' folder before it is made.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from warmtui.errors import WarmtuiError

NEIGHBOUR_PREFIX = ".warmtui-"
NEIGHBOUR_SUFFIX = ".tmp"
"""How a temporary file is named that lies beside the file that it will replace."""
UNSAVED = "unsaved"
"""The folder of texts that a person wrote in an editor and that could not be saved."""
ORIGINAL = "original"
"""The file beside an edited one that holds what the editor was given."""
_PROCESS = "process-"
_LOCK = "lock"
_TRIES = 5
_guard = threading.RLock()
"""Held while the folder of this process gets its first file or loses its last."""


class TemporaryFolder:
    """A private folder (mode 0700) that goes when it is closed, with its `with` block, or at the next start.

    Args:
        outside: a folder in which it must not lie.

    Raises:
        WarmtuiError: no folder can be made.
    """

    def __init__(self, *, outside: Path | None = None) -> None:
        with _guard, _explain_refusal():
            self.path = _own_folder(outside) / f"files-{os.urandom(8).hex()}"
            self.path.mkdir(mode=0o700)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the folder with everything in it; closing twice does nothing."""
        shutil.rmtree(self.path, ignore_errors=True)
        _remove_unused()


@contextlib.contextmanager
def editing(name: str, given: bytes) -> Iterator[Path]:
    """Make a private file for an editor. When the block ends it goes, unless `keep` moved it away before.

    Args:
        name: of the file, so that the editor knows what it is.
        given: its content.

    Raises:
        WarmtuiError: the file cannot be made.
    """
    with TemporaryFolder() as folder:
        file = folder / name
        with _explain_refusal():
            for made in (folder / ORIGINAL, file):
                made.touch(mode=0o600)
                made.write_bytes(given)
        yield file


def keep(file: Path) -> Path:
    """Move a file that a person edited to where no start removes it, and return its path there."""
    home = file.parent.parent.parent / UNSAVED
    home.mkdir(mode=0o700, exist_ok=True)
    kept = home / f"{os.urandom(4).hex()}-{file.name}"
    file.rename(kept)
    return kept


@contextlib.contextmanager
def neighbour(path: Path) -> Iterator[Path]:
    """Give a path for a temporary file beside `path`. What is there when the block ends is removed.

    Nothing is made there; the next start removes what a killed process left.

    Args:
        path: the file that the temporary one will replace.

    Raises:
        WarmtuiError: the path cannot be noted.
    """
    name = f"{NEIGHBOUR_PREFIX}{os.urandom(8).hex()}{NEIGHBOUR_SUFFIX}"
    beside = path.absolute().with_name(name)
    with _guard, _explain_refusal():
        note = _own_folder() / name
        note.write_bytes(os.fsencode(beside))
    try:
        yield beside
    finally:
        beside.unlink(missing_ok=True)
        note.unlink(missing_ok=True)
        _remove_unused()


def remove_strays() -> list[Path]:
    """Remove what killed processes of this user left.

    Returns:
        The texts that a person had changed in an editor when the process was killed; they are kept.
    """
    kept: list[Path] = []
    with contextlib.suppress(OSError):
        for place in _places():
            with contextlib.suppress(OSError):
                _check_owner(place)
                for folder in place.glob(f"{_PROCESS}*"):
                    with contextlib.suppress(OSError, ValueError):
                        kept += _remove_if_left(folder)
                place.rmdir()  # raises while there is something in it
    return kept


def _remove_if_left(folder: Path) -> list[Path]:
    """Remove the folder of a process, unless the process still runs."""
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises while the process holds it
        for note in folder.glob(f"{NEIGHBOUR_PREFIX}*{NEIGHBOUR_SUFFIX}"):
            beside = Path(os.fsdecode(note.read_bytes()))
            # A note that was cut off names nothing; only a file of that very name is ours.
            if beside.name == note.name and beside.is_absolute():
                beside.unlink(missing_ok=True)
        kept = [keep(file) for file in folder.glob("files-*/*") if _was_edited(file)]
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)
    return kept


def _was_edited(file: Path) -> bool:
    original = file.with_name(ORIGINAL)
    if file == original or not file.is_file() or not original.is_file():
        return False
    return file.read_bytes() not in (original.read_bytes(), b"")


class _OwnFolder:
    """The folder of this process; made when it is first needed, removed at its end."""

    def __init__(self, place: Path) -> None:
        self.process = os.getpid()
        place.mkdir(mode=0o700, exist_ok=True)
        _check_owner(place)
        self.path = Path(tempfile.mkdtemp(prefix=_PROCESS, dir=place))
        self._lock = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        if not self.path.is_dir():
            os.close(self._lock)
            raise FileNotFoundError(self.path)

    def unused(self) -> bool:
        return [entry.name for entry in self.path.iterdir()] == [_LOCK]

    def remove(self) -> None:
        if self.process != os.getpid():  # this is a fork of the process that it belongs to
            return
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)
        with contextlib.suppress(OSError):  # another process has files there
            self.path.parent.rmdir()


_own: dict[Path, _OwnFolder] = {}


def _own_folder(outside: Path | None = None) -> Path:
    place = next(_places(outside), None) or next(_places())
    own = _own.get(place)
    if own is None or own.process != os.getpid() or not own.path.is_dir():
        own = _own[place] = _new_folder(place)
    return own.path


def _new_folder(place: Path) -> _OwnFolder:
    for _ in range(_TRIES):
        # Another process may take the new folder for a stray until the lock is held.
        with contextlib.suppress(FileNotFoundError):
            return _OwnFolder(place)
    return _OwnFolder(place)


def _remove_unused() -> None:
    with _guard:
        for place, own in list(_own.items()):
            with contextlib.suppress(OSError):
                if own.unused():
                    own.remove()
                    del _own[place]


@atexit.register
def _remove_own_folders() -> None:
    for own in _own.values():
        own.remove()


def _places(outside: Path | None = None) -> Iterator[Path]:
    """Yield the folders that can hold this user's temporary files, the usual one first; they need not exist.

    Raises:
        FileNotFoundError: there is no folder for temporary files.
    """
    forbidden = None if outside is None else os.path.realpath(outside)
    for base in dict.fromkeys((tempfile.gettempdir(), "/var/tmp", "/tmp")):
        if forbidden is None or not Path(os.path.realpath(base)).is_relative_to(forbidden):
            yield Path(base) / f"warmtui-{os.getuid()}"


@contextlib.contextmanager
def _explain_refusal() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WarmtuiError(
            f"no temporary file can be made: {error.strerror or error}",
            "set TMPDIR to a folder that you can write to, with some space left",
        ) from error


def _check_owner(place: Path) -> None:
    """Refuse a folder that another user made before us; everybody may write to the folder around it."""
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(1, f"{place} is not a private folder of yours")
