"""The launch command: start an agent with a template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from warmtui.cli import output
from warmtui.cli.options import common, run

if TYPE_CHECKING:
    from warmtui.workspace import Workspace
    from warmtui.workspace.agents import Launched


@click.command("launch")
@click.argument("template")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, required=True)
@click.option(
    "--prefill",
    "mode",
    type=click.Choice(["combine", "replace"]),
    default="combine",
    show_default=True,
    help="What happens to a prefill that is configured already.",
)
@click.option("--cwd", help="What {cwd} stands for (default: the current folder).")
@common
def launch_command(
    template: str, command: tuple[str, ...], mode: Literal["combine", "replace"], cwd: str | None
) -> int:
    """Start COMMAND, an agent, with TEMPLATE, as in: warmtui launch T -- hermes chat.

    Returns the command's own exit code, and 125 when it could not be started.
    """

    async def work(workspace: Workspace) -> Launched:
        configured = workspace.agents.configured_prefill(command)
        if configured is not None and configured.path is not None:
            verb = "comes before" if mode == "combine" else "is replaced by"
            output.note(
                f"warmtui: a prefill is configured already ({configured.path}); it {verb} the template"
            )
        return await workspace.agents.launch(template, command, prefill=mode, cwd=cwd)

    done = run(work)
    session = done.session
    if session.session_id:
        output.note(f"warmtui: started session {session.session_id}")
    elif session.candidates:
        output.note(
            f"warmtui: the session could not be identified; it is one of {', '.join(session.candidates)}"
        )
    else:
        output.note("warmtui: the session could not be identified")
    if done.unrecorded:
        output.note(f"warmtui: the use was not recorded: {done.unrecorded}")
    return done.result.exit_code
