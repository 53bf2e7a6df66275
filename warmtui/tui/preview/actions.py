"""What can be done with a draft that is previewed: saving it, and handing it over."""

from __future__ import annotations

from dataclasses import replace

from textual import work
from textual.worker import Worker

from warmtui.curation.bootstrap import ACKNOWLEDGED, OPENING
from warmtui.curation.editing import Base, DraftState, Problem, to_draft
from warmtui.curation.folders import Folders
from warmtui.errors import ConflictError, NotFoundError, WarmtuiError
from warmtui.exchange.base import Target
from warmtui.exchange.messages import to_dicts
from warmtui.exchange.targets import TARGETS
from warmtui.library.templates import Saved
from warmtui.model.template import Template
from warmtui.tui import delivery
from warmtui.tui.base_screen import BaseScreen
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.dialogs.choose import Answer, Choose
from warmtui.tui.dialogs.form import Ask, Form
from warmtui.tui.list.text_rows import Piece
from warmtui.tui.preview.changes import change_pieces, changed_by_both
from warmtui.tui.text.text_view import COPIED
from warmtui.tui.ui_state import PreviewPlace
from warmtui.workspace.drafting import Drafted, Landing, changes_since, drafted, rendered
from warmtui.workspace.extraction import default_name


class PreviewDeeds(BaseScreen):
    """Saving and handing over; use `PreviewScreen`.

    Args:
        draft: the draft.
    """

    def __init__(self, draft: DraftSession) -> None:
        super().__init__()
        self.draft = draft
        self.place = PreviewPlace()
        """Target, requests and command, as they were left."""
        self.started_at = 0.0
        """When a session to import is said to begin: one moment, so that what is shown is what is written."""
        self._drafted: tuple[DraftState, tuple[str, ...], Folders, Drafted] | None = None
        """What the draft came to last, with what that depends on."""

    # what the screen gives

    def show(self) -> Worker[None]:
        """Draw the draft as it stands now."""
        raise NotImplementedError

    def remember(self) -> Worker[None]:
        """Keep target, requests and command."""
        raise NotImplementedError

    @property
    def target(self) -> Target:
        """The chosen target."""
        raise NotImplementedError

    @property
    def part_here(self) -> str:
        """What the message under the cursor stands for, as `ChatMessage.part`; empty where there is none."""
        raise NotImplementedError

    def unmasked_words(self) -> str:
        """Say which secrets stand unmasked because the person wants it so; empty without any."""
        raise NotImplementedError

    def drafted(self) -> Drafted:
        """Return the draft as saving would keep it, with its messages."""
        state, known, where = self.draft.state, self.workspace.known_secrets(), self.workspace.places()
        before = self._drafted
        if before is not None and before[0] is state and before[1:3] == (known, where):
            return before[3]
        made = drafted(state, known, where)
        self._drafted = state, known, where, made
        return made

    def data(self, target: str) -> bytes:
        """Return the file that an export writes.

        Raises:
            WarmtuiError: there is nothing to write.
        """
        where = self.workspace.places()
        return rendered(self.drafted(), TARGETS[target], where, self.started_at)

    # saving

    @work(exclusive=True, group="save")
    async def action_save(self) -> None:
        """Ask for a name and save; where somebody else saved meanwhile, show both and ask."""
        state, library = self.draft.state, self.workspace.library
        values = {
            "name": state.name or default_name(self.workspace.now()),
            "description": state.description,
            "tags": ", ".join(state.tags),
        }
        problem, over = "", False
        """Whether the person wants theirs on top of what somebody else saved."""
        landing, onto = Landing((), state.base), state.base
        while True:
            try:
                landing = Landing(await library.list(), landing.base)
                if landing.opened and values["name"] == state.name:
                    values["name"] = landing.opened.name  # somebody may have renamed it
            except WarmtuiError as error:
                problem = str(error)  # the form says so; saving tries again
            try:
                if not over:
                    answer = await self._ask_name(values, landing, problem)
                    if answer is None:
                        return
                    values = answer
                onto = landing.onto(values["name"])
                tags = tuple(tag.strip() for tag in values["tags"].split(",") if tag.strip())
                tags = landing.tags(values["name"], tags)
                saved = await self.draft.save(values["name"], values["description"], tags, onto=onto)
            except (ConflictError, NotFoundError) as error:
                problem, over = str(error), False
                theirs = await self._found(values["name"], onto)
                if theirs is None:
                    continue
                match await self._choose(theirs, landing.base):
                    case "s":
                        landing, over = landing._replace(base=Base(theirs.id, theirs.version.number)), True
                    case "n":
                        problem = ""
                        try:
                            values["name"] = await library.free_name(values["name"])
                        except WarmtuiError as error:
                            problem = str(error)
                    case "t":
                        await self._take(theirs)
                        return
                    case _:
                        self.say("nothing was saved; your draft is as it was")
                        return
            except WarmtuiError as error:
                problem, over = str(error), False
            else:
                self._tell_saved(saved)
                self.show()
                return

    async def _ask_name(
        self, values: dict[str, str], landing: Landing, problem: str
    ) -> dict[str, str] | None:
        return await self.app.push_screen_wait(
            Form(
                "Save as a template",
                [
                    Ask("name", "Name", values["name"]),
                    Ask("description", "Description", values["description"]),
                    Ask("tags", "Tags, with commas", values["tags"]),
                ],
                say=lambda now: landing.words(now["name"]),
                warning=problem or self.unmasked_words(),
            )
        )

    async def _found(self, name: str, onto: Base | None) -> Template | None:
        """Return the template that is in the way as it stands now; None when it cannot be found."""
        try:
            templates = await self.workspace.library.list()
        except WarmtuiError:
            return None  # asked again, the library says what is wrong with it
        for one in templates:
            if one.id == onto.template_id if onto else one.name == name:
                return one
        return None

    async def _choose(self, theirs: Template, base: Base | None) -> str | None:
        """Show what somebody else saved beside what would be saved, and ask what to do."""
        number = theirs.version.number
        return await self.app.push_screen_wait(
            Choose(
                f"{theirs.name}: version {number} was saved elsewhere. Nothing is lost, whatever you choose.",
                (
                    Answer("s", f"save mine as version {number + 1}; version {number} stays below it"),
                    Answer("n", "save mine under a new name"),
                    Answer("t", f"go on with version {number}; undo brings mine back"),
                ),
                reading=await self._both(theirs, base),
            )
        )

    async def _both(self, theirs: Template, base: Base | None) -> list[Piece]:
        mine = to_draft(self.draft.state, self.workspace.known_secrets())
        if base is None or base.template_id != theirs.id:
            changes = changes_since(theirs.version, mine)
            seeds = (mine.seed, theirs.version.seed)
            return list(change_pieces(f"from version {theirs.version.number} to mine", changes, seeds))
        old = await self.workspace.library.get_version(theirs.id, base.version)
        from_there = await self.workspace.diff(theirs.id, base.version, theirs.version.number)
        from_here = changes_since(old, mine)
        both = changed_by_both(from_there, from_here)
        title = f"theirs, from version {base.version} to {theirs.version.number}"
        return [
            *change_pieces(title, from_there, (theirs.version.seed, old.seed), both),
            *change_pieces(f"mine, from version {base.version}", from_here, (mine.seed, old.seed), both),
        ]

    async def _take(self, theirs: Template) -> None:
        self.draft.replace_with(theirs)
        await self.draft.autosave()
        self.say(f"this is version {theirs.version.number} now · z brings yours back")
        self.show()

    def _tell_saved(self, saved: Saved) -> None:
        name, number = saved.template.name, saved.version.number
        broken = [one.text for one in self.broken()]
        if broken:
            # only valid text is kept in a template; what was typed is still in the draft
            words = f"saved {name}, version {number}, without what cannot be read: {broken[0]}"
            self.say(words, "warning")
        elif saved.unchanged:
            self.say(f"{name} is the same as version {number}")
        elif saved.created:
            self.say(f"saved {name}")
        else:
            self.say(f"saved {name} as version {number}")

    def broken(self) -> list[Problem]:
        """Return which texts of the draft cannot be read, so that saving leaves them out."""
        return [one for one in self.draft.problems() if one.kind == "invalid"]

    # editing

    def why_not_edit(self) -> str:
        """Return why there is nothing to edit; empty when there is."""
        if self.broken() or self.part_here not in ("", ACKNOWLEDGED):
            return ""
        if self.part_here:
            return "this message is the same in every template"
        return "go to a message of the template first"

    def action_edit(self) -> None:
        """Edit the first text that cannot be read, else what the message under the cursor is made of."""
        from warmtui.tui.curate.screen import CurateScreen

        broken, part = self.broken(), self.part_here
        below = self.app.screen_stack[-2]
        self.shell.back()
        if not (isinstance(below, CurateScreen) and below.draft is self.draft):
            below = CurateScreen(self.draft)
            self.app.push_screen(below)
        if broken:
            self.app.call_after_refresh(below.edit_problem, broken[0])
        else:
            self.app.call_after_refresh(below.edit_item, "" if part == OPENING else part)

    # handing over

    def added(self) -> str:
        """Say which prefill Hermes is told to send already."""
        if not self.target.after_system:
            return ""
        configured = self.workspace.configured_prefill(["hermes"])
        if configured is None or configured.path is None:
            return ""
        if list(configured.messages) == to_dicts(self.drafted().messages):
            return "Hermes sends this by default already: U undoes that"
        number = len(configured.messages)
        count = f"{number} message{'s' * (number != 1)}"
        return (
            f"a prefill is configured already, {configured.path}: {count}; R asks whether they go before ours"
        )

    def action_copy(self) -> None:
        """Copy what an export to this target would write."""
        try:
            text = self.data(self.place.target).decode()
        except WarmtuiError as error:
            self.say(str(error), "warning")
            return
        if len(text) > COPIED:
            self.say("too long for the clipboard of a terminal; x writes it to a file", "warning")
            return
        self.app.copy_to_clipboard(text)
        loud = self.unmasked_words()
        self.say("copied as JSON" + (f"; {loud}" if loud else ""), "warning" if loud else "information")

    @work(exclusive=True, group="export")
    async def action_export(self) -> None:
        """Ask for a format and a file, and write it."""
        name = self.drafted().draft.name or "template"
        done = await delivery.export(
            self,
            name,
            lambda target: self.data(target.name),
            target=self.place.target,
            warning=self.unmasked_words(),
        )
        if done is not None:
            self.place = replace(self.place, target=done)
            self.remember()
            self.show()

    @work(exclusive=True, group="install")
    async def action_install(self) -> None:
        """Make it the prefill that Hermes sends by default."""
        if base := self.draft.state.base:
            await delivery.install(self, base.template_id)
            self.show()

    @work(exclusive=True, group="install")
    async def action_uninstall(self) -> None:
        """Put back what Hermes sent before."""
        await delivery.uninstall(self)
        self.show()

    @work(exclusive=True, group="launch")
    async def action_launch(self) -> None:
        """Hand the terminal to the agent, started with the template."""
        if base := self.draft.state.base:
            given = await delivery.launch(self, base.template_id, self.place.command)
            if given is not None:
                self.place = replace(self.place, command=given)
                self.remember()
