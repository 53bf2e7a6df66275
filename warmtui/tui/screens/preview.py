"""Preview and export: what exactly will be sent?"""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Footer, Input, Static

from warmtui.curation.bootstrap import bootstrap
from warmtui.curation.diff import diff_versions
from warmtui.curation.editing import restorables, to_draft
from warmtui.curation.tokens import list_tokens
from warmtui.errors import ConflictError, WarmtuiError
from warmtui.exchange.checks import check
from warmtui.exchange.messages import to_bytes
from warmtui.exchange.targets import TARGETS
from warmtui.model.chat import ChatMessage
from warmtui.tui import handing
from warmtui.tui.commands import bindings
from warmtui.tui.desk import Desk
from warmtui.tui.dialogs.form import Ask, Form
from warmtui.tui.room import Room, key
from warmtui.tui.rows.message_text import messages_text
from warmtui.tui.widgets.glyphs import glyphs_of
from warmtui.tui.widgets.paint import ACCENT, FAINT, MUTED, OK, WARNING, content
from warmtui.workspace.making import default_name
from warmtui.workspace.using import places, with_message

REQUESTS = 50
"""Over how many requests the cost is shown: a long session's (PRODUCT.md, P1)."""
SHOWN = 200_000
"""Characters that are shown at once; the export has all."""


