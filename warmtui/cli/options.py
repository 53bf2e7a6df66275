"""What all commands share: the two options every command takes, and running against a workspace."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from warmtui.cli.main import complete_sources
from warmtui.cli.output import note

if TYPE_CHECKING:
    from warmtui.workspace import Workspace

T = TypeVar("T")
Command = TypeVar("Command", bound=Callable[..., Any])


def _keep(ctx: click.Context, name: str, value: Any) -> None:
    """Store an option given after the command where those given before it are."""
    if value:
        settings = ctx.ensure_object(dict)
        # --source may stand before and after the command, and all of them count.
        settings[name] = tuple(settings.get(name, ())) + value if isinstance(value, tuple) else value


def common(command: Command) -> Command:
    """Let --source and --library be given after a command as well as before it."""
    source = click.option(
        "--source",
        "sources",
        multiple=True,
        metavar="SPEC",
        expose_value=False,
        callback=lambda ctx, _, value: _keep(ctx, "sources", value),
        shell_complete=complete_sources,
        help="A path, or an agent's name; repeatable.",
    )
    library = click.option(
        "--library",
        metavar="PATH",
        expose_value=False,
        callback=lambda ctx, _, value: _keep(ctx, "library", value),
        help="The library file.",
    )
    return source(library(command))


def json_option(command: Command) -> Command:
    """Add --json to a command."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def run(work: Callable[[Workspace], Awaitable[T]], *, report_settings: bool = True) -> T:
    """Run a use case against the workspace that the options describe.

    Args:
        work: takes the open workspace, returns the answer.
        report_settings: first report what is wrong in the settings file.

    Returns:
        What `work` returns.
    """
    from warmtui.workspace import Workspace

    settings = click.get_current_context().find_object(dict) or {}

    answers: list[T] = []
    """Kept out of the task: asyncio writes out what a task returned when it gives the signals back, which
    takes longer than listing the sessions."""

    async def inside() -> None:
        async with Workspace.open(
            sources=settings.get("sources", ()), library=settings.get("library")
        ) as workspace:
            for text in workspace.unsaved:
                note(f"warmtui: an edit was interrupted; its text is kept in {text}")
            problems = workspace.settings_problems if report_settings else ()
            for problem in problems[:1]:
                more = f" · and {len(problems) - 1} more: warmtui doctor" if len(problems) > 1 else ""
                note(f"warmtui: {problem}{more}")
            answers.append(await work(workspace))

    asyncio.run(inside())
    return answers[0]
