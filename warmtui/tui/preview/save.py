"""Save a draft as a template: ask for the name, and show and resolve a conflict."""

from __future__ import annotations

from warmtui.curation.editing import Base, to_draft
from warmtui.errors import ConflictError, NotFoundError, WarmtuiError
from warmtui.model.template import Saved, Template
from warmtui.tui.base_screen import BaseScreen
from warmtui.tui.curate.draft_session import DraftSession
from warmtui.tui.dialogs import Answer, Choose, Form, FormField
from warmtui.tui.list.text_list import Piece
from warmtui.tui.preview.rows import change_pieces, changed_by_both
from warmtui.workspace.drafts import SaveTarget, changes_since
from warmtui.workspace.extraction import default_name


async def save_draft(screen: BaseScreen, draft: DraftSession, *, warning: str = "") -> bool:
    """Ask for a name and save the draft; if another program saved meanwhile, show both and ask.

    Args:
        screen: asks, and says what happened.
        draft: the draft.
        warning: what the person should know before saving.

    Returns:
        Whether the draft changed: it was saved, or replaced by the conflicting template.
    """
    state, library = draft.state, screen.workspace.library
    values = {
        "name": state.name or default_name(screen.workspace.context.now()),
        "description": state.description,
        "tags": ", ".join(state.tags),
    }
    target, onto = SaveTarget((), state.base), state.base
    problem, ask = "", True
    while True:
        try:
            target = SaveTarget((await library.listing()).templates, target.base)
            if target.opened and values["name"] == state.name:
                values["name"] = target.opened.name  # It may have been renamed elsewhere.
        except WarmtuiError as error:
            problem = str(error)  # The form shows it; saving tries again.
        try:
            if ask:
                answer = await _ask_name(screen, values, target, problem or warning)
                if answer is None:
                    return False
                values = answer
            onto = target.onto(values["name"])
            tags = tuple(tag.strip() for tag in values["tags"].split(",") if tag.strip())
            tags = target.tags(values["name"], tags)
            saved = await draft.save(values["name"], values["description"], tags, onto=onto)
        except (ConflictError, NotFoundError) as error:
            problem, ask = str(error), True
            theirs = await _in_the_way(screen, values["name"], onto)
            if theirs is None:
                continue
            match await _resolve(screen, draft, theirs, target.base):
                case "s":
                    target, ask = target._replace(base=Base(theirs.id, theirs.version.number)), False
                case "n":
                    problem = ""
                    try:
                        values["name"] = await library.free_name(values["name"])
                    except WarmtuiError as error:
                        problem = str(error)
                case "t":
                    draft.replace_with(theirs)
                    await draft.autosave()
                    screen.say(f"this is version {theirs.version.number} now · z brings yours back")
                    return True
                case _:
                    screen.say("nothing was saved; your draft is as it was")
                    return False
        except WarmtuiError as error:
            problem, ask = str(error), True
        else:
            _say_saved(screen, draft, saved)
            return True


async def _ask_name(
    screen: BaseScreen, values: dict[str, str], target: SaveTarget, warning: str
) -> dict[str, str] | None:
    asks = [
        FormField("name", "Name", values["name"]),
        FormField("description", "Description", values["description"]),
        FormField("tags", "Tags, with commas", values["tags"]),
    ]
    form = Form("Save as a template", asks, describe=lambda now: target.explain(now["name"]), warning=warning)
    return await screen.app.push_screen_wait(form)


async def _in_the_way(screen: BaseScreen, name: str, onto: Base | None) -> Template | None:
    """Return the template that a save conflicted with, as it is now; None if it cannot be found."""
    try:
        templates = (await screen.workspace.library.listing()).templates
    except WarmtuiError:
        return None  # The next attempt to list it says what is wrong.
    for template in templates:
        if template.id == onto.template_id if onto else template.name == name:
            return template
    return None


async def _resolve(
    screen: BaseScreen, draft: DraftSession, theirs: Template, base: Base | None
) -> str | None:
    number = theirs.version.number
    return await screen.app.push_screen_wait(
        Choose(
            f"{theirs.name}: version {number} was saved elsewhere. Nothing is lost, whatever you choose.",
            (
                Answer("s", f"save mine as version {number + 1}; version {number} stays below it"),
                Answer("n", "save mine under a new name"),
                Answer("t", f"go on with version {number}; undo brings mine back"),
            ),
            reading=await _both_changes(screen, draft, theirs, base),
        )
    )


async def _both_changes(
    screen: BaseScreen, draft: DraftSession, theirs: Template, base: Base | None
) -> list[Piece]:
    workspace, number = screen.workspace, theirs.version.number
    mine = to_draft(draft.state, workspace.context.known_secrets())
    if base is None or base.template_id != theirs.id:
        changes = changes_since(theirs.version, mine)
        return list(
            change_pieces(f"from version {number} to mine", changes, (mine.seed, theirs.version.seed))
        )
    old = await workspace.library.get_version(theirs.id, base.version)
    their_changes = await workspace.templates.diff(theirs.id, base.version, number)
    my_changes = changes_since(old, mine)
    both = changed_by_both(their_changes, my_changes)
    title = f"theirs, from version {base.version} to {number}"
    return [
        *change_pieces(title, their_changes, (theirs.version.seed, old.seed), both),
        *change_pieces(f"mine, from version {base.version}", my_changes, (mine.seed, old.seed), both),
    ]


def _say_saved(screen: BaseScreen, draft: DraftSession, saved: Saved) -> None:
    name, number = saved.template.name, saved.version.number
    invalid = draft.invalid_texts()
    if invalid:
        # A template holds only valid text; what was typed is still in the draft.
        words = f"saved {name}, version {number}, without what cannot be read: {invalid[0].text}"
        screen.say(words, "warning")
    elif saved.unchanged:
        screen.say(f"{name} is the same as version {number}")
    elif saved.created:
        screen.say(f"saved {name}")
    else:
        screen.say(f"saved {name} as version {number}")
