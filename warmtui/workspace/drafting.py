"""A draft before it is saved: exactly what would be sent, written and changed by it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from warmtui.curation.bootstrap import bootstrap
from warmtui.curation.diff import Change, diff_versions
from warmtui.curation.editing import Base, DraftState, to_draft
from warmtui.curation.folders import Folders
from warmtui.errors import WarmtuiError
from warmtui.exchange.base import SessionMeta, Target
from warmtui.exchange.checks import check
from warmtui.library.content import content_of
from warmtui.model.chat import ChatMessage, CheckFinding
from warmtui.model.template import Draft, Template, Version
from warmtui.workspace.using import session_id


class Drafted(NamedTuple):
    """A draft as saving would keep it, and the messages it stands for."""

    draft: Draft
    messages: tuple[ChatMessage, ...]


def drafted(state: DraftState, known: Iterable[str], where: Folders) -> Drafted:
    """Tell what a workbench comes to.

    Args:
        state: the workbench.
        known: secret values that are known outright.
        where: what `{home}` and `{cwd}` stand for.
    """
    draft = to_draft(state, tuple(known))
    return Drafted(draft, bootstrap(draft.seed, where))


def rendered(one: Drafted, target: Target, where: Folders, started_at: float) -> bytes:
    """Write a draft in a target's format, byte for byte as the version it would be saved as is exported.

    Args:
        one: the draft.
        target: the format.
        where: the places of the draft's messages.
        started_at: when a session target's session is to begin, Unix seconds.

    Raises:
        WarmtuiError: there is nothing to start with.
    """
    if not one.messages:
        raise WarmtuiError("the template is empty", "pick something in Curate first")
    meta = SessionMeta(
        session_id=session_id(content_of(one.draft).hash),
        title=one.draft.name or None,
        cwd=where.cwd,
        started_at=started_at,
    )
    return target.render(one.messages, meta)


def refusals(messages: Sequence[ChatMessage], target: Target) -> tuple[CheckFinding, ...]:
    """Tell what the providers that a target may be sent to would refuse, with a user message after ours."""
    found = check(messages, followed_by_user=True, after_system=target.after_system)
    return tuple(one for one in found if one.target in target.refusers)


def changes_since(version: Version, draft: Draft) -> tuple[Change, ...]:
    """Tell what a draft changes in a saved version."""
    kept = {
        field: getattr(draft, field) for field in ("seed", "description", "task_type", "sources", "masked")
    }
    return diff_versions(version, version.model_copy(update=kept))


class Landing(NamedTuple):
    """What saving under a name comes to, by the templates that are there."""

    templates: tuple[Template, ...]
    base: Base | None
    """The version that the draft was opened from."""

    @property
    def opened(self) -> Template | None:
        """The template that the draft was opened from, as it stands now; None when it is not there."""
        return next((one for one in self.templates if self.base and one.id == self.base.template_id), None)

    def onto(self, name: str) -> Base | None:
        """Return which template gets a new version, and at which version it has to be; None for a new one."""
        found = self._named(name)
        if found is None:
            return None
        if self.base is not None and found.id == self.base.template_id:
            return self.base
        return Base(found.id, found.version.number)

    def tags(self, name: str, tags: tuple[str, ...]) -> tuple[str, ...]:
        """Return the tags to save: those of another template that gets a new version stay."""
        found = self._named(name)
        if found is None or (self.base is not None and found.id == self.base.template_id):
            return tags
        return tuple(sorted({*found.tags, *tags}))

    def words(self, name: str) -> str:
        """Say what it comes to."""
        found, opened = self._named(name), self.opened
        if not name:
            return "Give it a name."
        if found is None:
            return f"A new template; {opened.name} stays as it is." if opened else "A new template."
        number = found.version.number
        if opened is None or found.id != opened.id:
            return f"This name is in use: it becomes version {number + 1} of that template."
        if self.base is not None and number != self.base.version:
            return (
                f"Version {number} was saved elsewhere meanwhile: you will see both before anything is saved."
            )
        return f"It becomes version {number + 1}; version {number} stays."

    def _named(self, name: str) -> Template | None:
        return next((one for one in self.templates if one.name == name), None)
