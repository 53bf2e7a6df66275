"""The Templates screen: the library, what each template costs, and how its sessions went."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar, TypeVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Input, Static

from warmtui.curation.editing import from_template, review
from warmtui.errors import WarmtuiError
from warmtui.exchange.targets import TARGETS, Target
from warmtui.model.session import SessionKey
from warmtui.model.template import Template, Use, Version
from warmtui.tui import delivery
from warmtui.tui.base_screen import BaseScreen, key
from warmtui.tui.commands import bindings
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.dialogs import Form, FormField
from warmtui.tui.list.row_list import RowList
from warmtui.tui.templates.pane import TemplatePane
from warmtui.tui.templates.rows import SORTS, TemplateRows, parse_search
from warmtui.tui.templates.version_dialogs import ask_older_version, ask_two_versions
from warmtui.tui.ui_state import recall_preview, remember_preview
from warmtui.tui.widgets.glyphs import glyphs_of
from warmtui.tui.widgets.key_footer import KeyFooter
from warmtui.tui.widgets.paint import MUTED, WARNING
from warmtui.workspace.effect import effect_of
from warmtui.workspace.templates import preview, refuse_empty, render

T = TypeVar("T")
TYPING_DELAY = 0.12
"""Seconds after the last key before the library is searched."""
PANE_DELAY = 0.05
"""Seconds after the cursor stopped before the pane follows, so that a held key never waits for it."""
VERSIONS_DELAY = 0.12
"""Seconds after the cursor stopped before the versions of its template are read."""
EFFECTS_DELAY = 1.0
"""Seconds from a change of sessions until their effects are counted again; a burst is counted once."""
NEEDS_TEMPLATE = frozenset(
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
"""Actions on a template that is not deleted."""


class TemplateList(RowList):
    """The list of templates; `v` is for versions here, shift and the arrows mark a range."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave `v` to the screen."""
        return False if action == "range" else super().check_action(action, parameters)


