"""The command that finds words in the messages of all sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from warmtui.cli import output
from warmtui.cli.options import common, json_option, run
from warmtui.cli.transcript import ORIGINS
from warmtui.display import display_line

if TYPE_CHECKING:
    from warmtui.workspace.search_hits import Hit


@click.command("search")
@click.argument("words", nargs=-1, required=True)
@click.option("--all", "include_hidden", is_flag=True, help="In archived and hidden sessions too.")
@click.option("--limit", type=click.IntRange(min=1), default=100, help="At most so many hits (100).")
@json_option
@common
def search_command(words: tuple[str, ...], include_hidden: bool, limit: int, as_json: bool) -> None:
    """Find the messages, calls and results that hold all WORDS.

    Words are found by their beginnings, in any case; "quoted words" as they stand; words with signs in
    them, such as cart.py, anywhere. Secrets are masked.
    """
    text = " ".join(_quoted(word) for word in words)
    with output.ProgressLine("indexing sessions for search") as progress:
        found = run(
            lambda workspace: workspace.sessions.search_hits(
                text, limit=limit, include_hidden=include_hidden, on_progress=progress
            )
        )
    if as_json:
        hits = [_hit_json(hit) for hit in found.hits]
        output.print_json(
            {"schema": "warmtui.search/1", "hits": hits, "not_searched": list(found.not_searched)}
        )
        return
    for hit in found.hits:
        _print_hit(hit)
    for remark in found.notes:
        output.note(f"warmtui: {remark}")
    for left_out in found.not_searched[: output.PROBLEMS_SHOWN]:
        output.note(f"warmtui: not searched: {left_out}")
    more = len(found.not_searched) - output.PROBLEMS_SHOWN
    if more > 0:
        output.note(f"warmtui: and {more:,} more were not searched (--json lists all)")


def _quoted(word: str) -> str:
    """Return an argument that the shell kept together as the phrase it was meant as."""
    return f'"{word}"' if " " in word.strip() and '"' not in word else word


def _hit_json(hit: Hit) -> dict[str, Any]:
    return {
        "session": hit.session.id,
        "agent": hit.session.agent,
        "position": hit.position,
        "call_id": hit.call_id,
        "snippet": hit.snippet,
    }


def _print_hit(hit: Hit) -> None:
    parts, at = [], 0
    for start, end in hit.spans:
        parts += [
            display_line(hit.snippet[at:start]),
            output.style(display_line(hit.snippet[start:end]), bold=True),
        ]
        at = end
    parts.append(display_line(hit.snippet[at:]))
    output.line(f"{output.pad(hit.session.id, 22)}  {ORIGINS[hit.origin]:<7}  {''.join(parts)}")
