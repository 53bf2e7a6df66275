"""Commands for the templates in the library: list, show, diff, tag, merge, edit and the like."""

from __future__ import annotations

import os
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from warmtui.cli import output
from warmtui.cli.options import common, json_option, run
from warmtui.errors import UsageError, WarmtuiError
from warmtui.temporary import editing, keep
from warmtui.text import counted

if TYPE_CHECKING:
    from warmtui.model.template import Draft, Listing, Saved, Template
    from warmtui.workspace import Workspace

TYPES = ("code", "file", "research", "terminal", "general", "mixed")


def _template_json(template: Template) -> dict[str, Any]:
    return {"schema": "warmtui.template/1", **template.model_dump(mode="json")}


def _report(template: Template, text: str, as_json: bool) -> None:
    if as_json:
        output.print_json(_template_json(template))
    else:
        output.line(text)


@click.command("list")
@click.argument("words", nargs=-1)
@click.option("--type", "task_type", type=click.Choice(TYPES), help="Only templates of this type.")
@click.option("--tag", "tags", multiple=True, help="Only templates with this tag; repeatable.")
@click.option("--deleted", is_flag=True, help="The deleted ones instead.")
@json_option
@common
def list_command(
    words: tuple[str, ...], task_type: Any, tags: tuple[str, ...], deleted: bool, as_json: bool
) -> None:
    """List the templates in the library; WORDS are searched in names, tags, descriptions and content."""
    query = " ".join(words) or None
    listing = run(
        lambda workspace: workspace.library.listing(
            task_type=task_type, tags=tags, query=query, deleted=deleted
        )
    )
    if as_json:
        output.print_json(
            {
                "schema": "warmtui.templates/1",
                "templates": [template.model_dump(mode="json") for template in listing.templates],
                "problems": [problem._asdict() for problem in listing.problems],
            }
        )
    elif listing.templates or listing.damaged:
        _print_list(listing)
    else:
        output.note(
            "no template fits"
            if words or task_type or tags
            else "no templates yet; make one with: warmtui extract"
        )
    output.report_problems(listing.problems)


def _print_list(listing: Listing) -> None:
    output.line(output.style(f"{'name':<32} {'v':>3}  {'type':<9}{'used':>5}  tags", bold=True))
    for template in listing.templates:
        version = template.version
        _print_row(template.name, version.number, version.task_type, template.usage.started, template.tags)
    for damaged in listing.damaged:
        _print_row(damaged.name, damaged.version or "–", "damaged", damaged.started, damaged.tags)


def _print_row(name: str, version: int | str, kind: str, started: int, tags: tuple[str, ...]) -> None:
    clipped = output.clip(", ".join(tags), max(10, output.width() - 54))
    output.line(f"{output.pad(name, 32)} {version:>3}  {kind:<9}{started:>5}  {clipped}".rstrip())


@click.command("show")
@click.argument("template")
@json_option
@common
def show_command(template: str, as_json: bool) -> None:
    """Show TEMPLATE, a name or an id; @N after it means version N."""
    found = run(lambda workspace: workspace.templates.preview(template))
    if as_json:
        output.print_json(_template_json(found.template))
        return
    shown, version = found.template, found.template.version
    output.line(output.style(output.clip(shown.name, output.width()), bold=True))
    which = f"version {version.number} of {shown.versions}"
    output.line(f"{shown.id} · {which} · {version.task_type} · ≈ {found.tokens:,} tokens")
    if version.description:
        output.line(output.clip(version.description, output.width()))
    if shown.tags:
        output.line(f"tags: {output.clip(', '.join(shown.tags), output.width() - 6)}")
    origin = ", ".join(source.title or source.id for source in version.sources)
    output.line(f"saved {version.created_at} from {output.clip(origin or '–', output.width() - 40)}")
    output.line(f"used {shown.usage.started}×")
    if version.masked:
        kinds = sorted({place.kind for place in version.masked})
        output.line(f"masked: {counted(len(version.masked), 'place')} ({', '.join(kinds)})")
    output.line()
    for message in found.messages:
        output.print_message(message, found.tokens_of(message))