class TemplatesScreen(BaseScreen):
    """The templates of the library, and beside them the template under the cursor."""

    DEFAULT_CSS = """
    TemplatesScreen #templates { width: 3fr; }
    TemplatesScreen TemplatePane { width: 2fr; border-left: solid $panel; }
    TemplatesScreen.-narrow TemplatePane { display: none; }
    TemplatesScreen.-narrow.-pane TemplatePane { display: block; width: 1fr; border-left: none; }
    TemplatesScreen.-narrow.-pane #templates { display: none; }
    """
    RETURNS = "templates"
    KEYS: ClassVar = (
        key("templates.preview", "p", "preview", "Preview exactly what is sent", "preview", also=("enter",)),
        key("templates.edit", "e", "edit", "Edit it", "edit"),
        key("templates.launch", "L", "launch", "Start the agent with it", "run agent"),
        key("templates.export", "X", "export", "Write it to a file", "export"),
        key("templates.diff", "d", "diff", "Show what differs between two versions", "diff"),
        key("templates.versions", "v", "revert", "Go back to an older version", "versions"),
        key("templates.delete", "x", "delete", "Delete; z restores", "delete"),
        key("templates.undelete", "z", "undelete", "Restore what was deleted last", "undo"),
        key("templates.filter", "slash", "filter", "Search the library", "search", show_key="/"),
        key("templates.rename", "R", "rename", "Give it another name"),
        key("templates.duplicate", "D", "duplicate", "Make a copy under another name"),
        key("templates.tags", "T", "tags", "Change its tags"),
        key("templates.merge", "M", "merge", "Merge the marked templates into a new one"),
        key("templates.install", "I", "install", "Make it Hermes' default prefill"),
        key("templates.uninstall", "U", "uninstall", "Undo install"),
        key("templates.deleted", "a", "deleted", "Show the deleted ones, or those in use"),
        key("templates.sort", "s", "sort", "Sort by the next column"),
        key("templates.reverse", "S", "reverse", "Reverse the order"),
        key("templates.pane", "tab", "pane", "Between the list and the template", palette=False),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]

    def __init__(self) -> None:
        super().__init__()
        self.rows = TemplateRows(glyphs_of(self), self._tokens)
        self.table = TemplateList(
            self.rows, markable=True, opens=False, id="templates", empty="Reading the library …"
        )
        self.pane = TemplatePane(id="template")
        self._search = Input(placeholder="words tag:shop type:code", id="filter", select_on_focus=False)
        self.showing_deleted = False
        self.deleted: list[tuple[str, ...]] = []
        """Ids of the templates deleted here, batch by batch; `z` restores the last batch."""
        self._go_to = ""
        """The id of a template that gets the cursor once it is listed."""
        self._uses: dict[str, tuple[Use, ...]] = {}
        self._versions: dict[tuple[str, int], tuple[Version, ...]] = {}
        """The versions of each template, by its id and their number."""
        self._comparing = False
        """Whether the pane shows the changes between two versions."""
        self._deleted_count = 0
        """How many templates of the library are deleted."""
        self._listed = False
        self._pane_timer: Timer | None = None
        self._effects_timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out breadcrumbs, search, list, template and keys."""
        yield Static("", classes="crumbs", markup=False)
        yield self._search
        yield Static("", classes="problem", markup=False)
        with Horizontal(classes="panes"):
            yield self.table
            yield self.pane
        yield KeyFooter()

    def on_mount(self) -> None:
        """Follow the sessions, which are judged while this screen is open."""
        self.table.focus()
        self.shell.sessions_changed.subscribe(self, self._sessions_changed)

    def on_screen_resume(self) -> None:
        """List the library again: another screen may have changed it."""
        self.load()

    def current(self) -> Template | None:
        """Return the template under the cursor."""
        return self.rows.template(self.table.cursor)

    def chosen(self) -> list[Template]:
        """Return the marked templates in their order, or else the one under the cursor."""
        found = [self.rows.of_id(template_id) for template_id in self.table.selection()]
        return [template for template in found if template is not None]

    def _tokens(self, template: Template) -> int:
        return preview(template, self.workspace.context.folders()).tokens

    # reading the library

    @work(exclusive=True, group="listing")
    async def load(self, delay: float = 0.0) -> None:
        """List the templates that fit the search, then how the sessions of each went."""
        await asyncio.sleep(delay)
        words = self._search.value
        library = self.workspace.library
        try:
            search = parse_search(words)
            listing = await library.listing(
                task_type=search.type,
                tags=search.tags,
                query=search.words or None,
                deleted=self.showing_deleted,
            )
            deleted_count = len((await library.listing(deleted=True)).templates)
        except WarmtuiError as error:
            self.problem = str(error)
            return
        if not self.laid_out:
            return
        self.problem = "\n".join(str(problem.text) for problem in listing.problems[:3])
        self.rows.put(listing.templates, listing.damaged)
        self._listed = True
        self._deleted_count = deleted_count
        self.table.empty = self._empty_text(words)
        self.table.refresh_rows(keep_cursor=True)
        if self._go_to and self.table.goto_key(self._go_to):
            self._go_to = ""
        self._update_crumbs()
        if not self._comparing:  # A comparison that was opened meanwhile stays.
            self._show_template()
        if not self.showing_deleted:
            await self._read_uses(listing.templates)

    async def _read_uses(self, templates: Sequence[Template]) -> None:
        library = self.workspace.library
        try:
            uses = {
                template.id: await library.uses(template.id) if template.usage.started else ()
                for template in templates
            }
        except WarmtuiError as error:
            self.problem = str(error)
            return
        self._uses = uses
        if self.laid_out:
            self._update_effects()

    def _sessions_changed(self, _keys: set[SessionKey]) -> None:
        # a timer that runs already counts this change too
        if self._effects_timer is None:
            self._effects_timer = self.set_timer(EFFECTS_DELAY, self._update_effects)

    def _update_effects(self) -> None:
        """Count again how the sessions of each template went."""
        self._effects_timer = None
        named = {use.session_id for uses in self._uses.values() for use in uses if use.session_id}
        sessions = self.workspace.sessions.table.with_ids(named)
        before = self.rows.effects
        self.rows.effects = {key: effect_of(uses, sessions) for key, uses in self._uses.items()}
        changed = {key for key, effect in self.rows.effects.items() if effect != before.get(key)}
        if not changed:
            return
        if self.rows.sort == "success":
            self._arrange()
        else:
            self.table.update_keys(changed)
        if self.table.cursor_key in changed and not self._comparing:
            self._show_template()

    @work(exclusive=True, group="versions")
    async def _read_versions(self, template: Template) -> None:
        await asyncio.sleep(VERSIONS_DELAY)
        versions = await self.result_or_say(self.workspace.library.versions(template.id))
        if versions is None or not self.laid_out:
            return
        self._versions[template.id, template.versions] = versions
        now = self.current()
        if now is not None and now.id == template.id and not self._comparing:
            self._show_template()

    # drawing

    def _empty_text(self, words: str) -> str:
        if words.strip():
            return "No template fits.\nEsc clears the search."
        if self.showing_deleted:
            return "Nothing is deleted.\na shows the templates in use."
        return "No templates yet.\nEsc goes to the sessions; c on one of them makes a template."

    @on(RowList.Marked, "#templates")
    def _draw(self) -> None:
        self._update_crumbs()
        self._show_template()

    def _update_crumbs(self) -> None:
        text = Text(" warmtui › Templates  ")
        if self.showing_deleted:
            text.append("deleted  ", WARNING)
        text.append(f"{len(self.rows):,}", MUTED)
        if self.table.marked:
            text.append(f" · {len(self.table.marked)} marked", MUTED)
        if self._deleted_count and not self.showing_deleted:
            text.append(f" · {self._deleted_count} deleted, a shows them", MUTED)
        if self.rows.sort != "updated":
            text.append(f" · by {self.rows.sort}", MUTED)
        self.crumbs = text

    def _show_template(self) -> None:
        """Show the template under the cursor."""
        self._comparing = False
        template = self.current()
        if template is None:
            if (damaged := self.rows.damaged(self.table.cursor)) is not None:
                self.pane.show_damaged(damaged)
            else:
                self.pane.show_nothing()
            return
        versions = self._versions.get((template.id, template.versions))
        shown = preview(template, self.workspace.context.folders())
        self.pane.show_template(shown, self.rows.effects.get(template.id), versions or ())
        if versions is None and template.deleted_at is None:
            self._read_versions(template)

    @on(RowList.Moved, "#templates")
    def _moved(self) -> None:
        if self._pane_timer is not None:
            self._pane_timer.stop()
        self._pane_timer = self.set_timer(PANE_DELAY, self._draw)

    # search, order and panes

    @on(Input.Changed, "#filter")
    def _search_changed(self) -> None:
        if self._listed:
            self.load(TYPING_DELAY)

    @on(Input.Submitted, "#filter")
    def _search_submitted(self, event: Input.Submitted) -> None:
        if not event.value.strip():
            event.input.remove_class("-open")
        self.table.focus()

    def action_filter(self) -> None:
        """Open the search."""
        self.type_into(self._search)

    def action_deleted(self) -> None:
        """Show the deleted templates, or those in use."""
        self.showing_deleted = not self.showing_deleted
        self.table.clear_marks()
        self.load()

    def _arrange(self) -> None:
        self.rows.arrange()
        self.table.refresh_rows(keep_cursor=True)
        self._draw()

    def action_sort(self) -> None:
        """Sort by the next column."""
        self.rows.sort = SORTS[(SORTS.index(self.rows.sort) + 1) % len(SORTS)]
        self._arrange()

    def action_reverse(self) -> None:
        """Reverse the order."""
        self.rows.reverse = not self.rows.reverse
        self._arrange()

    @on(RowList.HeaderClicked, "#templates")
    def _header_clicked(self, event: RowList.HeaderClicked) -> None:
        name = self.rows.column_at(event.x)
        if name in SORTS:
            self.rows.reverse = not self.rows.reverse if name == self.rows.sort else False
            self.rows.sort = name
            self._arrange()

    def action_pane(self) -> None:
        """Go between the list and the template."""
        if self.pane.has_focus:
            self._close_pane()
        else:
            self._open_pane()

    def _open_pane(self) -> None:
        self.add_class("-pane")
        self.call_after_refresh(self.pane.focus)

    def _close_pane(self) -> None:
        self.remove_class("-pane")
        self.table.focus()

    @on(RowList.Sideways, "#templates")
    def _sideways(self, event: RowList.Sideways) -> None:
        if event.step > 0:
            self.action_pane()

    def action_back(self) -> None:
        """Close what is open, then the search, the marks, the deleted ones, then leave."""
        if self._comparing:
            self._show_template()
        elif self._search.has_class("-open"):
            self._search.value = ""
            self._search.remove_class("-open")
            self.table.focus()
        elif self.has_class("-pane"):
            self._close_pane()
        elif self.table.marked:
            self.table.clear_marks()
        elif self.showing_deleted:
            self.action_deleted()
        else:
            self.shell.back()

    # what can run now

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action cannot run now; empty if it can."""
        if not self._listed:
            return ""
        template = self.current()
        if action == "undelete":
            if self.showing_deleted:
                return "" if template else "nothing is deleted"
            return "" if self.deleted else "nothing was deleted here; a shows what was deleted before"
        if action in NEEDS_TEMPLATE:
            if template is None:
                damaged = self.rows.damaged(self.table.cursor)
                return "it is damaged" if damaged else "there is no template here"
            if self.showing_deleted:
                return "it is deleted; z restores it"
        if action in ("diff", "revert") and template is not None and template.versions < 2:
            return "there is only one version of it"
        if action == "merge" and len(self.chosen()) < 2:
            return "mark two or more with space, then merge them"
        return ""

    async def _ask_name(
        self, title: str, ask: FormField, use: Callable[[str], Awaitable[T]], *, note: str = "", answer: str
    ) -> T | None:
        """Ask for a name and use it; a name that is refused is asked for again, as it was typed."""
        problem = ""
        while True:
            form = Form(title, [ask], note=note, answer=answer, warning=problem)
            if (values := await self.app.push_screen_wait(form)) is None:
                return None
            try:
                return await use(values[ask.name])
            except WarmtuiError as error:
                problem, ask = str(error), ask._replace(value=values[ask.name])

    # actions on templates

    async def _draft(self) -> DraftSession | None:
        template = self.current()
        if template is None:
            return None
        return await self.result_or_say(DraftSession.of_template(self.workspace, template.id))

    @on(RowList.Opened, "#templates")
    def _opened(self) -> None:
        self.attempt("preview")

    @work(exclusive=True, group="do")
    async def action_preview(self) -> None:
        """Show exactly what will be sent."""
        from warmtui.tui.preview.screen import PreviewScreen

        if draft := await self._draft():
            self.app.push_screen(PreviewScreen(draft))

    @work(exclusive=True, group="do")
    async def action_edit(self) -> None:
        """Edit the template."""
        if draft := await self._draft():
            self.shell.open_draft(draft)

    @work(exclusive=True, group="do")
    async def action_rename(self) -> None:
        """Give the template another name."""
        if (template := self.current()) is None:
            return
        ask = FormField("name", "Name", template.name)
        rename = partial(self.workspace.library.rename, template.id)
        if renamed := await self._ask_name("Rename", ask, rename, answer="rename"):
            self.say(f"{template.name} is {renamed.name} now")
            self.load()

    @work(exclusive=True, group="do")
    async def action_duplicate(self) -> None:
        """Make a copy under another name."""
        if (template := self.current()) is None:
            return
        library = self.workspace.library
        free = await self.result_or_say(library.free_name(template.name))
        ask = FormField("name", "Name of the copy", free or "")
        duplicate = partial(library.duplicate, template.id)
        if saved := await self._ask_name("Duplicate", ask, duplicate, answer="duplicate"):
            self.say(f"made {saved.template.name}")
            self._go_to = saved.template.id
            self.load()

    @work(exclusive=True, group="do")
    async def action_tags(self) -> None:
        """Change the tags."""
        if (template := self.current()) is None:
            return
        ask = FormField("tags", "Tags, with commas", ", ".join(template.tags))
        answer = await self.app.push_screen_wait(Form("Tags", [ask]))
        if answer is None:
            return
        tags = [tag.strip() for tag in answer["tags"].split(",") if tag.strip()]
        removed = [tag for tag in template.tags if tag not in tags]
        changed = await self.result_or_say(self.workspace.library.set_tags(template.id, tags, removed))
        if changed is not None:
            self.say(f"{changed.name}: {', '.join(changed.tags) or 'no tags'}")
            self.load()

    @work(exclusive=True, group="do")
    async def action_merge(self) -> None:
        """Merge the marked templates into a new one."""
        chosen = self.chosen()
        names = ", ".join(template.name for template in chosen)
        free = await self.result_or_say(self.workspace.library.free_name(chosen[0].name))
        merged = await self._ask_name(
            f"Merge {len(chosen)} templates",
            FormField("name", "Name of the new one", free or ""),
            partial(self.workspace.templates.merge, [template.id for template in chosen]),
            note=f"{names}. They stay as they are.",
            answer="merge",
        )
        if merged is not None:
            count = len(merged.left_out)
            twice = f"; {count} {'thing was' if count == 1 else 'things were'} there already" if count else ""
            self.say(f"made {merged.saved.template.name}{twice}")
            self._go_to = merged.saved.template.id
            self.table.clear_marks()
            self.load()

    @work(exclusive=True, group="do")
    async def action_revert(self) -> None:
        """Go back to an older version, as a new one."""
        if (template := self.current()) is None:
            return
        library = self.workspace.library
        if (versions := await self.result_or_say(library.versions(template.id))) is None:
            return
        if (number := await ask_older_version(self, template, versions)) is None:
            return
        newest = template.version.number
        saved = await self.result_or_say(library.revert(template.id, number, expected_version=newest))
        if saved is not None:
            when = "already" if saved.unchanged else f"now, as version {saved.version.number}"
            self.say(f"{template.name} is like version {number} {when}")
            self.load()

    @work(exclusive=True, group="do")
    async def action_diff(self) -> None:
        """Show the changes between two versions; Esc goes back to the template."""
        if (template := self.current()) is None:
            return
        if (versions := await self.result_or_say(self.workspace.library.versions(template.id))) is None:
            return
        if (numbers := await ask_two_versions(self, template, versions)) is None:
            return
        changes = await self.result_or_say(self.workspace.templates.diff(template.id, *numbers))
        if changes is not None:
            self.pane.show_changes(template, *numbers, changes)
            self._comparing = True
            self._open_pane()

    @work(group="delete")
    async def action_delete(self) -> None:
        """Delete the chosen templates; `z` restores them."""
        library = self.workspace.library
        deleted = [
            template
            for template in self.chosen()
            if await self.result_or_say(library.delete(template.id)) is not None
        ]
        if deleted:
            self.deleted.append(tuple(template.id for template in deleted))
            self.table.clear_marks()
            self.say(f"deleted {_names(deleted)} · z restores")
        self.load()

    @work(exclusive=True, group="delete")
    async def action_undelete(self) -> None:
        """Restore what was deleted last; among the deleted templates, those that are chosen."""
        ids = [template.id for template in self.chosen()] if self.showing_deleted else self.deleted[-1]
        restored = []
        for template_id in ids:
            template = await self.result_or_say(self.workspace.library.undelete(template_id))
            if template is not None:
                restored.append(template)
                self._go_to = template_id
        restored_ids = {template.id for template in restored}
        # a template can be in a batch and be restored among the deleted ones
        batches = (tuple(each for each in batch if each not in restored_ids) for batch in self.deleted)
        self.deleted = [batch for batch in batches if batch]
        if restored:
            self.table.clear_marks()
            self.say(f"restored {_names(restored)}")
        self.load()

    # delivery

    @work(exclusive=True, group="do")
    async def action_export(self) -> None:
        """Ask for a format and a file, and write it."""
        template = self.current()
        shown = (
            None
            if template is None
            else await self.result_or_say(self.workspace.templates.preview(template.id))
        )
        if shown is None:
            return
        folders = self.workspace.context.folders()

        def exported(target: Target) -> bytes:
            refuse_empty(shown)
            return render(shown, target, folders, self.workspace.context.now())

        places = review(from_template(shown.template), self.workspace.context.known_secrets())
        kinds = {place.kind for place in places if not place.masked}
        warning = f"unmasked in it: {', '.join(sorted(kinds))}" if kinds else ""
        place = await recall_preview(self.workspace)
        target = place.target if place.target in TARGETS else next(iter(TARGETS))
        chosen = await delivery.export(self, shown.template.name, exported, target=target, warning=warning)
        if chosen is not None:
            await remember_preview(self.workspace, replace(place, target=chosen))

    @work(exclusive=True, group="do")
    async def action_install(self) -> None:
        """Make the template Hermes' default prefill."""
        if template := self.current():
            await delivery.install(self, template.id)

    @work(exclusive=True, group="do")
    async def action_uninstall(self) -> None:
        """Put back what Hermes sent before."""
        await delivery.uninstall(self)

    @work(exclusive=True, group="do")
    async def action_launch(self) -> None:
        """Hand the terminal to the agent, started with the template."""
        if template := self.current():
            place = await recall_preview(self.workspace)
            command = await delivery.launch(self, template.id, place.command)
            if command is not None:
                await remember_preview(self.workspace, replace(place, command=command))
            self.load()


def _names(templates: Sequence[Template]) -> str:
    return templates[0].name if len(templates) == 1 else f"{len(templates)} templates"
