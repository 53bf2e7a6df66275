"""Deliver a template from any screen: to a file, to Hermes' default prefill, or to an agent."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, cast, get_args

from textual.app import SuspendNotSupported

from warmtui.errors import WarmtuiError
from warmtui.exchange.messages import to_dicts
from warmtui.exchange.targets import TARGETS, Target
from warmtui.files import FileThereError
from warmtui.model.chat import PrefillMode
from warmtui.tui.base_screen import BaseScreen
from warmtui.tui.dialogs import Answer, Choose, Form, FormField
from warmtui.tui.terminal import until_enter
from warmtui.workspace.templates import Preview, export_file, file_for

MODES: dict[PrefillMode, str] = {"combine": "first it, then ours", "replace": "only ours"}
"""What to do with a prefill that is configured already."""


async def export(
    screen: BaseScreen, name: str, render: Callable[[Target], bytes], *, target: str, warning: str = ""
) -> str | None:
    """Ask for a format and a file, and write it; after a failure ask again.

    Args:
        screen: asks, and says what happened.
        name: the template's name; it names a file in a folder.
        render: returns the file for a target; raises `WarmtuiError` if there is none.
        target: the format that is offered first.
        warning: what the person should know before.

    Returns:
        The format that was written; None if the person left the dialog.
    """

    def describe(values: Mapping[str, str]) -> str:
        file = file_for(values["path"] or "./", name, TARGETS[values["target"]].extension)
        if not file.parent.is_dir():
            return f"There is no folder {file.parent}"
        path = _absolute(file)
        return f"{path} is there: you will be asked" if file.exists() else f"Writes {path}"

    values = {"target": target, "path": "./"}
    options = tuple((each.name, each.title) for each in TARGETS.values())
    while True:
        asks = [
            FormField("target", "Format", values["target"], options=options),
            FormField("path", "File or folder", values["path"], path=True),
        ]
        form = Form(f"Export {name}", asks, answer="write", describe=describe, warning=warning, first="path")
        answer = await screen.app.push_screen_wait(form)
        if answer is None:
            return None
        values = answer
        chosen = TARGETS[values["target"]]
        try:
            data = render(chosen)
            if await _write(screen, data, values["path"] or "./", name, chosen.extension):
                return chosen.name
            warning = ""
        except WarmtuiError as error:
            warning = str(error)


def _absolute(file: Path) -> Path:
    """Return an absolute path; the path as it is if the current folder is gone."""
    try:
        return file.absolute()
    except OSError:
        return file


async def _write(screen: BaseScreen, data: bytes, path: str, name: str, extension: str) -> bool:
    """Write an export, asking before a file is replaced; return whether it was, or raise `WarmtuiError`."""
    try:
        try:
            written = export_file(data, path, name, extension, force=False)
        except FileThereError as error:
            answers = (Answer("r", "replace it"), Answer("o", "write to another file"))
            if await screen.app.push_screen_wait(Choose(error.what, answers)) != "r":
                screen.say("nothing was written")
                return False
            written = export_file(data, path, name, extension, force=True)
    except WarmtuiError as error:
        screen.say(str(error), "error")
        raise
    screen.say(f"wrote {written}")
    return True


async def install(screen: BaseScreen, template: str) -> None:
    """Make a template the prefill that Hermes sends by default.

    Args:
        screen: says what happened.
        template: the template's id.
    """
    if installed := await screen.result_or_say(screen.workspace.agents.install(template)):
        screen.say(f"Hermes sends {installed.path} by default now · U undoes it")


async def uninstall(screen: BaseScreen) -> None:
    """Put back the prefill that Hermes sent before."""
    try:
        await screen.workspace.agents.uninstall()
        screen.say("Hermes sends again what it sent before")
    except WarmtuiError as error:
        screen.say(str(error), "error")


async def launch(screen: BaseScreen, template: str, command: str = "") -> str | None:
    """Ask for a command, hand the terminal to the agent that it starts, and wait for it.

    Args:
        screen: asks, and says what happened.
        template: the id of the template that the agent starts with.
        command: the command that is offered; the usual one where it is empty.

    Returns:
        The command that was given; None if the person left the dialog.
    """
    command = command or screen.workspace.agents.usual_command
    shown = await screen.result_or_say(screen.workspace.templates.preview(template))
    start = await _ask_start(screen, shown, command) if shown is not None else None
    if shown is None or start is None:
        return None
    try:
        words = shlex.split(start.command)
    except ValueError as error:
        screen.say(f"the command cannot be read: {error}", "error")
        return start.command
    try:
        # Nothing may be awaited in here: a timer would draw on a driver that is suspended.
        with screen.app.suspend():
            launched = screen.workspace.agents.start(shown, words, prefill=start.mode)
            until_enter(f"the agent returned {launched.result.exit_code}")
        launched = await screen.workspace.agents.record(shown, words, launched)
    except SuspendNotSupported:
        screen.say("this terminal cannot be handed to an agent", "warning")
        return start.command
    except WarmtuiError as error:
        screen.say(str(error), "error")
        return start.command
    session = launched.session.session_id or "not identified"
    screen.say(f"the agent returned {launched.result.exit_code}; its session: {session}")
    if launched.unrecorded:
        screen.say(f"the use could not be recorded: {launched.unrecorded}", "warning")
    return start.command


class _Start(NamedTuple):
    command: str
    mode: PrefillMode


async def _ask_start(screen: BaseScreen, shown: Preview, command: str) -> _Start | None:
    """Ask for the command, and what to do with another prefill if one is configured."""
    asks = [FormField("command", "Command", command)]
    note = ""
    configured = screen.workspace.agents.configured_prefill(command.split()[:1])
    if configured is not None and list(configured.messages) == to_dicts(shown.messages):
        note = "It is what Hermes sends by default already; it is sent once."
    elif configured is not None and configured.path is not None:
        note = f"A prefill is configured already: {configured.path}, messages: {len(configured.messages)}."
        if configured.problem:
            note += f" {configured.problem}"
        asks.append(FormField("prefill", "What is sent", "combine", options=tuple(MODES.items())))
    answer = await screen.app.push_screen_wait(Form("Start the agent", asks, note=note, answer="start"))
    if answer is None or not answer["command"]:
        return None
    # the question is only asked where another prefill is configured
    mode = answer.get("prefill", "combine")
    assert mode in get_args(PrefillMode)
    return _Start(answer["command"], cast(PrefillMode, mode))
