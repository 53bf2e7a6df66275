"""Using commands: test, export, install, uninstall."""

from __future__ import annotations

from typing import Any

import click

from warmtui.cli import output
from warmtui.cli.options import common, json_option, run

_CWD_HELP = "What {cwd} stands for (default: the current folder)."


@click.command("test")
@click.argument("template")
@click.argument("message", required=False, default="")
@click.option("--cwd", help=_CWD_HELP)
@json_option
@common
def test_command(template: str, message: str, cwd: str | None, as_json: bool) -> None:
    """Print the exact messages that a session with TEMPLATE and your MESSAGE starts with."""
    shown = run(lambda w: w.templates.preview(template, cwd=cwd))
    from warmtui.exchange.messages import to_bytes
    from warmtui.workspace.templates import with_message

    messages = with_message(shown.messages, message) if message else shown.messages
    if as_json:
        output.put_json(to_bytes(messages))
        return
    output.line(output.style("(the agent's own system prompt comes first; it is not ours)", dim=True))
    for one in messages:
        output.print_message(one, shown.tokens_of(one))
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
    done = run(lambda w: w.templates.export(template, target, path, cwd=cwd, force=force))
    if path is None:
        output.put_json(done.data)
        return
    if as_json:
        output.print_json(
            {"schema": "warmtui.export/1", "target": target, "path": str(done.path), "bytes": len(done.data)}
        )
    else:
        output.line(f"wrote {output.clip(str(done.path), 400)} ({len(done.data):,} bytes)")
    output.print_checks(done.preview.checks)


@click.command("install")
@click.argument("template")
@click.option("--cwd", help=_CWD_HELP)
@json_option
@common
def install_command(template: str, cwd: str | None, as_json: bool) -> None:
    """Make TEMPLATE the prefill that Hermes sends by default; uninstall undoes it."""
    done = run(lambda w: w.agents.install(template, cwd=cwd))
    if as_json:
        output.print_json(_installed_json(done))
        return
    output.line(f"Hermes sends {done.path} with every conversation now")
    if done.previous:
        output.line(f"before, it sent {output.clip(done.previous, 300)}")
    kept = f" (the config as it was is kept in {done.backup})" if done.backup else ""
    output.line(f"undo it with: warmtui uninstall{kept}")


def _installed_json(done: Any) -> dict[str, Any]:
    return {
        "schema": "warmtui.install/1",
        "path": str(done.path),
        "config": str(done.config),
        "previous": done.previous,
        "backup": None if done.backup is None else str(done.backup),
    }


@click.command("uninstall")
@json_option
@common
def uninstall_command(as_json: bool) -> None:
    """Undo install: Hermes sends again what it sent before."""
    done = run(lambda w: w.agents.uninstall())
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
