"""Templates made from one session or many: options, selection, masking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from warmtui.curation.candidates import Candidate
from warmtui.curation.candidates.deduplicate import merge_candidates
from warmtui.curation.candidates.selection import Suggestion, suggest
from warmtui.curation.editing import Offer, SessionFolders, seed_tokens, task_type_of_seed
from warmtui.curation.masking import mask_candidate, mask_titles, masked_places
from warmtui.curation.redact import redact
from warmtui.curation.tokens import Limits
from warmtui.errors import NotFoundError, UsageError
from warmtui.model.session import Problem
from warmtui.model.stats import SessionSummary
from warmtui.model.template import Draft, Saved, SourceSession, TemplateType
from warmtui.text import counted
from warmtui.workspace.findings import Findings

MAX_CANDIDATES = 200
"""Candidates of one session that are masked and weighed: far more than any template takes."""


@dataclass(frozen=True, slots=True)
class ExtractOptions:
    """What a person asked of a new template."""

    name: str | None = None
    description: str = ""
    task_type: TemplateType | None = None
    tags: tuple[str, ...] = ()
    max_examples: int | None = None
    """None, here and below: as the settings say."""
    budget: int | None = None


NORMAL_ENDS = frozenset(
    {
        "none",
        "completed",
        "user_exit",
        "cli_close",
        "tui_close",
        "tui_shutdown",
        "agent_close",
        "cron_complete",
        "session_reset",
        "new_session",
        "session_switch",
        "resumed_other",
        "superseded_by_resume",
        "idle",
        "idle_timeout",
        "daily",
        "ws_orphan_reap",
        "ws_disconnect",
        "lru_evict",
        "compression",
        "branched",
    }
)
"""Ends that cut nothing off: the person or the job was done, went to another session, was idle, or goes on in
a child. `none` is still open, or was never closed. `docs/definitions.md` gives the reason for each, and for
those that are missing: `recovered`, `startup_orphan_reap`, `orphaned_compression`."""


@dataclass(frozen=True, slots=True)
class SessionCriteria:
    """Which sessions `build` takes."""

    min_messages: int = 30
    max_sessions: int = 30
    channel: str | None = None
    max_error_rate: float = 0.5
    end_reasons: Collection[str] = NORMAL_ENDS


@dataclass(frozen=True, slots=True)
class ExtractResult:
    """A template that was made, with what went into it and why."""

    draft: Draft
    candidates: tuple[Candidate, ...]
    """Everything that was weighed, best first, masked."""
    selection: Suggestion
    saved: Saved | None
    """None for a dry run."""
    sessions: int
    """How many sessions it was made from."""
    problems: tuple[Problem, ...] = ()
    """Why sessions that fit are missing."""

    @property
    def chosen(self) -> tuple[Candidate, ...]:
        """The candidates that went in, in the order of the template."""
        by_id = {candidate.id: candidate for candidate in self.candidates}
        return tuple(by_id[chosen] for chosen in self.selection.chosen)


def default_name(now: float) -> str:
    """Return the prototypes' form of a name, `warm_YYYYMMDD_HHMMSS`, in UTC."""
    return datetime.fromtimestamp(now, UTC).strftime("warm_%Y%m%d_%H%M%S")


def home_of(cwd: str | None) -> str | None:
    """Return the home folder that a working directory is in, judging by its path alone.

    >>> home_of("/home/dev/shop"), home_of("/srv/app")
    ('/home/dev', None)
    """
    parts = PurePosixPath(cwd or "").parts
    if len(parts) >= 3 and parts[0] == "/" and parts[1] in ("home", "Users"):
        return str(PurePosixPath(*parts[:3]))
    return "/root" if parts[:2] == ("/", "root") else None


@dataclass(frozen=True, slots=True)
class CandidateSet:
    """What sessions offer to keep."""

    candidates: tuple[Candidate, ...]
    """Masked, best first."""
    offers: Mapping[str, Offer]
    """Each candidate's record with the session it is from, by the candidate's id."""
    folders: tuple[SessionFolders, ...]
    """Home and working folder of each session, for making paths relative."""
    sources: tuple[SourceSession, ...]
    problems: tuple[Problem, ...] = ()
    """Why sessions are missing."""


class SessionOffer(NamedTuple):
    """What one session offers to keep."""

    candidates: tuple[Candidate, ...]
    """The best, masked with the session's own folders, best first."""
    source: SourceSession
    folders: SessionFolders | None
    """Home and working folder; None if the session does not say where it worked."""
    subagent: bool = False
    """Whether an agent stood in place of the person."""


def offer_of(found: Findings, known: Iterable[str]) -> SessionOffer:
    """Return what a session offers to keep.

    Args:
        found: everything found in the session.
        known: secret values that are known outright.
    """
    header = found.judged.session.header
    home, values = home_of(header.cwd), tuple(known)
    candidates = tuple(
        mask_candidate(candidate, home=home, cwd=header.cwd, known=values)
        for candidate in found.candidates[:MAX_CANDIDATES]
    )
    source = SourceSession(
        agent=header.agent, id=header.id, title=header.title, source=Path(header.source).name
    )
    folders = SessionFolders(home=home, cwd=header.cwd, session_id=header.id) if header.cwd else None
    return SessionOffer(candidates, source, folders, header.kind == "subagent")


