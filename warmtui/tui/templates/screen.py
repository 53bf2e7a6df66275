"""Templates: the library, what each template costs, and what became of the sessions it started."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Input, Static

from warmtui.curation.diff import Change
from warmtui.errors import WarmtuiError
from warmtui.library.usage import Use
from warmtui.model.template import Template, Version
from warmtui.tui.base_screen import key
from warmtui.tui.commands import bindings
from warmtui.tui.list.row_list import RowList
from warmtui.tui.templates.actions import NEEDS_ONE, TemplateDeeds
from warmtui.tui.templates.pane import TemplatePane
from warmtui.tui.templates.rows import SORTS, TemplateRows
from warmtui.tui.templates.search import wanted
from warmtui.tui.widgets.glyphs import glyphs_of
from warmtui.tui.widgets.key_footer import KeyFooter
from warmtui.tui.widgets.paint import MUTED, WARNING, content
from warmtui.workspace.effect import effect_of
from warmtui.workspace.templates import preview

TYPING_DELAY = 0.12
"""Seconds without a key after which the library is searched."""
PANE_DELAY = 0.05
"""After the cursor stopped, before the pane follows it, so that a held key is not waited for."""
VERSIONS_DELAY = 0.12
"""After the cursor stopped, before the versions of its template are read."""
FOLLOW_SECONDS = 1.0
"""Between two looks at whether the sessions' figures changed."""


class TemplateList(RowList):
    """The list; `v` is for versions here, shift and the arrows mark a range."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave `v` to the screen."""
        return False if action == "range" else super().check_action(action, parameters)


