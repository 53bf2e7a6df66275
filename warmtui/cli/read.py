"""Commands that read single sessions: profile, outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from warmtui.cli import output
from warmtui.cli.main import complete_sessions
from warmtui.cli.options import common, json_option, run
from warmtui.errors import UsageError
from warmtui.model.outcome import SIGNS
from warmtui.text import counted

if TYPE_CHECKING:
    from warmtui.model.outcome import JudgedCall
    from warmtui.model.profile import Profile
    from warmtui.model.session import SessionHeader
    from warmtui.workspace import Workspace

SHOWN = 8
"""Rows of a section of a profile; --json has all."""


@click.command("profile")
@click.argument("session", shell_complete=complete_sessions)
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
            used = f", used {found.used_after}× afterwards" if found.used_after else ""
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
    if profile.problems:
        _heading(f"Not understood ({profile.unread})" if profile.messages else "Could not be read")
        for problem in profile.problems[:SHOWN]:
            output.line(f"  {output.clip(f'{problem.text} ({problem.place})', width - 2)}")
        if len(profile.problems) > SHOWN:
            output.line(f"  and {len(profile.problems) - SHOWN} more problems (--json lists all)")


def _reliability(profile: Profile) -> list[str]:
    if profile.reliability is None:
        lines = ["no calls to judge"]
    else:
        rate = profile.reliability
        score = "too few for a score" if profile.score is None else f"score {profile.score}"
        score = output.style(score, dim=profile.rests_on_weak)
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
        judged = f" of {profile.reliability.n}" if profile.reliability is not None else ""
        little = ", so the score says little" if profile.rests_on_weak and profile.score is not None else ""
        lines.append(
            f"{profile.weak}{judged} calls count as ok only because nothing speaks of a failure{little}"
        )
    if profile.cut_results:
        cut = counted(profile.cut_results, "result")
        lines.append(f"of {cut} only a part was kept, which is what the model saw")
    if profile.repeated:
        lines.append(f"{profile.repeated} calls repeat an earlier one exactly")
    lines.append(
        f"worth {profile.worth} · {profile.messages} messages, {profile.turns} from the person, "
        f"{profile.calls} calls"
    )
    lines.append(profile.tokens_and_cost)
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
@click.argument("sessions", nargs=-1, shell_complete=complete_sessions)
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
                printer(judged.session.header, call)
        output.report_problems(workspace.sessions.problems())

    run(work)


def _json_outcome(session: SessionHeader, judged: JudgedCall) -> None:
    output.print_json_line(
        {
            "schema": "warmtui.outcome/1",
            "session": session.id,
            "agent": session.agent,
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


def _text_outcome(session: SessionHeader, judged: JudgedCall) -> None:
    verdict = judged.verdict
    apart = " (housekeeping)" if judged.housekeeping else " (findings)" if verdict.findings else ""
    output.line(
        f"{output.pad(session.id, 22)} {output.pad(judged.message_id, 6)} {SIGNS[verdict.outcome]} "
        f"{verdict.outcome:<11} {output.pad(judged.call.tool, 14)} "
        f"{output.clip(verdict.reason + apart, max(20, output.width() - 62))}"
    )
