"""Templates: the library, what each template costs, and what became of the sessions it started."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import ClassVar, TypeVar

from rich.text import Text
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Footer, Input, Static

from warmtui.errors import WarmtuiError
from warmtui.library.usage import Use
from warmtui.model.template import Template, Version
from warmtui.tui import handing
from warmtui.tui.commands import bindings
from warmtui.tui.desk import Desk
from warmtui.tui.dialogs.form import Ask, Form
from warmtui.tui.panes.template_pane import TemplatePane
from warmtui.tui.room import Room, key
from warmtui.tui.rows.template_rows import SORTS, TemplateRows
from warmtui.tui.rows.template_search import wanted
from warmtui.tui.widgets.glyphs import glyphs_of
from warmtui.tui.widgets.paint import MUTED, WARNING, content
from warmtui.tui.widgets.row_messages import HeaderClicked, Sideways
from warmtui.tui.widgets.rows import RowList
from warmtui.workspace.effect import effect_of
from warmtui.workspace.merging import merge
from warmtui.workspace.using import places, preview, target_of

T = TypeVar("T")
TYPING_DELAY = 0.12
"""Seconds without a key after which the library is searched."""
VERSIONS_DELAY = 0.12
"""After the cursor stopped, before the versions of its template are read."""
FOLLOW_SECONDS = 1.0
"""Between two looks at whether the sessions' figures changed."""
TARGET = "hermes-prefill"


class TemplateList(RowList):
    """The list; `v` is for versions here, shift and the arrows mark a range."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave `v` to the screen."""
        return False if action == "range" else super().check_action(action, parameters)


