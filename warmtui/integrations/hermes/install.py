"""Install a template as the prefill that Hermes sends by default, and undo that.

This writes three things under Hermes' home: the prefill `prefill/<slug>.json`, the key
`prefill_messages_file` of `config.yaml` (with a backup beside it), and `prefill/.warmtui-install.json`, the
record of what was there before. The record is written first and removed last, so that an install that was
killed can be undone or repeated.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import StringConstraints, ValidationError

from warmtui.errors import NotFoundError, UsageError, WarmtuiError
from warmtui.files import PRIVATE, make_folder, write_file
from warmtui.integrations.base import Installed, Uninstalled
from warmtui.integrations.hermes.prefill import CONFIG_NAME, PREFILL_KEY
from warmtui.integrations.hermes.yaml_key import read_scalar, restore_key, set_key, source_of
from warmtui.model.template import Record

FOLDER = "prefill"
RECORD_NAME = ".warmtui-install.json"
_NAME = r"[a-z0-9][a-z0-9._-]{0,99}"
_SLUG = re.compile(_NAME)
# A record may have been edited: nothing that it names may lie anywhere else.
_Value = Annotated[str, StringConstraints(pattern=rf"^{FOLDER}/{_NAME}\.json$")]
_Backup = Annotated[str, StringConstraints(pattern=rf"^{re.escape(CONFIG_NAME)}\.warmtui-[0-9TZ-]+\.bak$")]


class _Record(Record):
    version: Literal["warmtui.install/1"] = "warmtui.install/1"
    slug: Annotated[str, StringConstraints(pattern=rf"^{_NAME}$")]
    files: dict[_Value, str]
    """Our prefill files: the value that names each in `config.yaml`, and its SHA-256."""
    previous: str | None
    """The source text after the key's colon; None when there was no such key."""
    inserted: str
    made_config: bool
    made_folder: bool
    backup: _Backup | None
    original: str | None
    """SHA-256 of the backup."""
    written: str
    """SHA-256 of `config.yaml` as we left it."""
    installed_at: str


@dataclass(frozen=True, slots=True)
class _Config:
    """`config.yaml` as it is now."""

    target: Path
    data: bytes | None
    text: str

    @property
    def value(self) -> str:
        return read_scalar(self.text, PREFILL_KEY)


def install(home: Path, data: bytes, slug: str, *, clock: Callable[[], float] = time.time) -> Installed:
    """Make a message list the prefill that Hermes sends by default.

    Args:
        home: Hermes' home; must exist.
        data: the prefill file, a JSON array of messages.
        slug: the name of the file without folder and suffix: lower-case letters, digits, `.`, `_`, `-`.
        clock: the time in Unix seconds, for the record and the backup's name.

    Returns:
        What was installed. Installing again replaces our own file and keeps the first previous value.

    Raises:
        UsageError: the slug is not a safe file name.
        WarmtuiError: no such home; a `config.yaml` that is not YAML, is read-only or cannot be written; a
            file of that name that is not ours or was edited since. Nothing is changed then.
    """
    if not _SLUG.fullmatch(slug) or slug.endswith("."):
        raise UsageError(f"{slug!r} is no safe file name", "use lower-case letters, digits, '.', '_' and '-'")
    if not home.is_dir():
        raise WarmtuiError(f"{home} is not a folder", "start hermes once, or set HERMES_HOME")
    with _alone(home):
        return _install(home, data, slug, datetime.fromtimestamp(clock(), UTC))


