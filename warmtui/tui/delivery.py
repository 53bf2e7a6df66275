"""Handing a template over: to a file, to Hermes' default, to an agent. The same from every screen."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, cast, get_args

from textual.app import SuspendNotSupported

from warmtui.errors import WarmtuiError
from warmtui.exchange.base import Target
from warmtui.exchange.messages import to_dicts
from warmtui.exchange.targets import TARGETS
from warmtui.integrations.hermes.prefill import PrefillMode
from warmtui.tui.base_screen import BaseScreen
from warmtui.tui.dialogs.choose import Answer, Choose
from warmtui.tui.dialogs.form import Ask, Form
from warmtui.tui.terminal import until_enter
from warmtui.workspace.templates import FileThereError, file_for, write_file

MODES: dict[PrefillMode, str] = {"combine": "first it, then ours", "replace": "only ours"}
"""What can become of a prefill that is configured already."""


async def export(
    room: BaseScreen, name: str, render: Callable[[Target], bytes], *, target: str, warning: str = ""
) -> str | None:
    """Ask for a format and a file, and write it.

    Args:
        room: the screen that says what happened.
        name: the template's name, for a file in a folder.
        render: writes it in a target's format; raises `WarmtuiError` where that cannot be.
        target: the format that is offered first.
        warning: what is to be known before.

    Returns:
        The format that was chosen; None when nothing was written.
    """

    def say(values: Mapping[str, str]) -> str:
        file = file_for(values["path"] or "./", name, TARGETS[values["target"]].extension)
        if not file.parent.is_dir():
            return f"There is no folder {file.parent}"
        there = " is there: you will be asked" if file.exists() else ""
        return f"{'Writes ' if not there else ''}{_whole(file)}{there}"

    values = {"target": target, "path": "./"}
    options = tuple((one.name, one.title) for one in TARGETS.values())
    problem = warning
    while True:
        answer = await room.app.push_screen_wait(
            Form(
                f"Export {name}",
                [
                    Ask("target", "Format", values["target"], options=options),
                    Ask("path", "File or folder", values["path"], path=True),
                ],
                answer="write",
                say=say,
                warning=problem,
                first="path",
            )
        )
        if answer is None:
            return None
        values = answer
        kind = TARGETS[values["target"]]
        try:
            data = render(kind)
        except WarmtuiError as error:
            problem = str(error)
            continue
        written = await write(room, data, values["path"] or "./", name, kind.extension)
        if written.done:
            return kind.name
        problem = written.problem


def _whole(file: Path) -> Path:
    """Return a path from the root; as it is where the current folder is gone."""
    try:
        return file.absolute()
    except OSError:
        return file


class Written(NamedTuple):
    """How writing went."""

    done: bool
    problem: str = ""
    """Why it could not be written; empty also when the person did not want to replace a file."""


async def write(room: BaseScreen, data: bytes, path: str, name: str, extension: str) -> Written:
    """Write an export; a file that is there is replaced only when asked to.

    Args:
        room: the screen that says what happened.
        data: the file.
        path: a file or folder.
        name: the template's name, for a file in a folder.
        extension: with its dot.
    """
    try:
        try:
            written = write_file(data, path, name, extension, force=False)
        except FileThereError as error:
            again = await room.app.push_screen_wait(
                Choose(error.what, (Answer("r", "replace it"), Answer("o", "write to another file")))
            )
            if again != "r":
                room.say("nothing was written")
                return Written(done=False)
            written = write_file(data, path, name, extension, force=True)
    except WarmtuiError as error:
        room.say(str(error), "error")
        return Written(done=False, problem=str(error))
    room.say(f"wrote {written}")
    return Written(done=True)


async def install(room: BaseScreen, template: str) -> None:
    """Make a template the prefill that Hermes sends by default."""
    try:
        done = await room.workspace.agents.install(template)
    except WarmtuiError as error:
        room.say(str(error), "error")
        return
    room.say(f"Hermes sends {done.path} by default now · U undoes it")


async def uninstall(room: BaseScreen) -> None:
    """Put back what Hermes sent before."""
    try:
        await room.workspace.agents.uninstall()
    except WarmtuiError as error:
        room.say(str(error), "error")
        return
    room.say("Hermes sends again what it sent before")


async def launch(room: BaseScreen, template: str, command: str = "hermes chat") -> str | None:
    """Ask for the command, hand the terminal to the agent, started with the template, and wait for it.

    Args:
        room: the screen that says what happened.
        template: its id.
        command: the command that is offered.

    Returns:
        The command that was given; None when the question was left.
    """
    try:
        shown = await room.workspace.templates.preview(template)
    except WarmtuiError as error:
        room.say(str(error), "error")
        return None
    asks = [Ask("command", "Command", command)]
    note = ""
    configured = room.workspace.agents.configured_prefill(command.split()[:1] or ["hermes"])
    if configured is not None and list(configured.messages) == to_dicts(shown.messages):
        note = "It is what Hermes sends by default already; it is sent once."
    elif configured is not None and configured.path is not None:
        note = f"A prefill is configured already: {configured.path}, messages: {len(configured.messages)}."
        if configured.problem:
            note += f" {configured.problem}"
        asks.append(Ask("prefill", "What is sent", "combine", options=tuple(MODES.items())))
    answer = await room.app.push_screen_wait(Form("Start the agent", asks, note=note, answer="start"))
    if answer is None or not answer["command"]:
        return None
    given = answer["command"]
    mode = answer.get("prefill", "combine")
    assert mode in get_args(PrefillMode)
    try:
        words = shlex.split(given)
    except ValueError as error:
        room.say(f"the command cannot be read: {error}", "error")
        return given
    try:
        # nothing is awaited in here: a timer that drew meanwhile would wait for a driver that is suspended
        with room.app.suspend():
            done = room.workspace.agents.start(shown, words, prefill=cast(PrefillMode, mode))
            until_enter(f"the agent returned {done.result.exit_code}")
        done = await room.workspace.agents.record(shown, words, done)
    except SuspendNotSupported:
        room.say("this terminal cannot be handed to an agent", "warning")
        return given
    except WarmtuiError as error:
        room.say(str(error), "error")
        return given
    session = done.session.session_id or "not identified"
    room.say(f"the agent returned {done.result.exit_code}; its session: {session}")
    if done.unrecorded:
        room.say(f"the use could not be recorded: {done.unrecorded}", "warning")
    return given
