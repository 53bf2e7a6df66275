"""Commands about warmtui itself: doctor, paths, completion, demo."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from warmtui.cli import output
from warmtui.cli.options import common, json_option, run
from warmtui.errors import UsageError, WarmtuiError
from warmtui.temporary import TemporaryFolder
from warmtui.text import iso

if TYPE_CHECKING:
    from warmtui.workspace import Workspace

DEMO_SESSION = "20261120_094736"
DEMO_NAME = "shop conventions"
DEMO_MESSAGE = "make coupons expire"
_SIGNS = {"ok": "✓", "note": "·", "problem": "✗"}


@click.command("doctor")
@json_option
@common
def doctor_command(as_json: bool) -> int:
    """Check sources, library and configuration; exit code 1 when something is wrong."""
    look = (click.get_current_context().find_object(dict) or {}).get("check_app_settings")
    # The checks report the settings' problems themselves.
    checks, sources = run(lambda workspace: workspace.doctor(look), report_settings=False)
    if as_json:
        reports = [
            source._asdict()
            | {
                "newest": iso(source.newest),
                "problems": [problem._asdict() for problem in source.problems],
            }
            for source in sources
        ]
        output.print_json(
            {
                "schema": "warmtui.doctor/1",
                "checks": [check._asdict() for check in checks],
                "sources": reports,
            }
        )
    else:
        for check in checks:
            head = f"{_SIGNS[check.status]} {check.name:<10} "
            for words in filter(None, (check.text, check.remedy)):
                # Never clipped: the end says what to do.
                for line in output.wrapped(words, output.width() - 13):
                    output.line(head + line)
                    head = " " * 13
    return 1 if any(check.status == "problem" for check in checks) else 0


@click.command("paths")
@json_option
@common
def paths_command(as_json: bool) -> None:
    """Show where everything lies."""

    async def work(workspace: Workspace) -> dict[str, str]:
        return workspace.paths()

    found = run(work)
    if as_json:
        missing = [name for name, path in found.items() if not Path(path).exists()]
        output.print_json({"schema": "warmtui.paths/1", **found, "missing": missing})
    else:
        width = max(map(len, found))
        for name, path in found.items():
            remark = "" if Path(path).exists() else output.style("  does not exist", dim=True)
            output.line(f"{name:<{width}} {path}{remark}")


@click.command("completion")
@click.argument("shell", required=False, type=click.Choice(["bash", "zsh", "fish"]))
@common
def completion_command(shell: str | None) -> None:
    """Print completion for SHELL; the one you are in without it.

    bash: eval "$(warmtui completion bash)" in ~/.bashrc; zsh likewise in ~/.zshrc;
    fish: warmtui completion fish > ~/.config/fish/completions/warmtui.fish.
    """
    from click.shell_completion import get_completion_class

    from warmtui.cli.main import root

    name = shell or Path(os.environ.get("SHELL", "")).name
    kind = get_completion_class(name)
    if kind is None:
        raise UsageError(f"there is no completion for {name or 'this shell'!r}", "name one: bash, zsh, fish")
    output.line(kind(root, {}, "warmtui", "_WARMTUI_COMPLETE").source())


@click.command("demo")
@click.option("--headless", is_flag=True, help="Without the app: every step as a command, with its output.")
@common
def demo_command(headless: bool) -> int:
    """Do the whole job on bundled recordings of stock Hermes, in a throwaway library.

    Nothing of yours is read or written.
    """
    from warmtui.cli.main import main

    opener = (click.get_current_context().find_object(dict) or {}).get("open_app")
    with TemporaryFolder() as folder:
        source = folder / "state.db"
        # A copy, because SQLite may write beside a database that it reads.
        shutil.copyfile(recording("state.db"), source)
        kept = str(folder / "library.db")
        if opener is not None and not headless and sys.stdin.isatty() and sys.stdout.isatty():
            return int(opener((str(source),), kept))
        prefill = folder / "prefill.json"
        library = ["--source", str(source), "--library", kept]
        steps: tuple[tuple[str, list[str]], ...] = (
            ("Which sessions were reliable?", ["sessions"]),
            ("Why? What worked, what failed, what fixed it?", ["profile", DEMO_SESSION]),
            ("Keep what is worth keeping.", ["extract", DEMO_SESSION, "--name", DEMO_NAME, "--tag", "shop"]),
            ("Read exactly what the next session will be sent.", ["test", DEMO_NAME, DEMO_MESSAGE]),
            ("Write it for Hermes.", ["export", DEMO_NAME, "--to", "hermes-prefill", "-o", str(prefill)]),
            ("It is in the library.", ["list"]),
        )
        for number, (title, words) in enumerate(steps, 1):
            output.line()
            output.line(output.style(f"── {number} of {len(steps)} · {title}", bold=True))
            output.line(output.style(f"$ warmtui {shlex.join(words)}", dim=True))
            code = main([*library, *words])
            if code:
                output.note(f"warmtui: the demo stopped at: warmtui {shlex.join(words)}")
                return code
        output.line()
        output.line("On your own sessions: warmtui sessions, then the same steps; start the agent with:")
        output.line(f"  warmtui launch {shlex.quote(DEMO_NAME)} -- hermes chat")
    return 0


def recording(name: str) -> Path:
    """Return the path of a bundled recording, in a wheel and in a checkout alike.

    Raises:
        WarmtuiError: the installation is incomplete.
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_assets", package.parent / "assets"):
        path = folder / "recordings" / name
        if path.exists():
            return path
    raise WarmtuiError(
        f"the bundled file recordings/{name} is missing from {package}", "install warmtui again"
    )
