"""The profile command: one session, all it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from warmtui.cli import output
from warmtui.cli.options import common, json_option, run

if TYPE_CHECKING:
    from warmtui.model.profile import Profile

SHOWN = 8
"""Rows of a section; --json has all."""


@click.command("profile")
@click.argument("session")
@json_option
@common
def profile_command(session: str, as_json: bool) -> None:
    """Show one SESSION: what worked, what failed, what fixed it, what it kept coming back to.

    SESSION is any unique prefix of an id, or agent:prefix.
    """
    profile = run(lambda workspace: workspace.sessions.profile(session))
    if as_json:
        output.print_json(profile.model_dump(mode="json", by_alias=True))
    else:
        _print(profile)


def _heading(text: str) -> None:
    output.line()
    output.line(output.style(text, bold=True))


def _print(profile: Profile) -> None:
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