class PreviewScreen(Room):
    """The exact message list, checks, maskings; save, export, start.

    Args:
        desk: the draft.
    """

    DEFAULT_CSS = """
    PreviewScreen VerticalScroll { height: 1fr; padding: 0 1; scrollbar-size: 1 1; }
    PreviewScreen #try { border: none; height: 1; padding: 0 1; background: $boost; }
    PreviewScreen .status { height: auto; max-height: 4; padding: 0 1; background: $panel; }
    """
    KEYS: ClassVar = (
        key("preview.save", "w", "save", "Save as a template", "save"),
        key("preview.export", "x", "export", "Write it to a file", "export"),
        key("preview.launch", "R", "launch", "Start the agent with it", "run agent"),
        key("preview.install", "I", "install", "Make it Hermes' default prefill", "install"),
        key("preview.uninstall", "U", "uninstall", "Undo install"),
        key("preview.json", "o", "json", "Show the exact JSON, or the messages", "JSON"),
        key("preview.diff", "d", "diff", "Show what changed since the last version", "diff"),
        key("preview.target", "t", "target", "Next target", "target"),
        key("preview.copy", "y", "copy", "Copy the JSON", "copy"),
        key("preview.try", "i", "try", "Type the message to try", "message"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*KEYS)]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.mode = "messages"
        self.target = "hermes-prefill"

    def compose(self) -> ComposeResult:
        """Lay out breadcrumbs, the messages, the message to try, checks and keys."""
        yield Static("", classes="crumbs", markup=False)
        with VerticalScroll():
            yield Static("", id="shown", markup=False)
        yield Input(placeholder="the message to try it with (i)", id="try", select_on_focus=False)
        yield Static("", classes="status", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        """Show the messages."""
        self.query_one(VerticalScroll).focus()
        self.show()

    def messages(self) -> tuple[ChatMessage, ...]:
        """Return exactly what is ours of the next session."""
        draft = to_draft(self.desk.state, self.workspace.known_secrets())
        return bootstrap(draft.seed, places(self.workspace.environ, None))

    def show(self) -> None:
        """Draw everything anew."""
        ours = self.messages()
        words = self.query_one("#try", Input).value
        shown = with_message(ours, words) if words else ours
        text = self._json(shown) if self.mode == "json" else self._rendered(shown)
        self.query_one("#shown", Static).update(content(text))
        tokens = list_tokens(ours)
        base = self.desk.state.base
        crumbs = Text(f" warmtui › {self.desk.state.name or 'a new template'} › Preview   ")
        crumbs.append(f"target: {TARGETS[self.target].title}", MUTED)
        crumbs.append(f"   v{base.version} saved" if base else "   not saved yet", FAINT)
        self.query_one(".crumbs", Static).update(content(crumbs))
        findings = check(ours, followed_by_user=True, after_system=True)
        status = Text(
            f"≈ {tokens:,} tokens ours, sent with every request: ≈ {tokens * REQUESTS:,} over {REQUESTS}"
        )
        status.append("  ✓ OpenAI ✓ Anthropic ✓ strict templates" if not findings else "", OK)
        for finding in findings[:2]:
            status.append(f"\n! {finding.target}, message {finding.index + 1}: {finding.text}", WARNING)
        masked = restorables(self.desk.state)
        status.append(f"\n⚿ {len(masked)} masked", MUTED)
        kinds = sorted({one.kind for one in masked})
        status.append(
            f": {', '.join(kinds)}" if kinds else ": none recognised; read it before you share it", MUTED
        )
        self.query_one(".status", Static).update(content(status))

    def _rendered(self, messages: tuple[ChatMessage, ...]) -> Text:
        text = Text("added by the agent before ours: its own system prompt\n", FAINT)
        return text.append_text(messages_text(messages, SHOWN, glyphs=glyphs_of(self)))

    def _json(self, messages: tuple[ChatMessage, ...]) -> Text:
        return Text(to_bytes(messages).decode()[:SHOWN])

    @on(Input.Changed, "#try")
    def _try_changed(self) -> None:
        self.show()

    @on(Input.Submitted, "#try")
    def _try_done(self) -> None:
        self.query_one(VerticalScroll).focus()

    # keys

    def action_back(self) -> None:
        """Leave the input, then the screen."""
        if self.query_one("#try", Input).has_focus:
            self.query_one(VerticalScroll).focus()
        else:
            self.shell.back()

    def action_try(self) -> None:
        """Type the message to try it with."""
        self.query_one("#try", Input).focus()

    def action_json(self) -> None:
        """Show the exact JSON, or the messages."""
        self.mode = "messages" if self.mode == "json" else "json"
        self.show()

    def action_target(self) -> None:
        """Take the next target."""
        names = list(TARGETS)
        self.target = names[(names.index(self.target) + 1) % len(names)]
        self.show()

    def action_copy(self) -> None:
        """Copy the JSON to the clipboard."""
        self.app.copy_to_clipboard(to_bytes(self.messages()).decode())
        self.say("copied the messages as JSON")

    @work(exclusive=True, group="diff")
    async def action_diff(self) -> None:
        """Show what changed since the last saved version."""
        base = self.desk.state.base
        if base is None:
            self.say("it was not saved yet, so there is nothing to compare with")
            return
        try:
            old = await self.workspace.library.get_version(base.template_id, base.version)
        except WarmtuiError as error:
            self.say(str(error), "warning")
            return
        draft = to_draft(self.desk.state, self.workspace.known_secrets())
        new = old.model_copy(
            update={
                "seed": draft.seed,
                "description": draft.description,
                "task_type": draft.task_type,
                "sources": draft.sources,
                "masked": draft.masked,
            }
        )
        changes = diff_versions(old, new)
        text = Text(f"since version {base.version}: {len(changes)} changes\n", ACCENT)
        for change in changes:
            text.append(f"\n{change.kind} {change.place}\n", MUTED)
            for sign, part in (("-", change.before), ("+", change.after)):
                if part is not None:
                    text.append(f"  {sign} {part[:2000]}\n")
        self.query_one("#shown", Static).update(content(text))

    @work(exclusive=True, group="save")
    async def action_save(self) -> None:
        """Ask for a name and save."""
        state = self.desk.state
        name = state.name or default_name(self.workspace.now())
        answer = await self.app.push_screen_wait(
            Form(
                "Save as a template",
                [
                    Ask("name", "Name", name),
                    Ask("description", "Description", state.description),
                    Ask("tags", "Tags, with commas", ", ".join(state.tags)),
                ],
                note="A name in use gets a new version.",
            )
        )
        if answer is None:
            return
        tags = tuple(tag.strip() for tag in answer["tags"].split(",") if tag.strip())
        try:
            saved = await self.desk.save(answer["name"], answer["description"], tags)
        except ConflictError as error:
            self.say(
                f"{error.what}; your draft stays. Save it under another name, or open the template again",
                "error",
            )
            return
        except WarmtuiError as error:
            self.say(str(error), "error")
            return
        if saved.unchanged:
            self.say(f"{saved.template.name} is the same as version {saved.version.number}")
        elif saved.created:
            self.say(f"saved {saved.template.name}")
        else:
            self.say(f"saved {saved.template.name} as version {saved.version.number}")
        self.show()

    @work(exclusive=True, group="export")
    async def action_export(self) -> None:
        """Ask for a file and write it."""
        from warmtui.exchange.hermes_session import SessionMeta
        from warmtui.exchange.slugs import slug

        target = TARGETS[self.target]
        name = slug(self.desk.state.name or "template")
        answer = await self.app.push_screen_wait(
            Form(
                f"Export: {target.title}",
                [Ask("path", "File or folder", f"{name}{target.extension}")],
                answer="write",
            )
        )
        if answer is None:
            return
        where = places(self.workspace.environ, None)
        meta = SessionMeta(session_id=f"warm_{name}", title=self.desk.state.name or None, cwd=where.cwd)
        data = target.render(self.messages(), meta)
        await handing.write(self, data, answer["path"], name, target.extension)

    def _saved_template(self) -> str | None:
        base = self.desk.state.base
        if base is None:
            self.say("save it first: w", "warning")
            return None
        return base.template_id

    @work(exclusive=True, group="install")
    async def action_install(self) -> None:
        """Make it the prefill that Hermes sends by default."""
        if template := self._saved_template():
            await handing.install(self, template)

    @work(exclusive=True, group="install")
    async def action_uninstall(self) -> None:
        """Put back what Hermes sent before."""
        await handing.uninstall(self)

    @work(exclusive=True, group="launch")
    async def action_launch(self) -> None:
        """Hand the terminal to the agent, started with the template."""
        if template := self._saved_template():
            await handing.launch(self, template)
