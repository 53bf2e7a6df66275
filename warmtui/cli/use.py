"""Commands that use templates: test, export, launch, install, uninstall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from warmtui.cli import output
from warmtui.cli.options import common, json_option, run

if TYPE_CHECKING:
    from warmtui.workspace import Workspace
    from warmtui.workspace.agents import Launched

_CWD_HELP = "What {cwd} stands for (default: the current folder)."


@click.command("test")
@click.argument("template")
@click.argument("message", required=False, default="")
@click.option("--cwd", help=_CWD_HELP)
@json_option
@common
def test_command(template: str, message: str, cwd: str | None, as_json: bool) -> None:
    """Print the exact messages that a session with TEMPLATE and your MESSAGE starts with."""
    shown = run(lambda workspace: workspace.templates.preview(template, cwd=cwd))
    from warmtui.exchange.messages import to_bytes
    from warmtui.workspace.templates import with_message

    messages = with_message(shown.messages, message) if message else shown.messages
    if as_json:
        output.put_json(to_bytes(messages))
        return
    output.line(output.style("(the agent's own system prompt comes first; it is not ours)", dim=True))
    for each in messages:
        output.print_message(each, shown.tokens_of(each))
    output.line()
    output.line(
        f"≈ {shown.tokens:,} tokens ours, sent again with every request: ≈ {50 * shown.tokens:,} over 50"
    )
    output.print_checks(shown.checks)


@click.command("export")
@click.argument("template")
@click.option(
    "--to",
    "target",
    default="hermes-prefill",
    show_default=True,
    metavar="TARGET",
    help="hermes-prefill, hermes-session or openai-json.",
)
@click.option("-o", "--output", "path", help="The file to write, or a folder; stdout without it.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option("--cwd", help=_CWD_HELP)
@json_option
@common
def export_command(
    template: str, target: str, path: str | None, force: bool, cwd: str | None, as_json: bool
) -> None:
    """Write TEMPLATE for an agent or a provider."""
    done = run(lambda workspace: workspace.templates.export(template, target, path, cwd=cwd, force=force))
    output.print_checks(done.refusals)
    if path is None:
        output.put_json(done.data)
        return
    if as_json:
        output.print_json(
            {"schema": "warmtui.export/1", "target": target, "path": str(done.path), "bytes": len(done.data)}
        )
    else:
        output.line(f"wrote {output.clip(str(done.path), 400)} ({len(done.data):,} bytes)")


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
@click.option("--cwd", help=_CWD_HELP)
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


@click.command("install")
@click.argument("template")
@click.option("--cwd", help=_CWD_HELP)
@json_option
@common
def install_command(template: str, cwd: str | None, as_json: bool) -> None:
    """Make TEMPLATE the prefill that Hermes sends by default; uninstall undoes it."""
    done = run(lambda workspace: workspace.agents.install(template, cwd=cwd))
    if as_json:
        output.print_json(
            {
                "schema": "warmtui.install/1",
                "path": str(done.path),
                "config": str(done.config),
                "previous": done.previous,
                "backup": None if done.backup is None else str(done.backup),
            }
        )
        return
    output.line(f"Hermes sends {done.path} with every conversation now")
    if done.previous:
        output.line(f"before, it sent {output.clip(done.previous, 300)}")
    kept = f" (the config as it was is kept in {done.backup})" if done.backup else ""
    output.line(f"undo it with: warmtui uninstall{kept}")


@click.command("uninstall")
@json_option
@common
def uninstall_command(as_json: bool) -> None:
    """Undo install: Hermes sends again what it sent before."""
    done = run(lambda workspace: workspace.agents.uninstall())
    if as_json:
        output.print_json(
            {
                "schema": "warmtui.uninstall/1",
                "config": str(done.config),
                "previous": done.previous,
                "removed": [str(path) for path in done.removed],
                "kept": [str(path) for path in done.kept],
            }
        )
        return
    again = f"sends {output.clip(done.previous, 300)} again" if done.previous else "sends no prefill any more"
    output.line(f"Hermes {again}")
    for path in done.kept:
        output.note(f"{path} was changed since and stays")
