"""The person's own editor: whatever it does, nothing is lost and nothing ends the app."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from textual.app import SuspendNotSupported

from warmtui.tui.external_editor import LARGEST, Edited, edit_outside, editor_of


@pytest.fixture
def edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Edited]:
    """Return a function that edits with a little Python program as the editor; `file` names the text."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()

    def run(program: str, text: str = "given", name: str = "result.md") -> Edited:
        script = tmp_path / "editor.py"
        script.write_text(f"import sys, pathlib\nfile = pathlib.Path(sys.argv[1])\n{program}\n")
        return edit_outside(text, name, f"{sys.executable} {script}", dict(os.environ), nullcontext())

    return run


def left(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "temporary").rglob("*.*"))


@pytest.mark.parametrize(
    ("environ", "command"),
    [
        ({}, ""),
        ({"EDITOR": "vi"}, "vi"),
        ({"EDITOR": "vi", "VISUAL": "code -w"}, "code -w"),
        ({"EDITOR": "vi", "VISUAL": " "}, "vi"),
    ],
)
def test_which_editor(environ: dict[str, str], command: str) -> None:
    assert editor_of(environ) == command


def test_what_was_written_comes_back_and_no_file_stays(edit: Callable[..., Edited], tmp_path: Path) -> None:
    done = edit("assert file.read_text() == 'gäven'; file.write_text('täken\\n')", "gäven")
    assert done == Edited("täken")
    assert not left(tmp_path)


def test_a_text_with_an_end_of_line_keeps_it(edit: Callable[..., Edited]) -> None:
    assert edit("file.write_text('b\\n')", "a\n") == Edited("b\n")
    assert edit("file.write_bytes(b'b\\r\\nc')", "a") == Edited("b\r\nc")


@pytest.mark.parametrize("program", ["pass", "file.write_text('given\\n')"])
def test_leaving_without_a_change_changes_nothing(edit: Callable[..., Edited], program: str) -> None:
    assert edit(program) == Edited(None)


def test_a_text_that_no_file_can_hold_is_not_changed_by_looking_at_it(edit: Callable[..., Edited]) -> None:
    assert edit("pass", "lone \ud800 surrogate") == Edited(None)


def test_the_file_is_the_persons_alone(edit: Callable[..., Edited], tmp_path: Path) -> None:
    copy = tmp_path / "mode"
    edit(f"pathlib.Path({str(copy)!r}).write_text(str(file.parent.stat().st_mode))")
    assert stat.S_IMODE(int(copy.read_text())) == 0o700


def test_an_editor_that_fails_changes_nothing(edit: Callable[..., Edited], tmp_path: Path) -> None:
    done = edit("sys.exit(3)")
    assert done.text is None
    assert "returned 3" in done.trouble
    assert not left(tmp_path)


def test_what_a_failing_editor_wrote_is_kept(edit: Callable[..., Edited], tmp_path: Path) -> None:
    done = edit("file.write_text('an hour of work'); sys.exit(1)")
    [file] = left(tmp_path)
    assert done.text is None
    assert str(file) in done.trouble
    assert file.read_text() == "an hour of work"


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("file.write_bytes(b'ab\\xff')", "byte 3 is not UTF-8"),
        (f"file.write_text('x' * {LARGEST + 1})", "too many"),
    ],
)
def test_rubbish_is_refused_in_words_and_kept(
    edit: Callable[..., Edited], tmp_path: Path, program: str, words: str
) -> None:
    done = edit(program)
    [file] = left(tmp_path)
    assert done.text is None
    assert words in done.trouble
    assert str(file) in done.trouble


def test_a_file_that_went_away(edit: Callable[..., Edited]) -> None:
    done = edit("file.unlink()")
    assert done.text is None
    assert "left no file" in done.trouble


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("", "no editor is set"),
        ("/no/such/editor", "could not be started: No such file"),
        ('vi "unbalanced', "cannot be read"),
    ],
)
def test_an_editor_that_is_not_there(command: str, words: str) -> None:
    done = edit_outside("given", "x.md", command, dict(os.environ), nullcontext())
    assert done.text is None
    assert words in done.trouble


class NoSuspend(nullcontext[None]):
    def __enter__(self) -> None:
        raise SuspendNotSupported


def test_a_terminal_that_cannot_be_lent() -> None:
    done = edit_outside("given", "x.md", "vi", {}, NoSuspend())
    assert "cannot be handed" in done.trouble


def test_a_disk_without_room(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkdtemp", full)
    done = edit_outside("given", "x.md", "vi", {}, nullcontext())
    assert "No space left" in done.trouble
