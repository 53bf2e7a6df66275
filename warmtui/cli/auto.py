"""The command that makes drafts by itself: of each project the lessons that recur."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from warmtui.cli import output
from warmtui.cli.options import common, json_option, run
from warmtui.errors import UsageError
from warmtui.text import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click.shell_completion import CompletionItem

    from warmtui.workspace.auto import AutoReport, Lesson, ProjectReport

MOMENTS = ("7d", "2w", "30d", "today", "yesterday")
"""What the shell completes after --since."""


def _complete_moments(_ctx: click.Context, _option: click.Parameter, begun: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(moment) for moment in MOMENTS if moment.startswith(begun)]


@click.command("auto")
@click.option(
    "--since",
    metavar="WHEN",
    shell_complete=_complete_moments,
    help="Only sessions active since: 7d, 12h, 2w, 2026-11-20, today.",
)
@click.option("--dry-run", is_flag=True, help="Report what would be done; write nothing.")
@json_option
@common
def auto_command(since: str | None, dry_run: bool, as_json: bool) -> None:
    """Make drafts of what recurs, one for each project; nothing is saved, installed or sent.

    A lesson goes in when it was seen in two sessions of the project, or has strong evidence in one. A draft
    that you have edited is left as it is. The app shows the drafts that wait: press w on its first screen.
    """
    at = _moment(since) if since is not None else None
    with output.ProgressLine("looking at sessions") as progress:
        report = run(lambda workspace: workspace.auto.run(since=at, dry_run=dry_run, progress=progress))
    if as_json:
        output.print_json(_report_json(report, dry_run=dry_run))
        return
    for project in report.projects:
        _print_project(project, dry_run=dry_run)
    if report.placeless:
        output.line(output.style(f"{counted(report.placeless, 'session')} in no known folder", dim=True))
    if dry_run:
        output.line("nothing was written (--dry-run)")
    if not report.projects:
        output.line("there is no session in a project" + (f" since {since}" if since else ""))
    elif report.waiting:
        waits = "draft waits" if report.waiting == 1 else "drafts wait"
        output.line(f"{report.waiting:,} {waits}: open warmtui and press w")
    elif not dry_run:
        output.line("no draft waits")
    output.report_problems(report.problems)


def _moment(text: str) -> float:
    """Return a moment as the filter `since:` reads it.

    Raises:
        UsageError: it is none.
    """
    from warmtui.analysis.filters import parse
    from warmtui.model.conditions import ActiveSince

    found = parse(f"since:{text}", now=time.time(), zone=datetime.now().astimezone().tzinfo or UTC)
    match found.conditions:
        case (ActiveSince(at),) if not found.problems and not found.free_text:
            return at
    raise UsageError(
        f"--since {text!r} is neither a time span nor a date", "give 7d, 12h, 2w, 2026-11-20 or today"
    )


_STATUS = {
    "new": "new draft",
    "renewed": "draft renewed",
    "unchanged": "unchanged",
    "edited": "you edited its draft, so it is left as it is",
    "dropped": "draft dropped, none of its lessons recurs any more",
    "not_enough": "no draft",
}
_WOULD = {
    "new": "would be a new draft",
    "renewed": "draft would be renewed",
    "dropped": "draft would be dropped",
}


def _print_project(report: ProjectReport, *, dry_run: bool) -> None:
    status = (_WOULD if dry_run else {}).get(report.status) or _STATUS[report.status]
    if report.missing:
        status = f"{status}: {report.missing}" if report.status == "not_enough" else status
    elif report.status == "unchanged" and report.template and report.draft is None:
        status = f"nothing new since it was saved as {report.template}"
    elif report.status == "unchanged" and report.draft is None and not report.lessons:
        status = "nothing new since its draft was dropped"
    elif report.tokens:
        more = f", to add to {report.template}" if report.template else ""
        status = f"{status}: {counted(len(report.lessons), 'lesson')}, ≈ {report.tokens:,} tokens{more}"
    width = output.width()
    output.line(
        output.style(output.clip(report.project, 40), bold=True)
        + output.style(
            f"  {output.clip(report.folder, max(10, width - 60))} · {counted(report.sessions, 'session')}",
            dim=True,
        )
    )
    for row in output.wrapped(status, width - 2):
        output.line(f"  {row}")
    sure = {"+": report.new, "~": report.changed, "-": report.gone}
    for mark, lessons in sure.items():
        _print_lessons(mark, lessons, report.sessions, width)
    if report.status == "edited" and report.new:
        output.line("  + could be picked: open the draft")


def _print_lessons(mark: str, lessons: Sequence[Lesson], sessions: int, width: int) -> None:
    from warmtui.curation.summaries import kind_in_words

    for lesson in lessons:
        kind = output.pad(kind_in_words(lesson.kind), 13)
        seen = output.pad(f"{lesson.seen} of {sessions}", 8)
        output.line(f"  {mark} {kind} {seen} {output.clip(lesson.text, width - 27)}")


def _report_json(report: AutoReport, *, dry_run: bool) -> dict[str, Any]:
    return {
        "schema": "warmtui.auto/1",
        "dry_run": dry_run,
        "projects": [_project_json(project) for project in report.projects],
        "waiting": report.waiting,
        "placeless": report.placeless,
        "problems": [problem._asdict() for problem in report.problems],
    }


def _project_json(report: ProjectReport) -> dict[str, Any]:
    return {
        "project": report.project,
        "folder": report.folder,
        "sessions": report.sessions,
        "status": report.status,
        "missing": report.missing or None,
        "draft": report.draft,
        "name": report.name or None,
        "template": report.template,
        "tokens": report.tokens,
        **{
            group: [_lesson_json(lesson) for lesson in lessons]
            for group, lessons in (
                ("lessons", report.lessons),
                ("new", report.new),
                ("changed", report.changed),
                ("gone", report.gone),
            )
        },
    }


def _lesson_json(lesson: Lesson) -> dict[str, Any]:
    return {"id": lesson.id, "kind": lesson.kind, "text": lesson.text, "seen": lesson.seen}