class TemplatesScreen(TemplateDeeds):
    """The library, and the template under the cursor beside it."""

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
        self._uses: dict[str, tuple[Use, ...]] = {}
        self._versions: dict[tuple[str, int], tuple[Version, ...]] = {}
        self._comparing = False
        self._gone = 0
        """How many templates are deleted and can be restored."""
        self._listed = False
        self._pane_timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out breadcrumbs, search, list, template and keys."""
        yield Static("", classes="crumbs", markup=False)
        yield Input(placeholder="words tag:shop type:code", id="filter", select_on_focus=False)
        yield Static("", classes="problem", markup=False)
        with Horizontal(classes="panes"):
            yield TemplateList(
                self.rows, markable=True, opens=False, id="templates", empty="Reading the library …"
            )
            yield TemplatePane(id="template")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Follow the sessions' figures."""
        self.table.focus()
        self.set_interval(FOLLOW_SECONDS, self._recount)

    def on_screen_resume(self) -> None:
        """Read the library: it may have changed on another screen."""
        self.load()

    @property
    def table(self) -> RowList:
        """The list of templates."""
        return self.query_one("#templates", RowList)

    @property
    def pane(self) -> TemplatePane:
        """The template beside it."""
        return self.query_one(TemplatePane)

    def current(self) -> Template | None:
        """Return the template under the cursor."""
        return self.rows.template(self.table.cursor)

    def chosen(self) -> list[Template]:
        """Return the marked templates in their order, else the one under the cursor."""
        found = [self.rows.of_id(one) for one in self.table.selection()]
        return [one for one in found if one is not None]

    def _tokens(self, one: Template) -> int:
        return preview(one, self.workspace.templates.folders()).tokens

    # reading

    @work(exclusive=True, group="listing")
    async def load(self, delay: float = 0.0) -> None:
        """List what fits the search, then what became of the sessions of each."""
        await asyncio.sleep(delay)
        words = self.query_one("#filter", Input).value
        try:
            search = wanted(words)
            listing = await self.workspace.library.listing(
                type=search.type, tags=search.tags, query=search.words or None, deleted=self.showing_deleted
            )
            gone = len((await self.workspace.library.listing(deleted=True)).templates)
        except WarmtuiError as error:
            if self.laid_out:
                self._tell(str(error))
            return
        if not self.laid_out:
            return
        self._tell("\n".join(str(problem.text) for problem in listing.problems[:3]))
        self.rows.put(listing.templates, listing.damaged)
        self._listed = True
        self._gone = gone
        self.table.empty = self._nothing(words)
        self.table.refresh_rows(keep_cursor=True)
        if self._goto and self.table.goto_key(self._goto):
            self._goto = ""
        self._draw_crumbs()
        if not self._comparing:  # a comparison that was asked for meanwhile stays
            self._show()
        if not self.showing_deleted:
            await self._read_uses(listing.templates)

    async def _read_uses(self, templates: Sequence[Template]) -> None:
        library = self.workspace.library
        try:
            uses = {one.id: await library.uses(one.id) if one.usage.started else () for one in templates}
        except WarmtuiError as error:
            if self.laid_out:
                self._tell(str(error))
            return
        self._uses = uses
        if self.laid_out:
            self._recount()

    def _recount(self) -> None:
        """Add up the sessions of each template anew; sessions are judged while this is open."""
        named = {use.session_id for uses in self._uses.values() for use in uses if use.session_id}
        rows = self.workspace.sessions.table.with_ids(named)
        effects = {one: effect_of(uses, rows) for one, uses in self._uses.items()}
        changed = {one for one, effect in effects.items() if effect != self.rows.effects.get(one)}
        self.rows.effects = effects
        if not changed:
            return
        if self.rows.sort == "success":
            self._arrange()
        else:
            self.table.update_keys(changed)
        if self.table.cursor_key in changed and not self._comparing:
            self._show()

    def _nothing(self, words: str) -> str:
        if words.strip():
            return "No template fits.\nEsc clears the search."
        if self.showing_deleted:
            return "Nothing is deleted.\na shows the templates in use."
        return "No templates yet.\nEsc goes to the sessions; c on one of them makes a template."

    def _tell(self, words: str) -> None:
        """Say what is wrong with the search or the library, and stop when nothing is."""
        line = self.query_one(".problem", Static)
        line.set_class(bool(words), "-shown")
        line.update(content(Text(words)))

    def _draw(self) -> None:
        """Draw breadcrumbs and the template."""
        self._draw_crumbs()
        self._show()

    def _draw_crumbs(self) -> None:
        text = Text(" warmtui › Templates  ")
        if self.showing_deleted:
            text.append("deleted  ", WARNING)
        text.append(f"{len(self.rows):,}", MUTED)
        if self.table.marked:
            text.append(f" · {len(self.table.marked)} marked", MUTED)
        if self._gone and not self.showing_deleted:
            text.append(f" · {self._gone} deleted, a shows them", MUTED)
        if self.rows.sort != "updated":
            text.append(f" · by {self.rows.sort}", MUTED)
        self.query_one(".crumbs", Static).update(content(text))

    def _show(self) -> None:
        """Show the template under the cursor."""
        self._comparing = False
        one = self.current()
        if one is None:
            if (damaged := self.rows.damaged(self.table.cursor)) is not None:
                self.pane.show_damaged(damaged)
            else:
                self.pane.show_nothing()
            return
        versions = self._versions.get((one.id, one.versions))
        shown = preview(one, self.workspace.templates.folders())
        self.pane.show_template(shown, self.rows.effects.get(one.id), versions or ())
        if versions is None and one.deleted_at is None:
            self._read_versions(one)

    @work(exclusive=True, group="versions")
    async def _read_versions(self, one: Template) -> None:
        await asyncio.sleep(VERSIONS_DELAY)
        versions = await self._try(self.workspace.library.versions(one.id))
        if versions is None or not self.laid_out:
            return
        self._versions[one.id, one.versions] = versions
        now = self.current()
        if now is not None and now.id == one.id and not self._comparing:
            self._show()

    def show_changes(self, one: Template, older: int, newer: int, changes: Sequence[Change]) -> None:
        """Show what differs between two versions; Esc goes back to the template."""
        self.pane.show_changes(one, older, newer, changes)
        self._comparing = True
        self.add_class("-pane")
        self.call_after_refresh(self.pane.focus)

    @on(RowList.Marked, "#templates")
    def _marked(self) -> None:
        self._draw()

    @on(RowList.Moved, "#templates")
    def _moved(self) -> None:
        if self._pane_timer is not None:
            self._pane_timer.stop()
        self._pane_timer = self.set_timer(PANE_DELAY, self._draw)

    # search and order

    @on(Input.Changed, "#filter")
    def _search_changed(self) -> None:
        if self._listed:
            self.load(TYPING_DELAY)

    @on(Input.Submitted, "#filter")
    def _search_done(self, event: Input.Submitted) -> None:
        if not event.value.strip():
            event.input.remove_class("-open")
        self.table.focus()

    def action_filter(self) -> None:
        """Open the search."""
        self.type_into(self.query_one("#filter", Input))

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
        """Between the list and the template."""
        if self.pane.has_focus:
            self.remove_class("-pane")
            self.table.focus()
        else:
            self.add_class("-pane")
            self.call_after_refresh(self.pane.focus)

    @on(RowList.Sideways, "#templates")
    def _sideways(self, event: RowList.Sideways) -> None:
        if event.step > 0:
            self.action_pane()

    def action_back(self) -> None:
        """Close what is open, then the search, the marks, the deleted ones, then leave."""
        box = self.query_one("#filter", Input)
        if self._comparing:
            self._show()
        elif box.has_class("-open"):
            box.value = ""
            box.remove_class("-open")
            self.table.focus()
        elif self.has_class("-pane"):
            self.remove_class("-pane")
            self.table.focus()
        elif self.table.marked:
            self.table.clear_marks()
        elif self.showing_deleted:
            self.action_deleted()
        else:
            self.shell.back()

    # what can be done now

    def why_not(self, action: str, parameters: tuple[object, ...] = ()) -> str:
        """Return why an action has nothing to work on; empty when it may run."""
        if not self._listed:
            return ""
        if action == "undelete":
            if self.showing_deleted:
                return "" if self.current() else "nothing is deleted"
            return "" if self.deleted else "nothing was deleted here; a shows what was deleted before"
        if action in NEEDS_ONE:
            if self.current() is None:
                return (
                    "it is damaged" if self.rows.damaged(self.table.cursor) else "there is no template here"
                )
            if self.showing_deleted:
                return "it is deleted; z restores it"
        one = self.current()
        if action in ("diff", "revert") and one is not None and one.versions < 2:
            return "there is only one version of it"
        if action == "merge" and len(self.chosen()) < 2:
            return "mark two or more with space, then merge them"
        return ""

    @on(RowList.Opened, "#templates")
    def _opened(self) -> None:
        self.attempt("preview")
