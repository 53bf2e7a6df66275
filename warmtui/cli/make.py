"""Commands that make templates from sessions: candidates, extract, build."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from warmtui.cli import output
from warmtui.cli.keep import TYPES
from warmtui.cli.main import complete_sessions
from warmtui.cli.options import common, json_option, run
from warmtui.text import counted

if TYPE_CHECKING:
    from warmtui.curation.candidates import Candidate
    from warmtui.workspace.extraction import ExtractResult, Weighed

LEFT_SHOWN = 5


def _extract_options(command: Any) -> Any:
    # Decorators apply from the last to the first, and --help lists options in the order given.
    for option in reversed(
        [
            click.option("--name", help="Its name; one in use gets a new version (default: warm_DATE_TIME)."),
            click.option("--description", default="", help="What it is for."),
            click.option("--type", "task_type", type=click.Choice(TYPES), help="Default: from its examples."),
            click.option("--tag", "tags", multiple=True, help="A tag; repeatable."),
            click.option(
                "--max-examples", type=int, help="At most so many examples (default: settings, else 8)."
            ),
            click.option(
                "--budget", type=int, help="Tokens of the whole start, about (default: settings, else 2000)."
            ),
            click.option("--dry-run", is_flag=True, help="Show what it would be; save nothing."),
        ]
    ):
        command = option(command)
    return command


@click.command("candidates")
@click.argument("sessions", nargs=-1, required=True, shell_complete=complete_sessions)
@click.option("--why", is_flag=True, help="Show every item's evidence, and why it is left out.")
@json_option
@common
def candidates_command(sessions: tuple[str, ...], why: bool, as_json: bool) -> None:
    """List what SESSIONS offer to keep, best first, and what of it `extract` takes.

    Secrets and personal data are masked. + marks what a template starts with, - what is worth keeping and
    left out.
    """
    with output.ProgressLine("judging sessions") as progress:
        weighed = run(lambda workspace: workspace.templates.weigh(sessions, progress=progress))
    if as_json:
        output.print_json(_weighed_json(weighed))
    else:
        _print_weighed(weighed, why=why)


def _left_out(weighed: Weighed) -> dict[str, str]:
    """Return for each candidate that is not selected why, by its id."""
    from warmtui.curation.candidates.evidence import BAR

    offered, selection = weighed
    below = f"below the bar of {BAR:g} points"
    reasons = {candidate.id: below for candidate in offered.candidates if not candidate.worth_keeping}
    reasons |= {left.id: left.reason for left in selection.left_out}
    return {name: reason for name, reason in reasons.items() if name not in selection.chosen}


def _weighed_json(weighed: Weighed) -> dict[str, Any]:
    from warmtui.curation.bootstrap import seed_text
    from warmtui.curation.candidates.selection import seed_of

    offered, selection = weighed
    left_out = _left_out(weighed)
    sessions = [source.id for source in offered.sources]
    named = {"session": sessions[0]} if len(sessions) == 1 else {"sessions": sessions}
    return {
        "schema": "warmtui.candidates/1",
        **named,
        "tokens": selection.tokens,
        "items": [
            {
                **_candidate_json(candidate),
                "kind": candidate.kind.removeprefix("tool_"),
                "session": offered.offers[candidate.id].source.id,
                "worth": candidate.worth_keeping,
                "selected": candidate.id in selection.chosen,
                "left_out": left_out.get(candidate.id),
                "calls": candidate.calls,
                "failed_calls": candidate.failed_calls,
                "positions": candidate.positions,
                "text": seed_text(seed_of([candidate])),
            }
            for candidate in offered.candidates
        ],
    }


def _print_weighed(weighed: Weighed, *, why: bool) -> None:
    from warmtui.curation.summaries import candidate_summary, kind_in_words

    offered, selection = weighed
    left_out = _left_out(weighed)
    width = output.width()
    for candidate in offered.candidates:
        chosen = candidate.id in selection.chosen
        mark = "+" if chosen else "-" if candidate.worth_keeping else " "
        kind = output.pad(kind_in_words(candidate.kind), 14)
        start = f"{mark} {candidate.evidence:>5.1f}  {kind} {candidate.tokens:>6,}  "
        text = start + output.clip(candidate_summary(candidate.record), width - len(start))
        output.line(output.style(text, bold=chosen, dim=mark == " "))
        if why:
            reasons = ", ".join(candidate.reasons)
            if candidate.id in left_out:
                reasons = f"left out: {left_out[candidate.id]} ({reasons})"
            for row in output.wrapped(reasons, width - len(start)):
                output.line(output.style(" " * len(start) + row, dim=True))
    worth = sum(candidate.worth_keeping for candidate in offered.candidates)
    output.line(
        f"{counted(len(offered.candidates), 'candidate')}, {worth} worth keeping, "
        f"{len(selection.chosen)} selected: ≈ {selection.tokens:,} tokens"
    )


@click.command("extract")
@click.argument("session", shell_complete=complete_sessions)
@_extract_options
@json_option
@common
def extract_command(session: str, as_json: bool, dry_run: bool, **options: Any) -> None:
    """Make a template from SESSION: what you prefer, how things are done, fixes, good calls, places.

    Secrets and personal data are masked, text that reads like an instruction is left out.
    """
    from warmtui.workspace.extraction import ExtractOptions

    made = run(
        lambda workspace: workspace.templates.extract(session, ExtractOptions(**options), dry_run=dry_run)
    )
    _answer(made, as_json)


@click.command("build")
@_extract_options
@click.option(
    "--min-messages", default=30, show_default=True, help="Only sessions with at least so many messages."
)
@click.option(
    "--max-sessions", default=30, show_default=True, help="At most so many sessions, the newest that fit."
)
@click.option("--channel", help="Only sessions of this channel: cli, telegram, …")
@click.option(
    "--max-error-rate",
    default=0.5,
    show_default=True,
    help="Only sessions with at most this share of errors, from 0 to 1.",
)
@click.option(
    "--end-reason",
    "end_reasons",
    help="Only sessions that ended so: cli_close, …; none for an open one.  [default: every normal end]",
)
@json_option
@common
def build_command(
    as_json: bool,
    dry_run: bool,
    min_messages: int,
    max_sessions: int,
    channel: str | None,
    max_error_rate: float,
    end_reasons: str | None,
    **options: Any,
) -> None:
    """Make one template from many sessions, each thing once."""
    from warmtui.workspace.extraction import NORMAL_ENDS, ExtractOptions, SessionCriteria

    ends = NORMAL_ENDS if end_reasons is None else tuple(map(str.strip, end_reasons.split(",")))
    criteria = SessionCriteria(min_messages, max_sessions, channel, max_error_rate, ends)
    with output.ProgressLine("judging sessions") as progress:
        made = run(
            lambda workspace: workspace.templates.build(
                ExtractOptions(**options), criteria, dry_run=dry_run, progress=progress
            )
        )
    _answer(made, as_json)
    output.report_problems(made.problems)


def _candidate_json(candidate: Candidate) -> dict[str, Any]:
    return {
        "id": candidate.id,
        "kind": candidate.kind,
        "evidence": candidate.evidence,
        "reasons": list(candidate.reasons),
        "seen": candidate.seen,
        "tokens": candidate.tokens,
        "flags": list(candidate.flags),
    }


def _answer(made: ExtractResult, as_json: bool) -> None:
    saved = made.saved
    if as_json:
        output.print_json(
            {
                "schema": "warmtui.made/1",
                "template": None if saved is None else saved.template.model_dump(mode="json"),
                "created": saved is not None and saved.created,
                "unchanged": saved is not None and saved.unchanged,
                "draft": made.draft.model_dump(mode="json"),
                "tokens": made.selection.tokens,
                "sessions": made.sessions,
                "chosen": [_candidate_json(candidate) for candidate in made.chosen],
                "left_out": [left._asdict() for left in made.selection.left_out],
                "problems": [problem._asdict() for problem in made.problems],
            }
        )
        return
    name = output.clip(made.draft.name, 60)
    if saved is None:
        output.line(f"{name}: not saved (--dry-run)")
    elif saved.unchanged:
        output.line(f"{name} is the same as its version {saved.version.number}; nothing was saved")
    elif saved.created:
        output.line(f"saved {name} ({saved.template.id})")
    else:
        output.line(f"{name} was in use: saved as its version {saved.version.number}")
    many = f" from {made.sessions} sessions" if made.sessions > 1 else ""
    output.line(f"≈ {made.selection.tokens:,} tokens · {made.draft.task_type}{many}")
    for candidate in made.chosen:
        _print_item(candidate, ", ".join(candidate.reasons))
    by_id = {candidate.id: candidate for candidate in made.candidates}
    left_out = made.selection.left_out
    if left_out:
        output.line("left out:")
    for left in left_out[:LEFT_SHOWN]:
        _print_item(by_id[left.id], left.reason)
    if len(left_out) > LEFT_SHOWN:
        output.line(output.style(f"  and {len(left_out) - LEFT_SHOWN:,} more", dim=True))
    if made.draft.masked:
        kinds = ", ".join(sorted({place.kind for place in made.draft.masked}))
        output.line(f"masked: {counted(len(made.draft.masked), 'place')} ({kinds})")
    else:
        output.line("masked: none recognised; read it before you share it")


def _print_item(candidate: Candidate, about: str) -> None:
    """Print an item of a template in a line, and under it why it went in or was left out."""
    from warmtui.curation.summaries import candidate_summary, kind_in_words

    width = output.width() - 17
    kind = output.pad(kind_in_words(candidate.kind), 13)
    output.line(f"  {kind} {output.clip(candidate_summary(candidate.record), width)}")
    output.line(output.style(f"  {'':<13} {output.clip(about, width)}", dim=True))
