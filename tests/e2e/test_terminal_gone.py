"""The app ends when its terminal goes away or the system says so, and the draft is kept."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from terminal import PATIENCE, Terminal, terminal_environ, warmtui

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are a thing of POSIX"),
]


@pytest.fixture
def app(tmp_path: Path, recordings: Path) -> Iterator[Terminal]:
    (tmp_path / "library.db").touch()  # without one the app would greet a new person
    terminal = Terminal(warmtui("--source", str(recordings)), terminal_environ(tmp_path), tmp_path)
    yield terminal
    terminal.close()


def type_into_a_draft(app: Terminal) -> None:
    app.expect("● live")
    app.press("c", "Curate “")
    app.press("i", "next field")
    app.press("typed before the end", "before the end")


def kept(folder: Path) -> str:
    """Return what is kept of drafts."""
    db = sqlite3.connect(folder / "library.db")
    rows = db.execute("SELECT content FROM drafts WHERE key LIKE 'sessions:%'").fetchall()
    db.close()
    return json.dumps(rows)


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_keeps_the_draft(app: Terminal, tmp_path: Path, number: signal.Signals) -> None:
    type_into_a_draft(app)
    app.process.send_signal(number)
    assert app.finish() == 128 + number
    assert "typed before the end" in kept(tmp_path)
    assert "Traceback" not in app.text


def test_a_terminal_gone_without_a_signal_ends_the_app(app: Terminal, tmp_path: Path) -> None:
    type_into_a_draft(app)
    app.hang_up()
    assert app.process.wait(PATIENCE) == 128 + signal.SIGHUP
    assert "typed before the end" in kept(tmp_path)
