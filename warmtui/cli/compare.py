"""The compare command: sessions side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from warmtui.cli import output
from warmtui.cli.options import common, json_option, run
from warmtui.errors import UsageError

if TYPE_CHECKING:
    from warmtui.model.comparison import Comparison


@click.command("compare")
@click.argument("sessions", nargs=-1, metavar="SESSION SESSION [SESSION]…")
@json_option
@common
def compare_command(sessions: tuple[str, ...], as_json: bool) -> None:
    """Show two or more SESSIONS side by side: figures, what they have in common, their calls in step.

    Differences are the first session's figure minus the other's, with 95 % intervals. They describe these
    sessions; they are no test. Of three or more sessions the text is a table of figures, --json has all.
    """
    if len(sessions) < 2:
        raise UsageError("name two sessions or more", "see: warmtui compare --help")
    comparison = run(lambda w: w.sessions.compare(sessions))
    if as_json:
        output.print_json(comparison.model_dump(mode="json", by_alias=True))
    else:
        _print(comparison)


def _print(one: Comparison) -> None:
    from warmtui.cli.comparison_text import several, two

    for text in two(one, output.width()) if len(one.sessions) == 2 else several(one, output.width()):
        output.line(text)
