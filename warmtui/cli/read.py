"""Commands that read sessions: sessions, profile, outcomes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from warmtui.cli import output
from warmtui.cli.options import common, json_option, run
from warmtui.errors import UsageError
from warmtui.model.outcome import SIGNS
from warmtui.text import ago, iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from warmtui.model.conditions import Order
    from warmtui.model.outcome import JudgedCall
    from warmtui.model.profile import Profile
    from warmtui.model.stats import SessionSummary
    from warmtui.workspace import Workspace

SORTS: dict[str, Order] = {
    "newest": "age",
    "score": "score",
    "errors": "errors",
    "messages": "messages",
    "calls": "calls",
}
"""Words of `--sort`, with the order they stand for."""
SHOWN = 8
"""Rows of a section of a profile; --json has all."""


@click.command("sessions")
@click.option("--all", "include_hidden", is_flag=True, help="Empty, archived and hidden sessions too.")
@click.option("--sort", type=click.Choice(list(SORTS)), default="newest", help="Order of the list.")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first so many.")
@json_option
@common
def sessions_command(include_hidden: bool, sort: str, limit: int | None, as_json: bool) -> None:
    """List sessions with their reliability.

    The score is the share of judged calls that worked, 0 to 100, drawn with its 95 % interval; – below
    five judged calls. Housekeeping calls (memory, todo, …) are left out of it.
    """
    progress = output.ProgressLine("judging sessions")

    async def work(workspace: Workspace) -> None:
        pages = workspace.sessions.pages(
            include_hidden=include_hidden, order=SORTS[sort], limit=limit, progress=progress
        )
        with progress:  # the first page comes when its sessions are judged, sorted ones when all are
            page: Sequence[SessionSummary] = await anext(pages, [])
        printed = output.JsonArray("warmtui.sessions/1", "sessions")
        if not as_json:
            _print_heading()
        while page:
            if as_json:
                printed.put(map(_session_json, page))
            else:
                _print_sessions(page)
            page = await anext(pages, [])
        hidden, problems = await workspace.sessions.left_out(include_hidden=include_hidden)
        if as_json:
            printed.close({"hidden": hidden, "problems": [problem._asdict() for problem in problems]})
        elif left := [f"{count:,} {why}" for why, count in hidden.items() if count]:
            output.note(f"{' and '.join(left)} left out; --all shows them")
        output.report_problems(problems)

    run(work)


def _session_json(row: SessionSummary) -> dict[str, Any]:
    """Return one session as `warmtui.sessions/1` has it."""
    header, stats = row
    return {
        "id": header.id,
        "agent": header.agent,
        "channel": header.channel,
        "source": header.source,
        "title": header.title,
        "model": header.model,
        "started_at": iso(header.started_at),
        "last_active_at": iso(header.last_active_at),
        "messages": stats.messages,
        "calls": stats.calls,
        "ok": stats.ok,
        "errors": stats.errors,
        "denied": stats.denied,
        "interrupted": stats.interrupted,
        "unknown": stats.unknown,
        "pending": stats.pending,
        "findings": stats.findings,
        "housekeeping": stats.housekeeping,
        "reliability": stats.reliability,
        "score": stats.score,
        "early_error_rate": stats.early_error_rate,
        "late_error_rate": stats.late_error_rate,
        "gain": stats.gain,
        "task_type": stats.task_type,
        "weak": stats.weak,
        "tokens": stats.tokens,
        "tokens_estimated": stats.tokens_estimated,
        "cost_usd": stats.cost_usd,
        "unread": stats.unread,
        "parent_id": header.parent_id,
        "cwd": header.cwd,
        "project": header.project,
    }


def _print_heading() -> None:
    heading = (
        f"{'score':<17}{'age':>7}{'msgs':>7}{'calls':>7}{'errors':>8}  {'trend':<9} {'session':<23}title"
    )
    output.line(output.style(heading, bold=True))


def _print_sessions(rows: Sequence[SessionSummary]) -> None:
    now = time.time()
    # The cells before the title take 78 columns.
    room = max(12, output.width() - 78)
    for row in rows:
        header, stats = row
        # A bar over four calls would look as sure as one over forty.
        rate = stats.reliability if stats.score is not None else None
        shaky = rate is None or rate.high - rate.low > output.WIDE_INTERVAL
        score = output.style(
            f"{'–' if stats.score is None else stats.score:>3} {output.bar(rate)}", dim=shaky
        )
        cells = (
            f"{score}   {ago(header.last_active_at, now):>7}{stats.messages:>7,}{stats.calls:>7,}"
            f"{output.percent(stats.error_rate):>8}  {output.spark(stats.trend):<9} "
            f"{output.pad(header.id, 22)} {output.clip(header.title or '–', room)}"
        )
        output.line(cells.rstrip())


@click.command("profile")
@click.argument("session")
@json_option
@common
def profile_command(session: str, as_json: bool) -> None:
    """Show one SESSION: what worked, what failed, what fixed it, what it kept coming back to.

    SESSION is any unique prefix of an id; agent:prefix or path:prefix where several sources share one.
    """
    profile = run(lambda workspace: workspace.sessions.profile(session))
    if as_json:
        output.print_json(profile.model_dump(mode="json", by_alias=True))
    else:
        _print_profile(profile)


def _heading(text: str) -> None:
    output.line()
    output.line(output.style(text, bold=True))


def _print_profile(profile: Profile) -> None:
    width = output.width()
    output.line(output.style(output.clip(profile.title or profile.id, width), bold=True))
    about = [
        profile.id,
        profile.agent,
        profile.channel or "",
        profile.model or "",
        profile.cwd or "",
        profile.last_active_at or "",
    ]
    output.line(output.clip(" · ".join(part for part in about if part), width))
    _heading("Reliability")
    for text in _reliability(profile):
        output.line(f"  {text}")
    if profile.tools:
        _heading("Tools")
        for tool in profile.tools[:SHOWN]:
            rate = tool.reliability
            judged = tool.ok + tool.errors
            apart = f"  {tool.findings} with findings" if tool.findings else ""
            row = f"  {output.pad(tool.tool, 20)} {output.bar(rate)} {tool.ok:>4} of {judged:<4}{apart}"
            output.line(row.rstrip())
    if profile.recoveries:
        _heading(f"Recoveries ({len(profile.recoveries)})")
        for found in profile.recoveries[:SHOWN]:
            used = f", used {found.used_after}× after" if found.used_after else ""
            output.line(f"  {output.clip(f'{found.failed.tool}: {found.change}{used}', width - 2)}")
            output.line(output.style(f"    {output.clip(found.error, width - 4)}", dim=True))
    if profile.error_patterns:
        _heading("Errors")
        for pattern in profile.error_patterns[:SHOWN]:
            recovered = f"{pattern.recovered} recovered" if pattern.recovered else "not recovered"
            words = f"{pattern.count}× {pattern.error_type}: {pattern.shape} ({recovered})"
            output.line(f"  {output.clip(words, width - 2)}")
    _print_person(profile, width)
    if profile.markers:
        _heading("Where things are")
        for marker in profile.markers[:SHOWN]:
            output.line(f"  {output.clip(marker.text, width - 16)} ×{marker.uses}")
    for problem in profile.problems[:SHOWN]:
        output.note(f"warmtui: {problem.place}: {problem.text}")


def _reliability(profile: Profile) -> list[str]:
    if profile.reliability is None:
        lines = ["no calls to judge"]
    else:
        rate = profile.reliability
        score = "too few for a score" if profile.score is None else f"score {profile.score}"
        wide = ", wide" if rate.high - rate.low > output.WIDE_INTERVAL else ""
        lines = [
            f"{score} · {profile.outcomes['ok']} of {rate.n} judged calls worked · "
            f"95 % interval {100 * rate.low:.0f}-{100 * rate.high:.0f} %{wide}"
        ]
    if profile.gain is not None:
        early, late = output.percent(profile.early_error_rate), output.percent(profile.late_error_rate)
        lines.append(f"errors early {early} → late {late}")
    apart = [
        f"{profile.outcomes[kind]} {kind}"
        for kind in ("denied", "interrupted", "pending", "unknown")
        if profile.outcomes[kind]
    ]
    apart += [f"{sum(profile.housekeeping.values())} housekeeping"] if profile.housekeeping else []
    if apart:
        lines.append(f"left out: {', '.join(apart)}")
    if profile.findings:
        lines.append(f"{profile.findings} test or lint runs reported findings: results, not failed calls")
    if profile.weak:
        lines.append(f"{profile.weak} calls count as ok only because nothing speaks of a failure")
    if profile.repeated:
        lines.append(f"{profile.repeated} calls repeat an earlier one exactly")
    lines.append(
        f"worth {profile.worth} · {profile.messages} messages, {profile.turns} from the person, "
        f"{profile.calls} calls"
    )
    return lines


def _print_person(profile: Profile, width: int) -> None:
    patterns = profile.user_patterns.all
    if patterns is None:
        return
    _heading("The person")
    request, feedback = patterns.request_style.replace("_", " "), patterns.feedback_style.replace("_", " ")
    output.line(f"  asks: {request} · answers: {feedback}")
    for name, values in (("domains", patterns.domains), ("tools", patterns.preferred_tools)):
        if values:
            output.line(f"  {name}: {output.clip(', '.join(values), width - 12)}")
    for correction in patterns.corrections:
        output.line(f"  corrected: {output.clip(correction, width - 14)}")


@click.command("outcomes")
@click.argument("sessions", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Of every session.")
@json_option
@common
def outcomes_command(sessions: tuple[str, ...], every: bool, as_json: bool) -> None:
    """Show the outcome of every call of SESSIONS, and the reason.

    With --json: one line of JSON a call.
    """
    if every == bool(sessions):
        raise UsageError("name sessions, or give --all", "see: warmtui outcomes --help")
    printer = _json_outcome if as_json else _text_outcome

    async def work(workspace: Workspace) -> None:
        async for judged in workspace.sessions.outcomes(sessions or None):
            for call in judged.calls:
                printer(judged.session.header.id, call)
        output.report_problems(workspace.sessions.problems())

    run(work)


def _json_outcome(session: str, judged: JudgedCall) -> None:
    output.print_json_line(
        {
            "schema": "warmtui.outcome/1",
            "session": session,
            "call_id": judged.call.id,
            "tool": judged.call.tool,
            "outcome": judged.verdict.outcome,
            "findings": judged.verdict.findings,
            "rule": judged.verdict.rule,
            "reason": judged.verdict.reason,
            "message_id": judged.message_id,
            "housekeeping": judged.housekeeping,
        }
    )


def _text_outcome(session: str, judged: JudgedCall) -> None:
    verdict = judged.verdict
    apart = " (housekeeping)" if judged.housekeeping else " (findings)" if verdict.findings else ""
    output.line(
        f"{output.pad(session, 22)} {output.pad(judged.message_id, 6)} {SIGNS[verdict.outcome]} "
        f"{verdict.outcome:<11} {output.pad(judged.call.tool, 14)} "
        f"{output.clip(verdict.reason + apart, max(20, output.width() - 62))}"
    )