def _install(home: Path, data: bytes, slug: str, at: datetime) -> Installed:
    record, config = _read_record(home), _read_config(home)
    value = f"{FOLDER}/{slug}.json"
    path = home / value
    with _explain_refusal(path):
        ours = record is not None and path.is_file() and record.files.get(value) == _digest(path.read_bytes())
    if os.path.lexists(path) and not ours:
        remedy = "move it away or name the template differently"
        raise WarmtuiError(f"{path} exists and is not what warmtui wrote there", remedy)
    with _name_file(config.target):
        again = record is not None and config.value in record.files
        base, made_config = config.data, config.data is None
        if record is not None and again:
            base, made_config = _without_install(home, record, config), record.made_config
        base_text = (base or b"").decode("utf-8")
        edit = set_key(base_text, PREFILL_KEY, value)
    new = edit.text.encode("utf-8")
    backup = _backup_name(home, record if again else None, base, at)
    fresh = _Record(
        slug=slug,
        files={**(record.files if record else {}), value: _digest(data)},
        previous=edit.previous,
        inserted=edit.inserted,
        made_config=made_config,
        made_folder=record.made_folder if record else not (home / FOLDER).is_dir(),
        backup=backup,
        original=None if base is None else _digest(base),
        written=_digest(new),
        installed_at=at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    with _undo_on_failure(home) as write:
        write(home / FOLDER / RECORD_NAME, _encode(fresh), PRIVATE)
        write(path, data, PRIVATE)
        if backup is not None and base is not None and not (home / backup).exists():
            write(home / backup, base, stat.S_IMODE(config.target.stat().st_mode))
        # As late as possible: another program may write at any time.
        _expect_unchanged(config)
        write_file(config.target, new)
    if record is not None:  # Until here the config named the old file, so it goes only now.
        for name, digest in record.files.items():
            if name != value:
                _remove_ours(home / name, digest)
        if record.backup is not None and record.backup != backup:
            (home / record.backup).unlink(missing_ok=True)
    with contextlib.suppress(WarmtuiError):  # only shortens the record, which already holds all that counts
        shorter = fresh.model_copy(update={"files": {value: _digest(data)}})
        write_file(home / FOLDER / RECORD_NAME, _encode(shorter), within=home)
    return _describe(home, fresh, config.target, active=True)


def find_installed(home: Path) -> Installed | None:
    """What is installed in Hermes' home; None when nothing is.

    Raises:
        WarmtuiError: our record or `config.yaml` cannot be read.
    """
    record = _read_record(home)
    if record is None:
        return None
    config = _read_config(home, for_writing=False)
    with _name_file(config.target):
        return _describe(home, record, config.target, active=config.value in record.files)


def uninstall(home: Path) -> Uninstalled:
    """Put back what was configured before `install`, and remove our files.

    Args:
        home: Hermes' home.

    Returns:
        What was restored, removed and kept. A `config.yaml` that was not changed since is restored byte for
        byte; one whose other lines were changed keeps these changes.

    Raises:
        NotFoundError: nothing is installed there.
        WarmtuiError: the key was changed by hand since, or `config.yaml` cannot be read or written. Nothing
            is changed then.
    """
    if not home.is_dir():
        raise NotFoundError(f"no prefill of warmtui is installed in {home}")
    with _alone(home):
        return _uninstall(home)


def _uninstall(home: Path) -> Uninstalled:
    record = _read_record(home)
    if record is None:
        raise NotFoundError(f"no prefill of warmtui is installed in {home}")
    config = _read_config(home)
    with _name_file(config.target):
        after = config.data
        if config.value in record.files:
            after = _without_install(home, record, config)
        elif source_of(config.text, PREFILL_KEY) != record.previous:
            raise WarmtuiError(
                f"{PREFILL_KEY} in it was changed since the install, to {config.value or 'nothing'!r}",
                f"set it to {FOLDER}/{record.slug}.json again, or remove {home / FOLDER / RECORD_NAME}",
            )
    if after != config.data:
        _expect_unchanged(config)
        if after is None:
            with _explain_refusal(config.target):
                config.target.unlink()
        else:
            write_file(config.target, after)
    removed: list[Path] = []
    kept: list[Path] = []
    for value, digest in record.files.items():
        path = home / value
        if path.exists():
            (removed if _remove_ours(path, digest) else kept).append(path)
    if record.backup is not None and (home / record.backup).exists():
        backup = home / record.backup
        if after is not None and _digest(after) == record.original:
            backup.unlink()
            removed.append(backup)
        else:
            kept.append(backup)
    # Last, so that an uninstall that was killed can be repeated.
    (home / FOLDER / RECORD_NAME).unlink()
    if record.made_folder:
        with contextlib.suppress(OSError):  # not empty: another program's files are in it now
            (home / FOLDER).rmdir()
    return Uninstalled(config.target, _text_of(record.previous), tuple(removed), tuple(kept))


def _without_install(home: Path, record: _Record, config: _Config) -> bytes | None:
    """`config.yaml` without our change; None when there was none before."""
    if config.data is not None and _digest(config.data) == record.written:
        if record.made_config:
            return None
        with contextlib.suppress(OSError):
            backup = (home / (record.backup or "")).read_bytes()
            if _digest(backup) == record.original:
                return backup
    text = restore_key(config.text, PREFILL_KEY, record.previous, record.inserted)
    return None if record.made_config and not text.strip() else text.encode("utf-8")


def _read_config(home: Path, *, for_writing: bool = True) -> _Config:
    link = home / CONFIG_NAME
    with _explain_refusal(link):
        if link.is_symlink() and not link.exists():
            raise WarmtuiError(
                f"{link} is a symbolic link to a file that does not exist", "mend or remove the link"
            )
        # A rename onto a symbolic link would replace the link.
        target = Path(os.path.realpath(link))
        if not target.exists():
            return _Config(target, None, "")
        if not target.is_file():
            raise WarmtuiError(f"{target} is not a file", "move it away")
        # The mode is asked too, because for the superuser every file is writable.
        if for_writing and not (target.stat().st_mode & 0o222 and os.access(target, os.W_OK)):
            raise WarmtuiError(
                f"{target} is read-only", f"make it writable, or set {PREFILL_KEY} where it is made"
            )
        data = target.read_bytes()
    try:
        return _Config(target, data, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise WarmtuiError(f"{target} is not UTF-8: byte {error.start}", "mend it by hand") from error


def _read_record(home: Path) -> _Record | None:
    path = home / FOLDER / RECORD_NAME
    try:
        return _Record.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise WarmtuiError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValidationError as error:
        remedy = f"set {PREFILL_KEY} in {home / CONFIG_NAME} by hand and remove it"
        raise WarmtuiError(f"{path} is damaged: {error.errors()[0]['msg']}", remedy) from error


def _describe(home: Path, record: _Record, target: Path, *, active: bool) -> Installed:
    return Installed(
        path=home / FOLDER / f"{record.slug}.json",
        config=target,
        previous=_text_of(record.previous),
        backup=None if record.backup is None else home / record.backup,
        active=active,
    )


def _text_of(source: str | None) -> str | None:
    return None if source is None else read_scalar(f"value:{source}\n", "value") or None


def _backup_name(home: Path, record: _Record | None, base: bytes | None, at: datetime) -> str | None:
    if base is None:
        return None
    if record is not None and record.backup is not None and record.original == _digest(base):
        # Installing again keeps the backup of what the person had.
        return record.backup
    stem = f"{CONFIG_NAME}.warmtui-{at.strftime('%Y%m%dT%H%M%SZ')}"
    number = 1
    name = f"{stem}.bak"
    while os.path.lexists(home / name):
        number += 1
        name = f"{stem}-{number}.bak"
    return name


def _remove_ours(path: Path, digest: str) -> bool:
    """Remove a file of ours unless it was edited since."""
    with contextlib.suppress(FileNotFoundError):
        if _digest(path.read_bytes()) != digest:
            return False
        path.unlink()
    return True


def _expect_unchanged(config: _Config) -> None:
    now = config.target.read_bytes() if config.target.exists() else None
    if now != config.data:
        raise WarmtuiError(f"{config.target} was changed by somebody else just now", "try again")


def _encode(record: _Record) -> bytes:
    return record.model_dump_json(indent=2).encode("utf-8") + b"\n"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


Write = Callable[[Path, bytes, int], None]
"""Writes a file with the mode that it gets if it is new."""


@contextlib.contextmanager
def _undo_on_failure(home: Path) -> Iterator[Write]:
    """Give a function that writes below `home`; if the block raises, everything is put back as it was."""
    before: list[tuple[Path, bytes | None]] = []
    folder = home / FOLDER
    had_folder = folder.is_dir()

    def write(path: Path, data: bytes, mode: int) -> None:
        before.append((path, path.read_bytes() if path.is_file() else None))
        write_file(path, data, mode=mode, within=home)

    try:
        with _explain_refusal(folder):
            make_folder(folder)
        yield write
    except BaseException:
        for path, data in reversed(before):
            if data is not None:
                write_file(path, data)
            elif path.is_file():
                path.unlink()
        if not had_folder and folder.is_dir():
            folder.rmdir()
        raise


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold a lock on Hermes' home, so that two installs come one after the other."""
    with _explain_refusal(home):
        folder = os.open(home, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


@contextlib.contextmanager
def _explain_refusal(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WarmtuiError(f"{path}: {error.strerror or error}", "nothing was changed") from error


@contextlib.contextmanager
def _name_file(path: Path) -> Iterator[None]:
    """Put the file's name before the YAML editor's message about its text."""
    try:
        yield
    except WarmtuiError as error:
        raise WarmtuiError(f"{path}: {error.what}", error.remedy or "mend it by hand") from error