def combine(offers: Sequence[SessionOffer]) -> CandidateSet:
    """Gather what sessions offer, best first, each thing once."""
    ranked = _ranked(offers)
    origins = {candidate.id: offer.source for offer in offers for candidate in offer.candidates}
    return CandidateSet(
        ranked,
        {candidate.id: Offer.of(candidate, origins[candidate.id]) for candidate in ranked},
        tuple(offer.folders for offer in offers if offer.folders is not None),
        tuple(offer.source for offer in offers),
    )


class Weighed(NamedTuple):
    """What sessions offer to keep, and what of it a template starts with."""

    offered: CandidateSet
    selection: Suggestion


def weigh(offers: Sequence[SessionOffer], limits: Limits) -> Weighed:
    """Gather what sessions offer, best first, and select from it.

    `extract`, `build`, `candidates` and Curate all show this list with this selection.

    Args:
        offers: what each session offers, most preferred first.
        limits: how much a template holds at most.
    """
    offered = combine(offers)
    return Weighed(offered, suggest(offered.candidates, tokens=seed_tokens, limits=limits))


def _ranked(offers: Sequence[SessionOffer]) -> tuple[Candidate, ...]:
    if len(offers) == 1:
        return offers[0].candidates
    return merge_candidates([offer.candidates for offer in offers])


def make(
    offers: Sequence[SessionOffer],
    options: ExtractOptions,
    name: str,
    known: Iterable[str],
    thresholds: Limits = Limits(),  # noqa: B008 - immutable
) -> ExtractResult:
    """Select, mask and describe one template.

    Args:
        offers: what each session it is made from offers, most preferred first.
        options: what was asked of it.
        name: its name.
        known: secret values that are known outright.
        thresholds: how much of each it holds, where the options do not say.

    Raises:
        NotFoundError: the sessions hold nothing worth keeping.
    """
    values = tuple(known)
    limits = thresholds._replace(
        tokens=thresholds.tokens if options.budget is None else options.budget,
        examples=thresholds.examples if options.max_examples is None else options.max_examples,
    )
    offered, selection = weigh(offers, limits)
    if selection.seed.is_empty() and selection.left_out:
        count = len(selection.left_out)
        raise NotFoundError(
            f"nothing of the {counted(count, 'item')} worth keeping was taken; the best one: "
            f"{selection.left_out[0].reason}",
            "all of them with the reasons: warmtui candidates SESSION --why",
        )
    if selection.seed.is_empty():
        raise NotFoundError(
            "nothing in it is worth keeping by default",
            "pick a session with calls that worked: warmtui sessions --sort calls",
        )
    draft = Draft(
        name=redact(name, values).text,
        description=redact(options.description, values).text,
        task_type=options.task_type or task_type_of_seed(selection.seed),
        tags=tuple(redact(tag, values).text for tag in options.tags),
        seed=selection.seed,
        sources=mask_titles(offered.sources, values),
        masked=masked_places(selection.seed),
    )
    return ExtractResult(draft, offered.candidates, selection, None, len(offers))


def unmet(row: SessionSummary, criteria: SessionCriteria) -> list[str]:
    """Return what keeps a session from meeting the criteria of `build`, in words that follow "3 have"."""
    header = row.header
    rate = row.stats.error_rate
    end = header.end_reason or "none"
    conditions = {
        f"fewer than {criteria.min_messages} messages (--min-messages)": row.stats.messages
        < criteria.min_messages,
        "an agent in place of the person (subagents)": header.kind == "subagent",
        f"another channel than {criteria.channel} (--channel)": criteria.channel is not None
        and header.channel != criteria.channel,
        "no call that succeeded or failed": rate is None,
        f"more than {criteria.max_error_rate:.0%} errors (--max-error-rate)": rate is not None
        and rate > criteria.max_error_rate,
        f"the end reason {end} (--end-reason)": end not in criteria.end_reasons,
    }
    return [condition for condition, holds in conditions.items() if holds]


def why_none(rows: Sequence[SessionSummary], criteria: SessionCriteria) -> str:
    """Return what kept sessions from meeting the criteria of `build`, the commonest first."""
    if not rows:
        return "there is no session with messages"
    counts = Counter(condition for row in rows for condition in unmet(row, criteria))
    kept = (
        f"{count} of {len(rows)} {'has' if count == 1 else 'have'} {condition}"
        for condition, count in counts.most_common()
    )
    return f"none of {counted(len(rows), 'session')} fits: {', '.join(kept)}"


def check_options(options: ExtractOptions) -> None:
    """Check the numbers in the options.

    Raises:
        UsageError: one makes no sense.
    """
    if (options.max_examples or 0) < 0 or (options.budget is not None and options.budget < 1):
        raise UsageError("--max-examples is at least 0 and --budget at least 1")


def check_criteria(criteria: SessionCriteria) -> None:
    """Check the numbers in the criteria.

    Raises:
        UsageError: one makes no sense.
    """
    if criteria.min_messages < 0 or criteria.max_sessions < 1:
        raise UsageError("--min-messages is at least 0 and --max-sessions at least 1")
    if not 0 <= criteria.max_error_rate <= 1:
        raise UsageError("--max-error-rate is a fraction from 0 to 1")