class TemplatesScreen(Room):
    """The library, and the template under the cursor beside it."""

    DEFAULT_CSS = """
    TemplatesScreen #templates { width: 3fr; }
    TemplatesScreen TemplatePane { width: 2fr; padding: 0 1 0 2; border-left: solid $panel; }
    TemplatesScreen.-narrow TemplatePane { display: none; }
    TemplatesScreen.-narrow.-pane TemplatePane { display: block; width: 1fr; border-left: none; }
    TemplatesScreen.-narrow.-pane #templates { display: none; }
    """
    KEYS: ClassVar = (
        key("templates.preview", "enter", "preview", "Preview exactly what is sent", "preview", also=("p",)),
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
        self.showing_deleted = False
        self.deleted: list[tuple[str, ...]] = []
        """Ids of what was deleted here, the last last."""
        self._goto = ""
        """The id of a template that is to get the cursor once it is listed."""
        self._uses: dict[str, tuple[Use, ...]] = {}
        self._versions: dict[tuple[str, int], tuple[Version, ...]] = {}
        self._comparing = False
        self._listed = False

    def compose(self) -> ComposeResult:
        """Lay out breadcrumbs, search, list, template and keys."""
        yield Static("", classes="crumbs", markup=False)
        yield Input(placeholder="words tag:shop type:code", id="filter", select_on_focus=False)
        yield Static("", classes="problem", markup=False)
        with Horizontal(classes="panes"):
            yield TemplateList(self.rows, markable=True, id="templates", empty="Reading the library …")
            yield TemplatePane(id="template")
        yield Footer()

    def on_mount(self) -> None:
        """Follow the sessions' figures."""
        self.table.focus()
        self.set_interval(FOLLOW_SECONDS, self._recount)

    def on_screen_resume(self) -> None:
        """Read the library: it may have changed on another screen."""
        self._load()

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
        return preview(one, places(self.workspace.environ, None)).tokens

    # reading

    @work(exclusive=True, group="listing")
    async def _load(self, delay: float = 0.0) -> None:
        """List what fits the search, then what became of the sessions of each."""
        await asyncio.sleep(delay)
        words = self.query_one("#filter", Input).value
        try:
            search = wanted(words)
            listing = await self.workspace.library.listing(
                type=search.type, tags=search.tags, query=search.words or None, deleted=self.showing_deleted
            )
        except WarmtuiError as error:
            self._tell(str(error))
            return
        self._tell("\n".join(str(problem.text) for problem in listing.problems[:3]))
        self.rows.put(listing.templates)
        self._listed = True
        self.table.empty = self._nothing(words)
        self.table.refresh_rows(keep_cursor=True)
        if self._goto and self.table.goto_key(self._goto):
            self._goto = ""
        self._draw()
        if not self.showing_deleted:
            await self._read_uses(listing.templates)

    async def _read_uses(self, templates: Sequence[Template]) -> None:
        library = self.workspace.library
        try:
            uses = {one.id: await library.uses(one.id) if one.usage.started else () for one in templates}
        except WarmtuiError as error:
            self._tell(str(error))
            return
        self._uses = uses
        self._recount()

    def _recount(self) -> None:
        """Add up the sessions of each template anew; sessions are judged while this is open."""
        named = {use.session_id for uses in self._uses.values() for use in uses}
        rows = {one: row for one, row in list(self.workspace.feed.rows.items()) if one.id in named}
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
        """Draw breadcrumbs, the template and which keys can be used."""
        text = Text(" warmtui › Templates  ")
        if self.showing_deleted:
            text.append("deleted  ", WARNING)
        text.append(f"{len(self.rows):,}", MUTED)
        if self.table.marked:
            text.append(f" · {len(self.table.marked)} marked", MUTED)
        if self.rows.sort != "updated":
            text.append(f" · by {self.rows.sort}", MUTED)
        self.query_one(".crumbs", Static).update(content(text))
        self._show()
        self.refresh_bindings()

    def _show(self) -> None:
        """Show the template under the cursor."""
        self._comparing = False
        one = self.current()
        if one is None:
            self.pane.show_nothing()
            return
        versions = self._versions.get((one.id, one.versions))
        shown = preview(one, places(self.workspace.environ, None))
        self.pane.show_template(shown, self.rows.effects.get(one.id), versions or ())
        if versions is None and one.deleted_at is None:
            self._read_versions(one)

    @work(exclusive=True, group="versions")
    async def _read_versions(self, one: Template) -> None:
        await asyncio.sleep(VERSIONS_DELAY)
        versions = await self._try(self.workspace.library.versions(one.id))
        if versions is None:
            return
        self._versions[one.id, one.versions] = versions
        now = self.current()
        if now is not None and now.id == one.id and not self._comparing:
            self._show()

    @on(RowList.Moved, "#templates")
    @on(RowList.Marked, "#templates")
    def _moved(self) -> None:
        self._draw()

    # search and order

    @on(Input.Changed, "#filter")
    def _search_changed(self) -> None:
        if self._listed:
            self._load(TYPING_DELAY)

    @on(Input.Submitted, "#filter")
    def _search_done(self, event: Input.Submitted) -> None:
        if not event.value.strip():
            event.input.remove_class("-open")
        self.table.focus()

    def action_filter(self) -> None:
        """Open the search."""
        box = self.query_one("#filter", Input)
        box.add_class("-open")
        # it can be focused only once the new style shows it
        self.call_after_refresh(box.focus)

    def action_deleted(self) -> None:
        """Show the deleted templates, or those in use."""
        self.showing_deleted = not self.showing_deleted
        self.table.clear_marks()
        self._load()

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
    def _header_clicked(self, event: HeaderClicked) -> None:
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
    def _sideways(self, event: Sideways) -> None:
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

    def why_not(self, action: str) -> str:
        """Return why an action has nothing to work on; empty when it may run."""
        if action == "undelete":
            if self.showing_deleted:
                return "" if self.current() else "nothing is deleted"
            return "" if self.deleted else "nothing was deleted here; a shows what was deleted before"
        if action in NEEDS_ONE:
            if self.current() is None:
                return "there is no template here"
            if self.showing_deleted:
                return "it is deleted; z restores it"
        one = self.current()
        if action in ("diff", "revert") and one is not None and one.versions < 2:
            return "there is only one version of it"
        if action == "merge" and len(self.chosen()) < 2:
            return "mark two or more with space, then merge them"
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out what has nothing to work on."""
        return None if self._listed and self.why_not(action) else True

    def on_key(self, event: events.Key) -> None:
        """Say why a grey key does nothing."""
        for command in self.KEYS:
            if event.key in (command.key, *command.also) and (reason := self.why_not(command.action)):
                self.say(reason)
                event.stop()

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

    async def _desk(self) -> Desk | None:
        one = self.current()
        return None if one is None else await self._try(Desk.of_template(self.workspace, one.id))

    @on(RowList.Opened, "#templates")
    def _opened(self) -> None:
        if reason := self.why_not("preview"):
            self.say(reason)
        else:
            self.action_preview()

    @work(exclusive=True, group="do")
    async def action_preview(self) -> None:
        """Show exactly what will be sent."""
        from warmtui.tui.screens.preview import PreviewScreen

        if desk := await self._desk():
            self.app.push_screen(PreviewScreen(desk))

    @work(exclusive=True, group="do")
    async def action_edit(self) -> None:
        """Edit it."""
        if desk := await self._desk():
            self.shell.open_desk(desk)

    # changes

    @work(exclusive=True, group="do")
    async def action_rename(self) -> None:
        """Give it another name."""
        one = self.current()
        if one is None:
            return
        answer = await self._ask("Rename", Ask("name", "Name", one.name), answer="rename")
        if answer and (done := await self._try(self.workspace.library.rename(one.id, answer["name"]))):
            self.say(f"{one.name} is {done.name} now")
            self._load()

    @work(exclusive=True, group="do")
    async def action_duplicate(self) -> None:
        """Make a copy under another name."""
        one, library = self.current(), self.workspace.library
        if one is None:
            return
        free = await self._try(library.free_name(one.name))
        answer = await self._ask("Duplicate", Ask("name", "Name of the copy", free or ""), answer="duplicate")
        if answer and (done := await self._try(library.duplicate(one.id, answer["name"]))):
            self.say(f"made {done.template.name}")
            self._goto = done.template.id
            self._load()

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
            self._load()

    @work(exclusive=True, group="do")
    async def action_merge(self) -> None:
        """Merge the marked templates into a new one."""
        chosen = self.chosen()
        names = ", ".join(one.name for one in chosen)
        free = await self._try(self.workspace.library.free_name(chosen[0].name))
        answer = await self._ask(
            f"Merge {len(chosen)} templates",
            Ask("name", "Name of the new one", free or ""),
            note=f"{names}. They stay as they are.",
            answer="merge",
        )
        if not answer:
            return
        done = await self._try(merge(self.workspace, [one.id for one in chosen], answer["name"]))
        if done is not None:
            twice = f"; {len(done.left_out)} things were in both" if done.left_out else ""
            self.say(f"made {done.saved.template.name}{twice}")
            self._goto = done.saved.template.id
            self.table.clear_marks()
            self._load()

    @work(exclusive=True, group="do")
    async def action_revert(self) -> None:
        """Go back to an older version, as a new one."""
        one = self.current()
        if one is None:
            return
        answer = await self._ask(
            f"Go back to an older version of {one.name}",
            Ask("number", f"Version, 1 to {one.versions - 1}", str(one.versions - 1)),
            note=f"It becomes version {one.versions + 1}; all others stay.",
            answer="go back",
        )
        if not answer or (number := self._number(answer["number"], one)) is None:
            return
        saved = await self._try(
            self.workspace.library.revert(one.id, number, expected_version=one.version.number)
        )
        if saved is not None:
            like = "already" if saved.unchanged else f"now, as version {saved.version.number}"
            self.say(f"{one.name} is like version {number} {like}")
            self._load()

    @work(exclusive=True, group="do")
    async def action_diff(self) -> None:
        """Show what differs between two versions."""
        one = self.current()
        if one is None:
            return
        answer = await self._ask(
            f"Compare two versions of {one.name}",
            Ask("older", "From version", str(one.versions - 1)),
            Ask("newer", "To version", str(one.versions)),
            answer="compare",
        )
        numbers = [self._number(answer[name], one) for name in ("older", "newer")] if answer else []
        if not numbers or numbers[0] is None or numbers[1] is None:
            return
        changes = await self._try(self.workspace.diff(one.id, numbers[0], numbers[1]))
        if changes is not None:
            self.pane.show_changes(one, numbers[0], numbers[1], changes)
            self._comparing = True
            self.add_class("-pane")
            self.call_after_refresh(self.pane.focus)

    def _number(self, text: str, one: Template) -> int | None:
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
        if 1 <= number <= one.versions:
            return number
        self.say(f"{text or 'nothing'} is no version; there are 1 to {one.versions}", "warning")
        return None

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
        self._load()

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
        self._load()

    # handing over

    @work(exclusive=True, group="do")
    async def action_export(self) -> None:
        """Ask for a format and a file, and write it."""
        from warmtui.exchange.targets import TARGETS

        one = self.current()
        if one is None:
            return
        answer = await self._ask(
            f"Export {one.name}",
            Ask("path", "File or folder", "./"),
            Ask("target", "Format", TARGET),
            note=f"Formats: {', '.join(TARGETS)}",
            answer="write",
        )
        if not answer:
            return
        exported = await self._try(self.workspace.export(one.id, answer["target"], None))
        if exported is not None:
            extension = target_of(answer["target"]).extension
            await handing.write(self, exported.data, answer["path"] or "./", one.name, extension)

    @work(exclusive=True, group="do")
    async def action_install(self) -> None:
        """Make it the prefill that Hermes sends by default."""
        if one := self.current():
            await handing.install(self, one.id)

    @work(exclusive=True, group="do")
    async def action_uninstall(self) -> None:
        """Put back what Hermes sent before."""
        await handing.uninstall(self)

    @work(exclusive=True, group="do")
    async def action_launch(self) -> None:
        """Hand the terminal to the agent, started with the template."""
        if one := self.current():
            await handing.launch(self, one.id)
            self._load()


NEEDS_ONE = frozenset(
    "preview edit launch export diff revert delete rename duplicate tags merge install".split()
)
"""Actions that work on a template in use."""


def _named(templates: Sequence[Template]) -> str:
    return templates[0].name if len(templates) == 1 else f"{len(templates)} templates"
