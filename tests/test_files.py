"""Files are written whole or not at all, and nothing but a regular file is ever replaced."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from warmtui.errors import WarmtuiError
from warmtui.files import FileThereError, make_folder, write_file

KINDS: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a folder": Path.mkdir,
    "a symbolic link": lambda path: path.symlink_to(path.with_name("target")),
    "a socket": lambda path: socket.socket(socket.AF_UNIX).bind(str(path)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_nothing_but_a_regular_file_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    place = Path("there")
    KINDS[kind](place)
    before = place.lstat()
    with pytest.raises(WarmtuiError, match=kind):
        write_file(place, b"x")
    assert place.lstat() == before
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_a_device_is_not_written_to() -> None:
    with pytest.raises(WarmtuiError, match="a device"):
        write_file(Path("/dev/null"), b"x")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_link_to_a_file_is_neither_followed_nor_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(WarmtuiError, match="symbolic link"):
        write_file(tmp_path / "link", b"new")
    assert (tmp_path / "real").read_bytes() == b"old"
    assert (tmp_path / "link").is_symlink()


def test_nothing_is_written_outside_the_folder(tmp_path: Path) -> None:
    home, outside = tmp_path / "home", tmp_path / "outside"
    home.mkdir()
    outside.mkdir()
    (home / "prefill").symlink_to(outside)
    for path in (home / "prefill" / "a.json", home / ".." / "a.json"):
        with pytest.raises(WarmtuiError, match="lies outside"):
            write_file(path, b"x", within=home)
    (home / "in").mkdir()
    write_file(home / "in" / "a.json", b"x", within=home)
    assert list(outside.iterdir()) == []
    assert not (tmp_path / "a.json").exists()


def test_a_file_that_is_there_stays_unless_replacing_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_file(path, b"one", replace=False)
    with pytest.raises(FileThereError):
        write_file(path, b"two", replace=False)
    assert path.read_bytes() == b"one"
    path.chmod(0o640)
    write_file(path, b"two")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"two", 0o640)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_a_file_that_appears_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    sync = os.fsync

    def slow(handle: int) -> None:
        path.write_bytes(b"somebody else's")
        sync(handle)

    monkeypatch.setattr(os, "fsync", slow)
    with pytest.raises(FileThereError):
        write_file(path, b"ours", replace=False)
    assert path.read_bytes() == b"somebody else's"


@pytest.mark.parametrize("umask", [0, 0o077, 0o777])
def test_folders_and_files_are_private_under_any_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        make_folder(tmp_path / "a" / "b")
        write_file(tmp_path / "a" / "b" / "c", b"x")
    finally:
        os.umask(before)
    found = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a", "a/b", "a/b/c")]
    assert found == [0o700, 0o700, 0o600]
