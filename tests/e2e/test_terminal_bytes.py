"""What the app and the commands really write to a terminal, on hostile sessions and templates."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile import NAMES, OBEYED, fill_library, write_sessions
from terminal import Terminal, hidden, strings, terminal_environ, warmtui

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are a thing of POSIX"),
]
PICTURE = "␛]52;c;"
"""How a clipboard sequence looks once it is harmless."""
TEMPLATE = "[link=https:example.org]y"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    write_sessions(folder / "state.db")
    asyncio.run(fill_library(folder / "library.db"))
    return folder


@pytest.fixture
def environ(hostile: Path) -> dict[str, str]:
    return terminal_environ(hostile, COLORTERM="truecolor", PYTHONWARNINGS="error")


@pytest.fixture
def app(hostile: Path, environ: dict[str, str]) -> Iterator[Terminal]:
    terminal = Terminal(warmtui("--source", str(hostile / "state.db")), environ, hostile)
    yield terminal
    terminal.close()


def expect_harmless(written: bytes) -> None:
    """Assert that nothing of what strangers wrote acts on a terminal."""
    for sequence in OBEYED:
        assert sequence not in written, f"{sequence!r} reached the terminal"
    assert hidden(written) == set()


def test_the_app_through_its_screens(app: Terminal) -> None:
    app.expect(PICTURE)
    app.press("j\r", "Sessions ›")
    app.press(" j j G", lambda text: "␛" in text)
    app.press("\x1b", "● live")
    app.press("c", "Curate “")
    app.press("gvG ", "How I work")
    app.press("p", "Preview")
    app.press("o", '"role"')
    app.press("1", "● live")
    app.press("4", "Templates")
    app.expect("imported ␛")
    app.press("GR", "Rename")
    app.press("\x1b", "Templates")
    app.press("p", lambda text: "message" in text and "␛" in text)
    app.press("1", "● live")
    app.press("f", "Where to begin")
    app.press("\x1b", "● live")
    app.press("j j m", "Compare")
    app.press("\x1b", "● live")
    app.press("q", lambda _: True)
    assert app.finish() == 0
    written = bytes(app.written)
    expect_harmless(written)
    # Textual sets the shape of the pointer; titles, clipboard and links are not for it to write here
    assert {text for text in strings(written) if not text.startswith("\x1b]22;")} == set()


@pytest.mark.parametrize(
    "words",
    [
        ("sessions", "--all"),
        ("profile", "evil0"),
        ("outcomes", "--all"),
        ("compare", "evil0", "evil1"),
        ("compare", "evil0", "bytes", "past"),
        ("list",),
        ("list", "--deleted"),
        ("show", TEMPLATE),
        ("diff", TEMPLATE, "1", "2"),
        ("test", TEMPLATE, "go \x1b]0;V0FSTVRVSQ\x07"),
        ("extract", "evil0", "--dry-run"),
        ("build", "--dry-run", "--min-messages", "1"),
        ("doctor",),
        ("paths",),
        ("show", "no \x1b]0;V0FSTVRVSQ\x07 such"),
        ("profile", "no \x1b]0;V0FSTVRVSQ\x07 such"),
        ("profile", "o"),
        ("\x1b]0;V0FSTVRVSQ\x07",),
    ],
)
def test_commands_as_text(hostile: Path, environ: dict[str, str], words: tuple[str, ...]) -> None:
    terminal = Terminal(
        warmtui(*words[:1], "--source", str(hostile / "state.db"), *words[1:]), environ, hostile
    )
    code = terminal.finish()
    terminal.close()
    written = bytes(terminal.written)
    assert written.strip()
    assert b"Traceback" not in written
    assert b"a fault in warmtui itself" not in written
    assert code in (0, 1, 2, 3)
    expect_harmless(written)
    assert strings(written) == set()
    if words[0] in ("sessions", "profile", "compare", "show", "test", "extract") and code == 0:
        assert "␛" in written.decode(), "hostile text was shown"


@pytest.mark.parametrize(
    "words",
    [
        ("sessions", "--all", "--json"),
        ("profile", "evil0", "--json"),
        ("outcomes", "--all", "--json"),
        ("list", "--json"),
        ("show", TEMPLATE, "--json"),
        ("test", TEMPLATE, "go", "--json"),
        ("export", TEMPLATE),
    ],
)
def test_commands_as_json_say_the_same_on_a_terminal(
    hostile: Path, environ: dict[str, str], words: tuple[str, ...]
) -> None:
    command = warmtui(*words[:1], "--source", str(hostile / "state.db"), *words[1:])
    piped = subprocess.run(
        command, env=environ, cwd=hostile, capture_output=True, check=True, stdin=subprocess.DEVNULL
    )
    terminal = Terminal(command, environ, hostile, stderr=subprocess.DEVNULL)
    assert terminal.finish() == 0
    terminal.close()
    expect_harmless(bytes(terminal.written))
    answers = [piped.stdout.decode(), terminal.written.decode()]
    assert answers[0] != answers[1], "there was nothing to escape"
    said = [answer.rstrip("\r\n").split("\n") if words[0] == "outcomes" else [answer] for answer in answers]
    assert [json.loads(line) for line in said[0]] == [json.loads(line) for line in said[1]]


def test_names_a_library_refuses_are_shown_harmlessly(hostile: Path, environ: dict[str, str]) -> None:
    terminal = Terminal(warmtui("list"), environ, hostile)
    assert terminal.finish() == 0
    terminal.close()
    assert "imported ␛]52;c;" in terminal.text
    assert len(NAMES) > 3
