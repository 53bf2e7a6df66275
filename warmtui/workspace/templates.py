"""Templates: made from sessions, merged, compared, previewed and exported."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from warmtui.curation.bootstrap import MESSAGE, bootstrap
from warmtui.curation.diff import Change, diff_versions
from warmtui.curation.editing import to_draft
from warmtui.curation.folders import Folders
from warmtui.curation.merge import Duplicate, merge_templates
from warmtui.curation.tokens import list_tokens, message_tokens
from warmtui.errors import NotFoundError, UsageError, WarmtuiError
from warmtui.exchange.checks import check
from warmtui.exchange.messages import SessionMeta
from warmtui.exchange.targets import TARGETS, Target, refusals, slug
from warmtui.files import FileThereError, write_file
from warmtui.model.chat import ChatMessage, CheckFinding
from warmtui.model.template import Template
from warmtui.workspace.context import Context
from warmtui.workspace.extraction import (
    ExtractOptions,
    ExtractResult,
    SessionCriteria,
    SessionOffer,
    Weighed,
    check_criteria,
    check_options,
    default_name,
    make,
    offer_of,
    unmet,
    weigh,
    why_none,
)
from warmtui.workspace.reader import OnProgress

if TYPE_CHECKING:
    from warmtui.library.library import Library
    from warmtui.model.template import Saved
    from warmtui.workspace.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Preview:
    """A template and exactly what it adds to a session."""

    template: Template
    messages: tuple[ChatMessage, ...]
    checks: tuple[CheckFinding, ...]
    """What a provider would refuse."""

    @property
    def tokens(self) -> int:
        """About how many tokens are ours, sent with every request."""
        return list_tokens(self.messages)

    @staticmethod
    def tokens_of(message: ChatMessage) -> int:
        """About how many tokens one message costs."""
        return message_tokens(message)


@dataclass(frozen=True, slots=True)
class Exported:
    """A template in a target's format."""

    preview: Preview
    data: bytes
    path: Path | None
    """Where it was written; None if it was only rendered."""
    refusals: tuple[CheckFinding, ...]
    """What the providers that its target may be sent to would refuse."""


class MergedTemplate(NamedTuple):
    """A new template made of others."""

    saved: Saved
    left_out: tuple[Duplicate, ...]
    """What an earlier one of them holds already."""


class Templates:
    """What can be done with templates; the saved ones are in `library`.

    Args:
        context: the workspace's environment.
        sessions: returns the sessions that templates are made from, opened when first asked for.
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

    @property
    def _sessions(self) -> Sessions:
        return self._open_sessions()

    async def weigh(self, references: Sequence[str], *, progress: OnProgress | None = None) -> Weighed:
        """Find what sessions offer to keep and what of it `extract` takes; nothing is saved.

        Args:
            references: the sessions, the preferred ones first.
            progress: called with the numbers of sessions done and in total.

        Raises:
            UsageError: one of them is named twice.
            NotFoundError: there is no such session.
        """
        offers: list[SessionOffer] = []
        known = self._context.known_secrets()
        names: dict[tuple[str, str], str] = {}
        for number, reference in enumerate(references, 1):
            session = await self._sessions.findings(reference)
            header = session.judged.session.header
            if (header.source, header.id) in names:
                named = names[header.source, header.id]
                raise UsageError(f"{named!r} and {reference!r} are one session", "name different ones")
            names[header.source, header.id] = reference
            offers.append(await self._sessions.read_with(partial(offer_of, session, known)))
            if progress is not None:
                progress(number, len(references))
        limits = self._context.settings.thresholds
        return await self._sessions.read_with(lambda: weigh(offers, limits))

    async def extract(
        self, reference: str, options: ExtractOptions, *, dry_run: bool = False
    ) -> ExtractResult:
        """Make a template from one session, by the default selection, and save it.

        Args:
            reference: the session.
            options: name, type, tags and limits.
            dry_run: do everything but save.

        Raises:
            NotFoundError: there is no such session, or nothing in it is worth keeping.
            LibraryError: it could not be saved.
        """
        check_options(options)
        offer = offer_of(await self._sessions.findings(reference), self._context.known_secrets())
        return await self._make([offer], options, dry_run=dry_run)

    async def build(
        self,
        options: ExtractOptions,
        criteria: SessionCriteria,
        *,
        dry_run: bool = False,
        progress: OnProgress | None = None,
    ) -> ExtractResult:
        """Make one template from the newest sessions that meet some criteria, each thing once.

        A session that cannot be read is left out and named in the result.

        Args:
            options: name, type, tags and limits.
            criteria: which sessions.
            dry_run: do everything but save.
            progress: called with the numbers of sessions done and in total, from the reading thread: first
                of those that are judged, then of those that are searched.

        Raises:
            UsageError: a number in the options or criteria makes no sense.
            NotFoundError: no session meets them, or nothing in them is worth keeping.
        """
        check_options(options)
        check_criteria(criteria)
        listing = await self._sessions.list(progress=progress)
        fitting = [row for row in listing.sessions if not unmet(row, criteria)]
        if not fitting:
            raise NotFoundError(why_none(listing.sessions, criteria), "see: warmtui build --help")
        chosen = fitting[: criteria.max_sessions]
        offers, problems = await self._sessions.offers_of([row.header for row in chosen], progress)
        # Some subagents are known by their messages only.
        offers = tuple(offer for offer in offers if not offer.subagent)
        return replace(await self._make(offers, options, dry_run=dry_run), problems=problems)

    async def _make(
        self, offers: Sequence[SessionOffer], options: ExtractOptions, *, dry_run: bool
    ) -> ExtractResult:
        context = self._context
        name = options.name or await self.library.free_name(default_name(context.now()))
        known, thresholds = context.known_secrets(), context.settings.thresholds
        result = await self._sessions.read_with(lambda: make(offers, options, name, known, thresholds))
        if dry_run:
            return result
        return replace(result, saved=await self.library.save(result.draft))

    async def merge(self, templates: Sequence[str], name: str) -> MergedTemplate:
        """Make one new template of several, each thing once; they stay as they are.

        Args:
            templates: names or ids, the preferred ones first.
            name: of the new template.

        Raises:
            UsageError: fewer than two are named, one is named twice, or the name cannot be one.
            NotFoundError: there is no such template.
            ConflictError: the name is in use.
        """
        found = [await self.library.get(template) for template in templates]
        if len({template.id for template in found}) < max(2, len(templates)):
            raise UsageError("merging takes two or more templates, each once", "name another one")
        state, left_out = merge_templates(found, name)
        draft = to_draft(state, self._context.known_secrets())
        return MergedTemplate(await self.library.save(draft, expected_version=0), left_out)

    async def diff(self, template: str, older: int, newer: int) -> tuple[Change, ...]:
        """Compare two versions of a template."""
        return diff_versions(
            await self.library.get_version(template, older), await self.library.get_version(template, newer)
        )

    async def preview(self, template: str, *, cwd: str | None = None) -> Preview:
        """Build the exact messages of a template.

        Args:
            template: its name or id, `@N` for a version.
            cwd: what `{cwd}` stands for; the current folder with None.

        Raises:
            NotFoundError: there is no such template.
        """
        return preview(await self.library.get(template), self._context.folders_at(cwd))

    async def export(
        self, template: str, target: str, path: str | None, *, cwd: str | None = None, force: bool = False
    ) -> Exported:
        """Write a template in a target's format.

        Args:
            template: its name or id.
            target: a name of `warmtui.exchange.targets.TARGETS`.
            path: the file or folder; None only renders it.
            cwd: what `{cwd}` stands for.
            force: replace a file that is there.

        Raises:
            UsageError: there is no such target, or a file is there.
            WarmtuiError: the template is empty, or the file cannot be written.
        """
        kind = target_of(target)
        folders = self._context.folders_at(cwd)
        shown = preview(await self.library.get(template), folders)
        refuse_empty(shown)
        data = render(shown, kind, folders, self._context.now())
        written = None
        if path is not None:
            written = export_file(data, path, shown.template.name, kind.extension, force=force)
        return Exported(shown, data, written, refusals(shown.messages, kind))


def preview(template: Template, folders: Folders) -> Preview:
    """Build a template's messages and check them."""
    messages = bootstrap(template.version.seed, folders)
    return Preview(template, messages, check(messages, after_system=True))


