"""The demo: the whole job on bundled recordings, in a throwaway library."""

from __future__ import annotations

import shlex
import shutil
import sys
import tempfile
from pathlib import Path

import click

from warmtui.cli import output
from warmtui.cli.options import common

SESSION = "20261120_094736"
NAME = "shop conventions"
MESSAGE = "make coupons expire"


@click.command("demo")
@click.option("--headless", is_flag=True, help="Without the app: every step as a command, with its output.")
@common
def demo_command(headless: bool) -> int:
    """Do the whole job on bundled recordings of stock Hermes, in a throwaway library.

    Nothing of yours is read or written.
    """
    from warmtui.assets import asset
    from warmtui.cli.main import main

    opener = (click.get_current_context().find_object(dict) or {}).get("open_app")
    if opener is not None and not headless and sys.stdin.isatty() and sys.stdout.isatty():
        with tempfile.TemporaryDirectory(prefix="warmtui-demo-") as folder:
            source = Path(folder) / "state.db"
            shutil.copyfile(asset("recordings/state.db"), source)
            return int(opener((str(source),), str(Path(folder) / "library.db")))
    with tempfile.TemporaryDirectory(prefix="warmtui-demo-") as folder:
        source = Path(folder) / "state.db"
        shutil.copyfile(asset("recordings/state.db"), source)
        prefill = Path(folder) / "prefill.json"
        library = ["--source", str(source), "--library", str(Path(folder) / "library.db")]
        steps: tuple[tuple[str, list[str]], ...] = (
            ("Which sessions were reliable?", ["sessions"]),
            ("Why? What worked, what failed, what fixed it?", ["profile", SESSION]),
            ("Keep what is worth keeping.", ["extract", SESSION, "--name", NAME, "--tag", "shop"]),
            ("Read exactly what the next session will be sent.", ["test", NAME, MESSAGE]),
            ("Write it for Hermes.", ["export", NAME, "--to", "hermes-prefill", "-o", str(prefill)]),
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
        output.line(f"  warmtui launch {shlex.quote(NAME)} -- hermes chat")
    return 0
