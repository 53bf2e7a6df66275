"""An agent started from the app has the terminal, and what it said can be read before the app is back."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from seeds import draft
from terminal import Terminal, terminal_environ, warmtui

from warmtui.library.library import Library

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are a thing of POSIX"),
]
SAID = "expired coupons are refused now"


async def fill(path: Path) -> None:
    async with Library(path, clock=lambda: datetime(2026, 11, 20, tzinfo=UTC)) as library:
        await library.save(draft())


@pytest.fixture
def editor() -> str:
    return "true"


@pytest.fixture
def app(tmp_path: Path, recordings: Path, editor: str) -> Iterator[Terminal]:
    asyncio.run(fill(tmp_path / "library.db"))
    terminal = Terminal(
        warmtui("--source", str(recordings)), terminal_environ(tmp_path, EDITOR=editor), tmp_path
    )
    terminal.expect("● live")
    terminal.press("4", "Templates")
    yield terminal
    terminal.close()


def start(app: Terminal, before: str = "") -> None:
    """Start an agent that says something, after another command, and wait for its end."""
    app.press("L", "Start the agent")
    app.press(f"sh -c '{before}echo {SAID.upper()} | tr A-Z a-z'", "tr A-Z a-z")
    app.press("\r", lambda text: SAID in text and "Enter goes back" in text)


def leave(app: Terminal) -> None:
    """Quit the app, which must end well."""
    app.press("q", lambda _: True)
    assert app.finish() == 0


def test_what_the_agent_said_stays_until_enter(app: Terminal) -> None:
    start(app)
    assert "Templates" not in app.text.rpartition(SAID)[2], "the app drew over it"
    app.press("\r", "Templates")
    leave(app)


def test_enter_is_heard_where_the_agent_left_the_terminal_raw(app: Terminal) -> None:
    start(app, before="stty raw -echo; ")
    app.press("\r", "Templates")
    leave(app)


def test_sigint_there_goes_back_and_sigterm_ends_the_app(app: Terminal) -> None:
    start(app)
    app.process.send_signal(signal.SIGINT)  # as Ctrl-C does in a terminal that controls it
    app.expect(lambda text: "Templates" in text.rpartition(SAID)[2])
    start(app)
    app.process.send_signal(signal.SIGTERM)
    assert app.finish() == 128 + signal.SIGTERM
    assert "Traceback" not in app.text


def test_after_a_command_that_cannot_be_started_the_app_is_back(app: Terminal) -> None:
    app.press("L", "Start the agent")
    app.press("no-such-agent", "no-such-agent")
    app.press("\r", "no-such-agent: no such command")
    leave(app)


def edit_outside(app: Terminal, until: str) -> None:
    """Hand an item of the template to the person's editor."""
    app.press("e", "Curate")
    app.press("\t", "K/J")
    app.press("E", until)


@pytest.mark.parametrize("editor", ["/no/such/editor"])
def test_after_an_editor_that_is_missing_the_app_is_back(app: Terminal) -> None:
    edit_outside(app, "could not be started")
    leave(app)


@pytest.mark.parametrize("editor", ["sh -c 'echo at your service; exec sleep 60'"])
def test_ctrl_c_in_the_editor_is_the_editors(app: Terminal) -> None:
    edit_outside(app, "at your service")
    os.killpg(app.process.pid, signal.SIGINT)  # as Ctrl-C does in a terminal that controls them
    app.expect("nothing was changed")
    leave(app)
