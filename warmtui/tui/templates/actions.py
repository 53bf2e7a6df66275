"""What can be done with the templates of the library, apart from how they are listed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from textual import work
from textual.worker import Worker

from warmtui.curation.diff import Change, diff_versions
from warmtui.curation.editing import from_template, review
from warmtui.errors import WarmtuiError
from warmtui.exchange.base import Target
from warmtui.exchange.targets import TARGETS
from warmtui.model.template import Template, Version
from warmtui.tui import delivery
from warmtui.tui.base_screen import BaseScreen
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.dialogs.form import Ask, Form
from warmtui.tui.list.row_list import RowList
from warmtui.tui.templates.pane import day
from warmtui.tui.ui_state import recall_preview, remember_preview
from warmtui.tui.widgets.cells import clip
from warmtui.workspace.templates import refuse_empty, render

T = TypeVar("T")
NEEDS_ONE = frozenset(
    {
        "preview",
        "edit",
        "launch",
        "export",
        "diff",
        "revert",
        "delete",
        "rename",
        "duplicate",
        "tags",
        "merge",
        "install",
    }
)
"""Actions that work on a template in use."""


class TemplateDeeds(BaseScreen):
    """What changes templates or hands them over; use `TemplatesScreen`."""

    def __init__(self) -> None:
        super().__init__()
        self.showing_deleted = False
        self.deleted: list[tuple[str, ...]] = []
        """Ids of what was deleted here, the last last."""
        self._goto = ""
        """The id of a template that is to get the cursor once it is listed."""

    # what the screen gives

    @property
    def table(self) -> RowList:
        """The list of templates."""
        raise NotImplementedError

    def current(self) -> Template | None:
        """Return the template under the cursor."""
        raise NotImplementedError

    def chosen(self) -> list[Template]:
        """Return the marked templates in their order, else the one under the cursor."""
        raise NotImplementedError

    def load(self, delay: float = 0.0) -> Worker[None]:
        """List the library anew."""
        raise NotImplementedError

    def show_changes(self, one: Template, older: int, newer: int, changes: Sequence[Change]) -> None:
        """Show what differs between two versions."""
        raise NotImplementedError

    # asking and failing

    async def _try(self, work: Awaitable[T]) -> T | None:
        """Do something with the library; say what went wrong."""
        try:
            return await work
        except WarmtuiError as error:
            self.say(str(error), "error")
            return None

    async def _ask(self, title: str, *asks: Ask, note: str = "", answer: str = "save") -> dict[str, str]:
        """Ask; empty when it was left."""
        return await self.app.push_screen_wait(Form(title, asks, note=note, answer=answer)) or {}

    async def _ask_name(
        self, title: str, ask: Ask, do: Callable[[str], Awaitable[T]], *, note: str = "", answer: str
    ) -> T | None:
        """Ask for a name and use it; one that cannot be taken is asked for again, as it was typed."""
        problem = ""
        while True:
            form = Form(title, [ask], note=note, answer=answer, warning=problem)
            if (values := await self.app.push_screen_wait(form)) is None:
                return None
            try:
                return await do(values[ask.name])
            except WarmtuiError as error:
                problem, ask = str(error), ask._replace(value=values[ask.name])

    async def _open(self) -> DraftSession | None:
        one = self.current()
        return None if one is None else await self._try(DraftSession.of_template(self.workspace, one.id))

    # reading and editing

    @work(exclusive=True, group="do")
    async def action_preview(self) -> None:
        """Show exactly what will be sent."""
        from warmtui.tui.preview.screen import PreviewScreen

        if draft := await self._open():
            self.app.push_screen(PreviewScreen(draft))

    @work(exclusive=True, group="do")
    async def action_edit(self) -> None:
        """Edit it."""
        if draft := await self._open():
            self.shell.open_draft(draft)

    # changes

    @work(exclusive=True, group="do")
    async def action_rename(self) -> None:
        """Give it another name."""
        one = self.current()
        if one is None:
            return
        rename = partial(self.workspace.library.rename, one.id)
        if done := await self._ask_name("Rename", Ask("name", "Name", one.name), rename, answer="rename"):
            self.say(f"{one.name} is {done.name} now")
            self.load()

    @work(exclusive=True, group="do")
    async def action_duplicate(self) -> None:
        """Make a copy under another name."""
        one, library = self.current(), self.workspace.library
        if one is None:
            return
        free = await self._try(library.free_name(one.name))
        ask = Ask("name", "Name of the copy", free or "")
        duplicate = partial(library.duplicate, one.id)
        if done := await self._ask_name("Duplicate", ask, duplicate, answer="duplicate"):
            self.say(f"made {done.template.name}")
            self._goto = done.template.id
            self.load()

    @work(exclusive=True, group="do")
    async def action_tags(self) -> None:
        """Change its tags."""
        one = self.current()
        if one is None:
            return
        answer = await self._ask("Tags", Ask("tags", "Tags, with commas", ", ".join(one.tags)))
        if not answer:
            return
        tags = [tag.strip() for tag in answer["tags"].split(",") if tag.strip()]
        gone = [tag for tag in one.tags if tag not in tags]
        done = await self._try(self.workspace.library.set_tags(one.id, tags, gone))
        if done is not None:
            self.say(f"{done.name}: {', '.join(done.tags) or 'no tags'}")
            self.load()

    @work(exclusive=True, group="do")
    async def action_merge(self) -> None:
        """Merge the marked templates into a new one."""
        chosen = self.chosen()
        names = ", ".join(one.name for one in chosen)
        free = await self._try(self.workspace.library.free_name(chosen[0].name))
        done = await self._ask_name(
            f"Merge {len(chosen)} templates",
            Ask("name", "Name of the new one", free or ""),
            partial(self.workspace.templates.merge, [one.id for one in chosen]),
            note=f"{names}. They stay as they are.",
            answer="merge",
        )
        if done is not None:
            count = len(done.left_out)
            twice = f"; {count} {'thing was' if count == 1 else 'things were'} there already" if count else ""
            self.say(f"made {done.saved.template.name}{twice}")
            self._goto = done.saved.template.id
            self.table.clear_marks()
            self.load()

    @work(exclusive=True, group="do")
    async def action_revert(self) -> None:
        """Go back to an older version, as a new one."""
        one = self.current()
        if one is None:
            return
        if (versions := await self._try(self.workspace.library.versions(one.id))) is None:
            return
        older = [version for version in versions if version.number < one.version.number]
        if not older:
            self.say("its older versions are damaged", "error")
            return
        asks = [Ask("number", "Version", str(older[-1].number), options=_options(older))]
        answer = await self.app.push_screen_wait(
            Form(
                f"Go back to an older version of {one.name}",
                asks,
                say=lambda values: _differing(versions, str(one.versions), values["number"]),
                note=f"It becomes version {one.versions + 1}; all others stay.",
                answer="go back",
            )
        )
        if answer is None:
            return
        number = int(answer["number"])
        saved = await self._try(
            self.workspace.library.revert(one.id, number, expected_version=one.version.number)
        )
        if saved is not None:
            like = "already" if saved.unchanged else f"now, as version {saved.version.number}"
            self.say(f"{one.name} is like version {number} {like}")
            self.load()

    @work(exclusive=True, group="do")
    async def action_diff(self) -> None:
        """Show what differs between two versions."""
        one = self.current()
        if one is None:
            return
        if (versions := await self._try(self.workspace.library.versions(one.id))) is None:
            return
        if len(versions) < 2:
            self.say("its older versions are damaged", "error")
            return
        options = _options(versions)
        answer = await self.app.push_screen_wait(
            Form(
                f"Compare two versions of {one.name}",
                [
                    Ask("older", "From version", str(versions[-2].number), options=options),
                    Ask("newer", "To version", str(versions[-1].number), options=options),
                ],
                say=lambda values: _differing(versions, values["older"], values["newer"]),
                answer="compare",
            )
        )
        if answer is None:
            return
        older, newer = int(answer["older"]), int(answer["newer"])
        changes = await self._try(self.workspace.templates.diff(one.id, older, newer))
        if changes is not None:
            self.show_changes(one, older, newer, changes)

    @work(group="delete")
    async def action_delete(self) -> None:
        """Delete; z restores."""
        gone = [
            one for one in self.chosen() if await self._try(self.workspace.library.delete(one.id)) is not None
        ]
        if gone:
            self.deleted.append(tuple(one.id for one in gone))
            self.table.clear_marks()
            self.say(f"deleted {_named(gone)} · z restores")
        self.load()

    @work(exclusive=True, group="delete")
    async def action_undelete(self) -> None:
        """Restore what was deleted last; among the deleted, what is chosen there."""
        ids = tuple(one.id for one in self.chosen()) if self.showing_deleted else self.deleted[-1]
        back = []
        for one in ids:
            restored = await self._try(self.workspace.library.undelete(one))
            if restored is not None:
                back.append(restored)
                self._goto = one
        left = {one.id for one in back}
        rest = (tuple(one for one in batch if one not in left) for batch in self.deleted)
        self.deleted = [batch for batch in rest if batch]
        if back:
            self.table.clear_marks()
            self.say(f"restored {_named(back)}")
        self.load()

    # handing over

    @work(exclusive=True, group="do")
    async def action_export(self) -> None:
        """Ask for a format and a file, and write it."""
        one = self.current()
        shown = None if one is None else await self._try(self.workspace.templates.preview(one.id))
        if shown is None:
            return
        where = self.workspace.templates.folders()

        def written(target: Target) -> bytes:
            refuse_empty(shown)
            return render(shown, target, where, self.workspace.context.now())

        kinds = {
            place.kind
            for place in review(from_template(shown.template), self.workspace.context.known_secrets())
            if not place.masked
        }
        warning = f"unmasked in it: {', '.join(sorted(kinds))}" if kinds else ""
        place = await recall_preview(self.workspace)
        target = place.target if place.target in TARGETS else next(iter(TARGETS))
        done = await delivery.export(self, shown.template.name, written, target=target, warning=warning)
        if done is not None:
            await remember_preview(self.workspace, replace(place, target=done))

    @work(exclusive=True, group="do")
    async def action_install(self) -> None:
        """Make it the prefill that Hermes sends by default."""
        if one := self.current():
            await delivery.install(self, one.id)

    @work(exclusive=True, group="do")
    async def action_uninstall(self) -> None:
        """Put back what Hermes sent before."""
        await delivery.uninstall(self)

    @work(exclusive=True, group="do")
    async def action_launch(self) -> None:
        """Hand the terminal to the agent, started with the template."""
        if one := self.current():
            place = await recall_preview(self.workspace)
            given = await delivery.launch(self, one.id, place.command)
            if given is not None:
                await remember_preview(self.workspace, replace(place, command=given))
            self.load()


def _named(templates: Sequence[Template]) -> str:
    return templates[0].name if len(templates) == 1 else f"{len(templates)} templates"


def _options(versions: Sequence[Version]) -> tuple[tuple[str, str], ...]:
    """Return versions to choose from, with when they were saved."""
    return tuple(
        (str(one.number), clip(f"{one.number} · {day(one.created_at)}  {one.description}".strip(), 48))
        for one in versions
    )


def _differing(versions: Sequence[Version], older: str, newer: str) -> str:
    """Say how much two versions differ, before either is chosen."""
    before, after = (next(one for one in versions if str(one.number) == name) for name in (older, newer))
    count = len(diff_versions(before, after))
    return f"{count} change{'s' * (count != 1)} between them." if count else "They are the same."
