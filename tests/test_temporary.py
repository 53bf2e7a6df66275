"""What a killed process leaves is removed at the next start, and a text that a person changed is kept."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from warmtui.errors import WarmtuiError
from warmtui.temporary import TemporaryFolder, editing, keep, remove_strays

KILLED = """
import os, signal, sys
from pathlib import Path
from warmtui.temporary import TemporaryFolder, editing, neighbour
folder = TemporaryFolder()
(folder.path / "prefill.json").write_text("secret")
edit = editing("template.json", b"given")
file = edit.__enter__()
file.write_text(sys.argv[2])
beside = neighbour(Path(sys.argv[1]) / "export.json")
beside.__enter__().write_text("half")
print("ready", flush=True)
if sys.argv[3:]:
    sys.stdin.read()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def everything(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if not path.is_dir()]


def kill(exports: Path, text: str) -> None:
    exports.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(exports), text], check=False, timeout=60, capture_output=True
    )
    assert done.stdout == b"ready\n", done.stderr


def test_a_killed_process_leaves_nothing_after_the_next_start(tmp_path: Path, temporary: Path) -> None:
    kill(tmp_path / "exports", "given")
    assert everything(tmp_path / "exports")
    assert remove_strays() == []
    assert everything(tmp_path) == []
    assert list(temporary.iterdir()) == []


def test_a_text_that_was_being_edited_is_kept(tmp_path: Path, temporary: Path) -> None:
    kill(tmp_path / "exports", "mine")
    (kept,) = remove_strays()
    assert kept.name.endswith("-template.json")
    assert kept.read_text() == "mine"
    assert kept.stat().st_mode & 0o077 == 0
    assert remove_strays() == [], "it is told once"
    assert everything(tmp_path) == [kept]


def test_the_files_of_a_running_process_stay(tmp_path: Path, temporary: Path) -> None:
    (tmp_path / "exports").mkdir()
    running = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path / "exports"), "given", "wait"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"ready\n"
        before = everything(tmp_path)
        remove_strays()
        assert everything(tmp_path) == before
    remove_strays()
    assert everything(tmp_path) == []


def test_a_note_removes_nothing_but_our_own_temporary_file(tmp_path: Path, temporary: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("x")
    kill(tmp_path / "exports", "given")
    (note,) = temporary.glob("warmtui-*/process-*/.warmtui-*.tmp")
    note.write_bytes(os.fsencode(precious))
    remove_strays()
    assert precious.exists()


def test_a_folder_of_somebody_else_is_not_used(temporary: Path) -> None:
    place = temporary / f"warmtui-{os.getuid()}"
    place.mkdir(mode=0o777)
    place.chmod(0o777)
    with pytest.raises(WarmtuiError, match="not a private folder"):
        TemporaryFolder()
    place.rmdir()
    place.symlink_to(temporary)
    with pytest.raises(WarmtuiError, match="not a private folder"):
        TemporaryFolder()


def test_a_kept_text_outlives_its_block(temporary: Path) -> None:
    with editing("a.json", b"given") as file:
        file.write_bytes(b"changed")
        kept = keep(file)
    assert kept.read_bytes() == b"changed"
    assert not file.exists()


def test_a_folder_can_lie_outside_another(tmp_path: Path, temporary: Path) -> None:
    with TemporaryFolder(outside=tmp_path) as folder:
        assert not folder.is_relative_to(tmp_path)
        assert folder.stat().st_mode & 0o777 == 0o700


def test_without_a_folder_for_temporary_files_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setattr(tempfile, "tempdir", str(file))
    with pytest.raises(WarmtuiError, match="no temporary file can be made"):
        TemporaryFolder()
