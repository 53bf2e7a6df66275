"""The command that lists sessions: filtered, sorted, as text or JSON."""

from __future__ import annotations

import os
import re
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

import click

from warmtui.cli import output
from warmtui.cli.options import common, json_option, run
from warmtui.errors import UsageError
from warmtui.model.conditions import Order, Selection
from warmtui.text import ago, dollars, iso, short_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from click.shell_completion import CompletionItem

    from warmtui.analysis.filters import Filter
    from warmtui.model.stats import SessionStats, SessionSummary
    from warmtui.workspace import Workspace

SORTS: dict[str, Order] = {"newest" if order == "age" else order: order for order in get_args(Order)}
"""Words of `--sort`, with the order they stand for."""
_NEGATED = re.compile(r"-[A-Za-z]+[:<>]")


class FilterCommand(click.Command):
    """A command whose arguments are a filter, in which `-channel:cron` is a term and no options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put negated terms where no options are looked for."""
        if "--" not in args:
            negated = [word for word in args if _NEGATED.match(word)]
            args = [*(word for word in args if word not in negated), "--", *negated]
        return super().parse_args(ctx, args)


def complete_filter(_ctx: click.Context, _argument: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete the names of the filter's fields, and the values that need no sessions to be read."""
    from click.shell_completion import CompletionItem

    from warmtui.analysis.filters import complete
    from warmtui.registry import AGENTS

    found = complete(begun, len(begun), {"agent": [agent.name for agent in AGENTS]})
    words = [begun[: completion.start] + completion.replacement for completion in found]
    if os.environ.get("_WARMTUI_COMPLETE", "").startswith("bash"):
        # bash takes a completion as it is, and < and > for redirections
        words = [re.sub("[<>]", r"\\\g<0>", word) for word in words]
    return [CompletionItem(word) for word in words]


@click.command("sessions", cls=FilterCommand)
@click.argument("filter_words", metavar="[FILTER]", nargs=-1, shell_complete=complete_filter)
@click.option("--all", "include_hidden", is_flag=True, help="Empty, archived and hidden sessions too.")
@click.option("--sort", type=click.Choice(list(SORTS)), default="newest", help="Order of the list.")
@click.option("--limit", type=click.IntRange(min=1), help="Only the first so many.")
@json_option
@common
def sessions_command(
    filter_words: tuple[str, ...], include_hidden: bool, sort: str, limit: int | None, as_json: bool
) -> None:
    """List sessions with their reliability.

    The score is the share of judged calls that worked, 0 to 100, drawn with its 95 % interval; – below
    five judged calls, dim where it says little. Housekeeping calls (memory, todo, …) are left out of it.

    FILTER is in the app's language: 'tool:terminal errors<5% tokens>100k -channel:cron since:7d coupon'.
    Quote it, because < and > mean something to shells. Words are looked for in titles and first words.
    """
    progress = output.ProgressLine("judging sessions")

    chosen = _read_filter(" ".join(filter_words))

    async def work(workspace: Workspace) -> None:
        selection = Selection(
            chosen.conditions,
            judged=chosen.judged,
            words=workspace.sessions.words_of(chosen.free_text),
            empty=include_hidden,
            archived=include_hidden,
            order=SORTS[sort],
        )
        pages = workspace.sessions.pages(selection, limit=limit, progress=progress)
        with progress:  # the first page comes when its sessions are judged, sorted ones when all are
            page: Sequence[SessionSummary] = await anext(pages, [])
        printed = output.JsonArray("warmtui.sessions/1", "sessions")
        columns = _columns(SORTS[sort], several=len(await workspace.sessions.agents()) > 1)
        if not as_json:
            output.line(output.style("".join(column.heading for column in columns) + "title", bold=True))
        if not page and not as_json:
            output.note("no session fits the filter" if filter_words else "no sessions to list")
        while page:
            if as_json:
                printed.put(map(_session_json, page))
            else:
                _print_sessions(page, columns)
            page = await anext(pages, [])
        hidden, problems = await workspace.sessions.left_out(include_hidden=include_hidden)
        if as_json:
            printed.close({"hidden": hidden, "problems": [problem._asdict() for problem in problems]})
        elif left := [f"{count:,} {why}" for why, count in hidden.items() if count]:
            output.note(f"{' and '.join(left)} left out; --all shows them")
        if chosen.free_text:
            output.note("words were looked for in titles and first words; warmtui search looks in messages")
        output.report_problems(problems)

    run(work)


def _read_filter(text: str) -> Filter:
    """Parse a filter.

    Raises:
        UsageError: it holds a mistake; the place is named.
    """
    from warmtui.analysis.filters import parse

    zone = datetime.now().astimezone().tzinfo or UTC
    found = parse(text, now=time.time(), home=os.environ.get("HOME"), zone=zone, finished=True)
    if found.problems:
        start, end, words = found.problems[0]
        place = f"filter, character {start + 1}, {output.clip(text[start:end], 40)!r}"
        raise UsageError(f"{place}: {words}", "see: warmtui sessions --help")
    return found


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


class _Column(NamedTuple):
    """A column of the text before the title: its heading, and a session's cell, both equally wide."""

    heading: str
    cell: Callable[[SessionSummary], str]


_SCORE = _Column(f"{'score':<17}", lambda row: _score(row.stats))
_TREND = _Column(f"  {'trend':<9}", lambda row: f"  {output.spark(row.stats.trend):<9}")
_COUNTS = (
    _Column(f"{'age':>7}", lambda row: f"{ago(row.header.last_active_at, time.time()):>7}"),
    _Column(f"{'msgs':>7}", lambda row: f"{row.stats.messages:>7,}"),
    _Column(f"{'calls':>7}", lambda row: f"{row.stats.calls:>7,}"),
    _Column(f"{'errors':>8}", lambda row: f"{output.percent(row.stats.error_rate):>8}"),
)
_FIGURES: dict[Order, _Column] = {
    "tokens": _Column(
        f"{'tokens':>9}", lambda row: f"{short_tokens(row.stats.tokens, row.stats.tokens_estimated):>9}"
    ),
    "cost": _Column(f"{'cost':>9}", lambda row: f"{dollars(row.stats.cost_usd):>9}"),
}
"""Shown where the list is sorted by them."""
_AGENT_AND_PROJECT = (
    _Column(f"  {'agent':<11}", lambda row: f"  {output.pad(row.header.agent, 11)}"),
    _Column(f" {'project':<12}", lambda row: f" {output.pad(row.header.project or '', 12)}"),
)
_SESSION = _Column(f" {'session':<23}", lambda row: f" {output.pad(row.header.id, 22)} ")


def _columns(order: Order, *, several: bool) -> tuple[_Column, ...]:
    """Choose columns; `several` agents are told apart in place of the trend."""
    figures = (_FIGURES[order],) if order in _FIGURES else ()
    about = _AGENT_AND_PROJECT if several else (_TREND,)
    return (_SCORE, *_COUNTS, *figures, *about, _SESSION)


def _score(stats: SessionStats) -> str:
    # A bar over four calls would look as sure as one over forty.
    rate = stats.reliability if stats.score is not None else None
    shaky = rate is None or rate.high - rate.low > output.WIDE_INTERVAL or stats.rests_on_weak
    score = f"{'–' if stats.score is None else stats.score:>3} {output.bar(rate)}"
    return output.style(score, dim=shaky) + "   "


def _print_sessions(rows: Sequence[SessionSummary], columns: Sequence[_Column]) -> None:
    room = max(12, output.width() - sum(len(column.heading) for column in columns))
    for row in rows:
        # many agents give no titles, but every session of a person begins with their words
        title = output.clip(row.header.title or row.stats.words or "–", room)
        output.line(("".join(column.cell(row) for column in columns) + title).rstrip())