@click.command("diff")
@click.argument("template")
@click.argument("older", type=click.IntRange(min=1))
@click.argument("newer", type=click.IntRange(min=1))
@json_option
@common
def diff_command(template: str, older: int, newer: int, as_json: bool) -> None:
    """Compare versions OLDER and NEWER of TEMPLATE."""
    changes = run(lambda workspace: workspace.templates.diff(template, older, newer))
    if as_json:
        output.print_json({"schema": "warmtui.diff/1", "changes": [change._asdict() for change in changes]})
        return
    signs = {"added": "+", "removed": "-", "changed": "~", "moved": "↕"}
    for change in changes:
        output.line(f"{signs[change.kind]} {output.clip(change.place, output.width() - 2)}")
        for sign, text in (("-", change.before), ("+", change.after)):
            if text is not None:
                output.line(f"    {sign} {output.clip(text, output.width() - 6)}")
    if not changes:
        output.note("the versions are the same")


@click.command("revert")
@click.argument("template")
@click.argument("version", type=click.IntRange(min=1))
@json_option
@common
def revert_command(template: str, version: int, as_json: bool) -> None:
    """Make VERSION of TEMPLATE the current one, as a new version."""
    saved = run(lambda workspace: workspace.library.revert(template, version))
    if saved.unchanged and not as_json:
        output.note(f"{saved.template.name} is like version {version} already")
    else:
        name = output.clip(saved.template.name, 60)
        text = f"{name} is at version {saved.version.number}, like version {version}"
        _report(saved.template, text, as_json)


@click.command("delete")
@click.argument("templates", nargs=-1, required=True)
@json_option
@common
def delete_command(templates: tuple[str, ...], as_json: bool) -> None:
    """Delete TEMPLATES; undelete restores them."""

    async def delete(workspace: Workspace) -> list[Template]:
        return [await workspace.library.delete(template) for template in templates]

    _report_all(run(delete), "deleted {}; restore it with: warmtui undelete {}", as_json)


@click.command("undelete")
@click.argument("templates", nargs=-1, required=True)
@json_option
@common
def undelete_command(templates: tuple[str, ...], as_json: bool) -> None:
    """Restore deleted TEMPLATES."""

    async def undelete(workspace: Workspace) -> list[Template]:
        return [await workspace.library.undelete(template) for template in templates]

    _report_all(run(undelete), "restored {}", as_json)


def _report_all(templates: list[Template], text: str, as_json: bool) -> None:
    if as_json:
        dumped = [template.model_dump(mode="json") for template in templates]
        output.print_json({"schema": "warmtui.templates/1", "templates": dumped})
        return
    for template in templates:
        output.line(text.format(output.clip(template.name, 60), template.id))


@click.command("tag")
@click.argument("template")
@click.argument("tags", nargs=-1)
@click.option("--remove", "-r", "removed", multiple=True, help="Remove this tag; repeatable.")
@json_option
@common
def tag_command(template: str, tags: tuple[str, ...], removed: tuple[str, ...], as_json: bool) -> None:
    """Add TAGS to TEMPLATE, or remove some."""
    if not tags and not removed:
        raise UsageError("name a tag to add, or --remove one", "see: warmtui tag --help")
    tagged = run(lambda workspace: workspace.library.set_tags(template, add=tags, remove=removed))
    shown = output.clip(", ".join(tagged.tags), 200) or "no tags"
    _report(tagged, f"{output.clip(tagged.name, 60)}: {shown}", as_json)


@click.command("rename")
@click.argument("template")
@click.argument("name")
@json_option
@common
def rename_command(template: str, name: str, as_json: bool) -> None:
    """Give TEMPLATE another NAME."""
    renamed = run(lambda workspace: workspace.library.rename(template, name))
    _report(renamed, f"it is {output.clip(renamed.name, 60)} now", as_json)


@click.command("duplicate")
@click.argument("template")
@click.argument("name")
@json_option
@common
def duplicate_command(template: str, name: str, as_json: bool) -> None:
    """Make a new template NAME from TEMPLATE, or from one version of it (@N)."""
    made = run(lambda workspace: workspace.library.duplicate(template, name)).template
    _report(made, f"made {output.clip(made.name, 60)}", as_json)