def refuse_empty(shown: Preview) -> None:
    """Raise if a template has nothing to start with.

    Raises:
        WarmtuiError: it has not.
    """
    if not shown.messages:
        raise WarmtuiError(
            f"template {shown.template.name} is empty", "extract one from a session that has calls"
        )


def with_message(messages: Sequence[ChatMessage], text: str) -> tuple[ChatMessage, ...]:
    """Return the messages followed by the person's."""
    return (*messages, ChatMessage("user", text, part=MESSAGE))


def target_of(name: str) -> Target:
    """Return the export target of a name.

    Raises:
        UsageError: there is none of that name.
    """
    try:
        return TARGETS[name]
    except KeyError:
        raise UsageError(f"there is no export target {name!r}", f"there are: {', '.join(TARGETS)}") from None


def render(shown: Preview, target: Target, folders: Folders, started_at: float) -> bytes:
    """Write a template in a target's format.

    Args:
        shown: the template and its messages.
        target: the format.
        folders: what the messages were built with.
        started_at: when a session target's session begins, Unix seconds.
    """
    template = shown.template
    meta = SessionMeta(
        session_id=session_id(template.version.content_hash),
        title=template.name,
        cwd=folders.cwd,
        started_at=started_at,
    )
    return target.render(shown.messages, meta)


def session_id(content_hash: str) -> str:
    """Return the id of a session to import; made from the content, so that importing it twice shows."""
    return f"warm_{content_hash[:16]}"


def file_for(output: str, name: str, extension: str) -> Path:
    """Return the file that an export goes to.

    Args:
        output: a path; in a folder the file is named after the template.
        name: the template's name.
        extension: with its dot.
    """
    path = Path(output).expanduser()
    return path / f"{slug(name)}{extension}" if path.is_dir() or output.endswith(os.sep) else path


def export_file(data: bytes, output: str, name: str, extension: str, *, force: bool) -> Path:
    """Write an export and return its path.

    Args:
        data: the file's content.
        output: as for `file_for`.
        name: as for `file_for`.
        extension: as for `file_for`.
        force: replace a file that is there.

    Raises:
        FileThereError: a file is there and `force` is not set.
        UsageError: the folder does not exist.
        WarmtuiError: it cannot be written, or what is there is no regular file; nothing was changed.
    """
    path = file_for(output, name, extension)
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent} is not a folder", "make it first")
    try:
        write_file(path, data, replace=force)
    except FileThereError as error:
        raise FileThereError(error.what, "give --force to replace it") from None
    return path
