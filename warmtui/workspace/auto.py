"""Drafts made by themselves: of each project the lessons that recur, waiting for a person to look at them.

Nothing here is saved as a template, installed or sent. A draft lies in the library under `auto:ID`, and
beside it, under `app:auto:ID`, what it was made of, so that the next run tells what is new, changed and gone,
and whether a person has edited it since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError

from warmtui.curation.candidates import Candidate, SystemContext
from warmtui.curation.candidates.deduplicate import lesson_key
from warmtui.curation.candidates.evidence import BAR
from warmtui.curation.candidates.selection import suggest
from warmtui.curation.editing import (
    DraftState,
    History,
    Offer,
    Pick,
    dump,
    from_template,
    load,
    seed_tokens,
)
from warmtui.curation.summaries import candidate_summary
from warmtui.curation.tokens import Limits
from warmtui.errors import NotFoundError, UsageError, WarmtuiError
from warmtui.model.conditions import ActiveSince, Selection
from warmtui.model.session import Problem
from warmtui.model.template import Record, Recovery, Seed, Template
from warmtui.text import counted
from warmtui.workspace.context import Context
from warmtui.workspace.extraction import CandidateSet, SessionOffer, combine
from warmtui.workspace.projects import Project, projects_of
from warmtui.workspace.reader import OnProgress

if TYPE_CHECKING:
    from warmtui.library.library import Library
    from warmtui.workspace.sessions import Sessions

MAX_SESSIONS = 30
"""The newest so many sessions of a project are looked at, as `build` does: older ones show older ways."""
SESSIONS = 2
"""A project needs so many sessions: what was done once is not known to come back."""
SEEN = 2
"""A lesson that was seen in so many sessions recurs."""
STRONG = 2.5 * BAR
"""A lesson of one session needs so many points, and a session with a score: one that has enough judged calls
to trust. A recovery or call that was used again later has them, one that was seen once has not."""
SAID_ONCE = frozenset({"preference"})
"""Kinds that one session is never enough for: what a person said once was mostly about that task."""
NOT_ALONE = frozenset({"marker", "user_patterns"})
"""Kinds that make no draft by themselves: places and ways of asking go with lessons."""

DRAFT = "auto:"
MADE = "app:auto:"
Status = Literal["new", "renewed", "unchanged", "edited", "dropped", "not_enough"]
"""`edited`: a person edited the draft, so it is left alone; `dropped`: all of its lessons are gone."""


class Lesson(Record):
    """One lesson of a draft."""

    key: str
    """Equal for what teaches the same, see `lesson_key`."""
    id: str
    """Of the item or candidate."""
    kind: str
    text: str
    """A line about it, masked."""
    seen: int
    """In how many sessions."""


class MadeDraft(Record):
    """What a draft was made of."""

    name_of_schema: Literal["warmtui.auto-draft/1"] = Field(
        default="warmtui.auto-draft/1", serialization_alias="schema", validation_alias="schema"
    )
    project: str
    folder: str
    name: str
    made: str = ""
    """Hash of the draft as it was made; empty while there is none."""
    lessons: tuple[Lesson, ...] = ()
    settled: tuple[str, ...] = ()
    """Keys of lessons on which the person has decided: they were in a draft that was saved or dropped."""
    sessions: tuple[str, ...] = ()
    """Ids of the sessions that were looked at."""
    template: str | None = None
    """Id of the template that its last draft was saved as."""


class WaitingDraft(NamedTuple):
    """A draft that waits for a person."""

    key: str
    project: str
    folder: str
    lessons: tuple[Lesson, ...]
    sessions: tuple[str, ...]
    updated_at: str
    """ISO 8601 UTC with `Z`."""


@dataclass(frozen=True, slots=True)
class ProjectReport:
    """What became of one project."""

    project: str
    folder: str
    sessions: int
    """How many were looked at."""
    status: Status
    missing: str = ""
    """What is missing for a draft; empty if there is one."""
    draft: str | None = None
    """Its key in the library; None if none waits."""
    name: str = ""
    tokens: int = 0
    lessons: tuple[Lesson, ...] = ()
    """Of the draft as it was made, or would be."""
    new: tuple[Lesson, ...] = ()
    """Of an edited draft: what it does not have and could."""
    changed: tuple[Lesson, ...] = ()
    gone: tuple[Lesson, ...] = ()
    template: str | None = None
    """Name of the template that its lessons were saved in."""


@dataclass(frozen=True, slots=True)
class AutoReport:
    """What became of every project."""

    projects: tuple[ProjectReport, ...]
    """The one that was last active first."""
    placeless: int
    """Sessions that name no folder, and so belong to no project."""
    problems: tuple[Problem, ...]
    """What could not be read."""
    waiting: int
    """How many drafts wait for a person, of all projects."""


class Auto:
    """Makes drafts of what recurs, and keeps the list of those that wait.

    Args:
        context: the workspace's environment.
        sessions: returns the sessions, opened when first asked for.
        library: returns the library, opened when first asked for.
    """

    def __init__(
        self, context: Context, sessions: Callable[[], Sessions], library: Callable[[], Library]
    ) -> None:
        self._context = context
        self._open_sessions = sessions
        self._open_library = library

    @property
    def library(self) -> Library:
        """The library."""
        return self._open_library()

    async def run(
        self, *, since: float | None = None, dry_run: bool = False, progress: OnProgress | None = None
    ) -> AutoReport:
        """Make or renew the draft of every project whose sessions deserve one.

        Each project's draft is written whole, so whatever ends this leaves none half made.

        Args:
            since: only sessions active since then, Unix seconds; all with None.
            dry_run: report what would be done and write nothing.
            progress: called with the numbers of sessions done and in total, from the reading thread: first
                of those that are judged, then of those that are searched.

        Raises:
            SourceError: no source could be read.
            LibraryError: the library cannot be read or written.
        """
        sessions = self._open_sessions()
        conditions = () if since is None else (ActiveSince(since),)
        selection = Selection(conditions, empty=False, archived=False, subagents=False)
        rows = [row async for page in sessions.pages(selection, progress=progress) for row in page]
        _, unlisted = await sessions.left_out()
        projects = projects_of(rows)
        chosen = [project._replace(sessions=project.sessions[:MAX_SESSIONS]) for project in projects]
        total = sum(len(project.sessions) for project in chosen)
        done = 0
        reports: list[ProjectReport] = []
        problems: list[Problem] = []
        names: set[str] = set()
        for project in chosen:
            offers: Sequence[SessionOffer] = ()
            if len(project.sessions) >= SESSIONS:
                on_done = partial(_shifted, progress, done, total)
                headers = [row.header for row in project.sessions]
                offers, unread = await sessions.offers_of(headers, on_done)
                problems += unread
            done += len(project.sessions)
            offers = [offer for offer in offers if not offer.subagent]
            reports.append(await self._renew(project, offers, names, dry_run=dry_run))
        placed = sum(len(project.sessions) for project in projects)
        return AutoReport(
            tuple(reports), len(rows) - placed, (*unlisted, *problems), len(await self.waiting())
        )

    async def _renew(
        self, project: Project, offers: Sequence[SessionOffer], names: set[str], *, dry_run: bool
    ) -> ProjectReport:
        """Make, renew or leave alone the draft of one project."""
        identity = hashlib.sha256(project.folder.encode("utf-8", "replace")).hexdigest()[:12]
        draft_key, made_key = DRAFT + identity, MADE + identity
        kept = await self.library.get_draft(draft_key)
        record = await self.library.get_draft(made_key)
        made = _read_made(record.content) if record else None
        template = await self._template(made)
        if made is not None:
            made = _settle(made, draft_is_there=kept is not None, template_is_there=template is not None)
        limits, settled = self._context.settings.thresholds, made.settled if made else ()
        work = partial(_find_lessons, project, offers, limits, settled, template)
        found = await self._open_sessions().read_with(work)
        new, changed, gone = _compare(made.lessons if made else (), found.lessons)
        report = ProjectReport(
            project.name,
            project.folder,
            len(offers) or len(project.sessions),
            "not_enough",
            template=template.name if template else None,
            new=new,
            changed=changed,
            gone=gone,
        )
        state = _load_state(kept.content) if kept is not None else None
        if kept is not None and (made is None or state is None or _hash(state) != made.made):
            if made is not None and not dry_run:
                # opening the draft offers what these sessions have
                looked = made.model_copy(update={"sessions": found.sessions})
                await self.library.put_drafts({made_key: _dump_made(looked)})
            return _left_alone(replace(report, draft=draft_key), made, state)
        if found.missing and kept is None:
            if made is None or not made.settled:
                return replace(report, missing=found.missing)
            return replace(report, status="unchanged")
        name = made.name if made else await self._free_name(project.name, names)
        names.add(name)
        state, content = None, None
        if not found.missing:
            state = from_template(template) if template else DraftState(name=name)
            content = dump(History(Pick(found.offers).apply(state)), self._context.known_secrets())
            state = load(content).state
        report = _renewed(report, found, state, draft_key, there=kept is not None)
        if made is not None and state is not None and made.made == _hash(state):
            return replace(report, status="unchanged")
        if dry_run:
            return replace(report, draft=draft_key if kept is not None else None)
        made = MadeDraft(
            project=project.name,
            folder=project.folder,
            name=name,
            made=_hash(state) if state is not None else "",
            lessons=found.lessons,
            settled=settled,
            sessions=found.sessions,
            template=made.template if made else None,
        )
        written = await self.library.put_drafts(
            {draft_key: content, made_key: _dump_made(made)},
            expected={draft_key: kept.content if kept is not None else None},
        )
        # the app changed it a moment ago
        return report if written else replace(report, status="edited", draft=draft_key)

    async def _template(self, made: MadeDraft | None) -> Template | None:
        if made is None or not made.template:
            return None
        try:
            template = await self.library.get(made.template)
        except NotFoundError:
            return None
        return None if template.deleted_at else template

    async def _free_name(self, project: str, taken: set[str]) -> str:
        try:
            free = await self.library.free_name(project)
        except UsageError:
            free = await self.library.free_name("project")
        name, number = free, 1
        while name in taken:
            number += 1
            name = f"{free}_{number}"
        return name

    async def waiting(self) -> tuple[WaitingDraft, ...]:
        """Return the drafts that wait, the newest first."""
        drafts = {draft.key: draft for draft in await self.library.drafts(DRAFT)}
        found = []
        for record in await self.library.drafts(MADE):
            made = _read_made(record.content)
            draft = drafts.get(DRAFT + record.key.removeprefix(MADE))
            if made is not None and draft is not None:
                found.append(
                    WaitingDraft(
                        draft.key, made.project, made.folder, made.lessons, made.sessions, draft.updated_at
                    )
                )
        return tuple(sorted(found, key=lambda draft: draft.updated_at, reverse=True))

    async def sessions_of(self, draft: str) -> tuple[str, ...]:
        """Return the ids of the sessions that a draft was made from; empty if that is not known."""
        record = await self.library.get_draft(_made_key(draft))
        made = _read_made(record.content if record else "")
        return made.sessions if made is not None else ()

    async def note_saved(self, draft: str, template: str) -> None:
        """Remember which template a draft was saved as: later ones add to it what is new.

        Args:
            draft: the draft's key.
            template: the template's id.
        """
        key = _made_key(draft)
        record = await self.library.get_draft(key)
        made = _read_made(record.content if record else "")
        if made is not None:
            saved = made.model_copy(update={"template": template})
            await self.library.put_drafts({key: _dump_made(saved)})

    async def drop(self, draft: str) -> None:
        """Drop a draft that waits; its lessons are not offered again until there are others."""
        await self.library.drop_draft(draft)


def _settle(made: MadeDraft, *, draft_is_there: bool, template_is_there: bool) -> MadeDraft:
    """Return what a draft was made of, with the lessons settled that were saved or dropped since."""
    if made.template and not template_is_there:
        # the template was deleted, so its lessons may be offered again
        made = made.model_copy(update={"template": None, "settled": (), "lessons": ()})
    if draft_is_there:
        return made
    settled = dict.fromkeys((*made.settled, *(lesson.key for lesson in made.lessons)))
    return made.model_copy(update={"lessons": (), "made": "", "settled": tuple(settled)})


def _left_alone(report: ProjectReport, made: MadeDraft | None, state: DraftState | None) -> ProjectReport:
    """Report an edited draft: what it does not have and could."""
    has = {lesson_key(item) for item in state.seed.items()} if state is not None else set()
    return replace(
        report,
        status="edited",
        name=state.name if state is not None else "",
        lessons=made.lessons if made is not None else (),
        new=tuple(lesson for lesson in report.new if lesson.key not in has),
        changed=(),
    )


def _renewed(
    report: ProjectReport, found: _Found, state: DraftState | None, draft: str, *, there: bool
) -> ProjectReport:
    """Report a draft that was made, renewed or, without lessons, dropped."""
    if state is None:
        return replace(report, status="dropped", missing=found.missing)
    return replace(
        report,
        status="renewed" if there else "new",
        draft=draft,
        name=state.name,
        tokens=seed_tokens(state.seed),
        lessons=found.lessons,
    )


class _Found(NamedTuple):
    """The lessons of a project that deserve a draft."""

    lessons: tuple[Lesson, ...]
    offers: tuple[Offer, ...]
    sessions: tuple[str, ...]
    missing: str
    """What is missing for a draft; empty if nothing is."""


def _find_lessons(
    project: Project,
    offers: Sequence[SessionOffer],
    limits: Limits,
    settled: Iterable[str],
    template: Template | None,
) -> _Found:
    """Select from what a project's sessions offer what has enough evidence to be offered unasked.

    Args:
        project: the project.
        offers: what its sessions offer; fewer if some could not be read.
        limits: how much a template holds.
        settled: keys of lessons that are not offered again.
        template: the template to which the lessons are added; None for a draft of its own.
    """
    offered = combine(offers)
    sessions = tuple(source.id for source in offered.sources)
    if len(offers) < SESSIONS:
        count = len(offers) or len(project.sessions)
        return _Found((), (), sessions, f"{counted(count, 'session')}; a draft needs {SESSIONS}")
    scored = {(row.header.agent, row.header.id) for row in project.sessions if row.stats.score is not None}
    base = template.version.seed if template else Seed()
    known = {*settled, *(lesson_key(item) for item in base.items())}
    fresh = [candidate for candidate in offered.candidates if _key(candidate) not in known]
    worthy = [candidate for candidate in fresh if _has_evidence(candidate, offered, scored)]
    worthy.sort(key=lambda candidate: candidate.seen < SEEN)  # what recurs goes first
    recurs = any(candidate.seen >= SEEN and candidate.kind not in NOT_ALONE for candidate in worthy)
    if not recurs:
        return _Found((), (), sessions, _why_not(fresh, len(offers), after_others=bool(known)))
    if template is not None:
        worthy = [candidate for candidate in worthy if candidate.kind != "user_patterns"]
    chosen = suggest(worthy, tokens=seed_tokens, limits=limits).chosen
    by_id = {candidate.id: candidate for candidate in worthy}
    lessons = tuple(
        Lesson(
            key=_key(by_id[name]),
            id=name,
            kind=by_id[name].kind,
            text=candidate_summary(by_id[name].record),
            seen=by_id[name].seen,
        )
        for name in chosen
    )
    return _Found(lessons, tuple(offered.offers[name] for name in chosen), sessions, "")


def _key(candidate: Candidate) -> str:
    return candidate.key if isinstance(candidate.record, SystemContext) else lesson_key(candidate.record)


def _has_evidence(candidate: Candidate, offered: CandidateSet, scored: set[tuple[str, str]]) -> bool:
    """Whether a lesson recurs, or is so well founded in a session with a score that once is enough."""
    if candidate.seen >= SEEN:
        return candidate.worth_keeping
    source = offered.offers[candidate.id].source
    sound = candidate.evidence >= STRONG and (source.agent, source.id) in scored
    # what a checker found once is a matter of that task's code
    found_once = isinstance(candidate.record, Recovery) and candidate.record.error_type == "Findings"
    return sound and not found_once and candidate.kind not in SAID_ONCE


def _why_not(candidates: Sequence[Candidate], sessions: int, *, after_others: bool) -> str:
    """Return what is missing for a draft, with the lesson that comes nearest."""
    others = "nothing else" if after_others else "nothing worth keeping"
    text = f"{others} was seen in {SEEN} of its {counted(sessions, 'session')}"
    best = next(
        (item for item in candidates if item.worth_keeping and item.kind not in NOT_ALONE),
        None,
    )
    return text if best is None else f"{text}; seen once: {candidate_summary(best.record)}"


class _Difference(NamedTuple):
    new: tuple[Lesson, ...]
    changed: tuple[Lesson, ...]
    gone: tuple[Lesson, ...]


def _compare(before: Sequence[Lesson], now: Sequence[Lesson]) -> _Difference:
    then = {lesson.key: lesson for lesson in before}
    keys = {lesson.key for lesson in now}
    return _Difference(
        tuple(lesson for lesson in now if lesson.key not in then),
        tuple(lesson for lesson in now if lesson.key in then and then[lesson.key] != lesson),
        tuple(lesson for lesson in before if lesson.key not in keys),
    )


def _shifted(progress: OnProgress | None, before: int, total: int, done: int, _of: int) -> None:
    if progress is not None:
        progress(before + done, total)


_STATE = TypeAdapter(DraftState)


def _hash(state: DraftState) -> str:
    return hashlib.sha256(_STATE.dump_json(state)).hexdigest()


def _load_state(content: str) -> DraftState | None:
    """Return a draft; None if another version of warmtui wrote it."""
    try:
        return load(content).state
    except WarmtuiError:
        return None


def _made_key(draft: str) -> str:
    identity, _, _ = draft.removeprefix(DRAFT).partition("#")
    return MADE + identity


def _read_made(content: str) -> MadeDraft | None:
    """Return what a draft was made of; None if that is not known."""
    try:
        return MadeDraft.model_validate_json(content)
    except ValidationError:
        return None


def _dump_made(made: MadeDraft) -> str:
    return made.model_dump_json(by_alias=True)