@click.command("merge")
@click.argument("templates", nargs=-1, required=True)
@click.option("--name", required=True, help="The name of the new template.")
@json_option
@common
def merge_command(templates: tuple[str, ...], name: str, as_json: bool) -> None:
    """Merge TEMPLATES into a new one, each thing once; they stay as they are."""
    done = run(lambda workspace: workspace.templates.merge(templates, name))
    made, count = done.saved.template, len(done.left_out)
    twice = f"; {count} {'thing was' if count == 1 else 'things were'} there already" if count else ""
    _report(made, f"made {output.clip(made.name, 60)} from {len(templates)} templates{twice}", as_json)


@click.command("edit")
@click.argument("template")
@json_option
@common
def edit_command(template: str, as_json: bool) -> None:
    """Edit TEMPLATE as JSON in $EDITOR; what is saved becomes its next version.

    Text that cannot be saved is kept in a file that is named.
    """
    opened, draft = run(lambda workspace: _open(workspace, template))
    before = draft.model_dump_json(indent=2) + "\n"
    with editing("template.json", before.encode()) as file:
        _edit(file)
        try:
            text = file.read_text(encoding="utf-8")
            saved = None if text == before else run(lambda workspace: _save(workspace, opened, text))
        except UnicodeDecodeError:
            raise UsageError("nothing was saved: it is not UTF-8", _kept(file)) from None
        except WarmtuiError as error:
            # The same class, so that the exit code stays.
            raise type(error)(f"nothing was saved: {error.what}", _kept(file)) from None
    if as_json:
        output.print_json(_template_json(saved.template if saved else opened))
    elif saved is None or saved.unchanged:
        output.note(f"{opened.name} was not changed")
    else:
        output.line(f"saved {output.clip(saved.template.name, 60)} as version {saved.version.number}")


async def _open(workspace: Workspace, template: str) -> tuple[Template, Draft]:
    from warmtui.model.template import Draft

    found = await workspace.library.get(template)
    version = found.version
    draft = Draft(
        name=found.name,
        description=version.description,
        task_type=version.task_type,
        tags=found.tags,
        seed=version.seed,
        sources=version.sources,
        masked=version.masked,
    )
    return found, draft


async def _save(workspace: Workspace, template: Template, text: str) -> Saved:
    from pydantic import ValidationError

    from warmtui.curation.editing import from_draft, from_template, to_draft
    from warmtui.model.template import Draft

    try:
        draft = Draft.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the text"
        raise UsageError(f"{place}: {first['msg']}") from None
    # What a person left unmasked before stays so; what is new is masked.
    state = replace(from_draft(draft), allowed=from_template(template).allowed)
    masked = to_draft(state, workspace.context.known_secrets())
    return await workspace.library.save(masked, template=template.id, expected_version=template.versions)


def _edit(file: Path) -> None:
    """Let the person edit a file."""
    named = (os.environ.get(name, "").strip() for name in ("VISUAL", "EDITOR"))
    words = next(filter(None, named), "vi")
    try:
        command = shlex.split(words)
    except ValueError as error:
        raise UsageError(f"$EDITOR cannot be read: {error}", "give it as one command line") from None
    given = file.read_bytes()
    try:
        code = subprocess.call([*command, str(file)])
    except OSError as error:
        raise WarmtuiError(
            f"{command[0]} could not be started: {error.strerror or error}", "set EDITOR to one that can be"
        ) from None
    if not file.is_file():
        raise WarmtuiError(f"{command[0]} left no file; nothing was saved", "is it an editor?")
    if code and file.read_bytes() == given:
        raise WarmtuiError(f"{command[0]} returned {code}; nothing was changed", "set EDITOR to another")
    if code:
        raise WarmtuiError(f"{command[0]} returned {code}; nothing was saved", _kept(file))


def _kept(file: Path) -> str:
    return f"your text is kept in {keep(file)}"
