"""Handing a template over: to a file, to Hermes' default, to an agent. The same from every screen."""

from __future__ import annotations

import shlex

from textual.app import SuspendNotSupported

from warmtui.errors import WarmtuiError
from warmtui.tui.dialogs.form import Ask, Form
from warmtui.tui.room import Room
from warmtui.workspace.using import write_file


async def write(room: Room, data: bytes, path: str, name: str, extension: str) -> None:
    """Write an export; a file that is there is replaced only after a yes.

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
        except WarmtuiError as error:
            if not error.what.endswith(" exists"):
                raise
            title = f"{error.what}. Replace it?"
            again = await room.app.push_screen_wait(
                Form(title, [Ask("sure", "Type yes to replace it")], answer="replace")
            )
            if again is None or again["sure"].casefold() not in ("y", "yes"):
                room.say("nothing was written")
                return
            written = write_file(data, path, name, extension, force=True)
    except WarmtuiError as error:
        room.say(str(error), "error")
        return
    room.say(f"wrote {written}")


async def install(room: Room, template: str) -> None:
    """Make a template the prefill that Hermes sends by default."""
    try:
        done = await room.workspace.install(template)
    except WarmtuiError as error:
        room.say(str(error), "error")
        return
    room.say(f"Hermes sends {done.path} by default now · U undoes it")


async def uninstall(room: Room) -> None:
    """Put back what Hermes sent before."""
    try:
        await room.workspace.uninstall()
    except WarmtuiError as error:
        room.say(str(error), "error")
        return
    room.say("Hermes sends again what it sent before")


async def launch(room: Room, template: str) -> None:
    """Ask for the command, hand the terminal to the agent, started with the template, and wait for it."""
    answer = await room.app.push_screen_wait(
        Form("Start the agent", [Ask("command", "Command", "hermes chat")], answer="start")
    )
    if answer is None or not answer["command"]:
        return
    try:
        command = shlex.split(answer["command"])
    except ValueError as error:
        room.say(f"the command cannot be read: {error}", "error")
        return
    try:
        shown = await room.workspace.preview(template)
        # nothing is awaited in here: a timer that drew meanwhile would wait for a driver that is suspended
        with room.app.suspend():
            done = room.workspace.start(shown, command)
        done = await room.workspace.record(shown, command, done)
    except SuspendNotSupported:
        room.say("this terminal cannot be handed to an agent", "warning")
        return
    except WarmtuiError as error:
        room.say(str(error), "error")
        return
    session = done.session.session_id or "not identified"
    room.say(f"the agent returned {done.result.exit_code}; its session: {session}")
    if done.unrecorded:
        room.say(f"the use could not be recorded: {done.unrecorded}", "warning")
