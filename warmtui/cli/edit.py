"""Commands that change templates: rename, duplicate, merge, edit."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from warmtui.cli import output
from warmtui.cli.keep import template_json
from warmtui.cli.options import common, json_option, run
from warmtui.errors import UsageError, WarmtuiError

if TYPE_CHECKING:
    from warmtui.model.template import Draft, Saved, Template
    from warmtui.workspace import Workspace


@click.command("rename")
@click.argument("template")
@click.argument("name")
@json_option
@common
def rename_command(template: str, name: str, as_json: bool) -> None:
    """Give TEMPLATE another NAME."""
    renamed = run(lambda workspace: workspace.library.rename(template, name))
    if as_json:
        output.print_json(template_json(renamed))
    else:
        output.line(f"it is {output.clip(renamed.name, 60)} now")


@click.command("duplicate")
@click.argument("template")
@click.argument("name")
@json_option
@common
def duplicate_command(template: str, name: str, as_json: bool) -> None:
    """Make a new template NAME from TEMPLATE, or from one version of it (@N)."""
    saved = run(lambda workspace: workspace.library.duplicate(template, name))
    if as_json:
        output.print_json(template_json(saved.template))
    else:
        output.line(f"made {output.clip(saved.template.name, 60)}")


@click.command("merge")
@click.argument("templates", nargs=-1, required=True)
@click.option("--name", required=True, help="The name of the new template.")
@json_option
@common
def merge_command(templates: tuple[str, ...], name: str, as_json: bool) -> None:
    """Merge TEMPLATES into a new one, each thing once; they stay as they are."""
    done = run(lambda workspace: workspace.templates.merge(templates, name))
    if as_json:
        output.print_json(template_json(done.saved.template))
        return
    count = len(done.left_out)
    twice = f"; {count} {'thing was' if count == 1 else 'things were'} there already" if count else ""
    output.line(f"made {output.clip(done.saved.template.name, 60)} from {len(templates)} templates{twice}")


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
    file = _edit(before)
    try:
        text = file.read_text(encoding="utf-8")
        saved = None if text == before else run(lambda workspace: _save(workspace, opened, text))
    except UnicodeDecodeError:
        raise UsageError("nothing was saved: it is not UTF-8", f"your text is kept in {file}") from None
    except WarmtuiError as error:
        raise type(error)(f"nothing was saved: {error.what}", f"your text is kept in {file}") from None
    file.unlink()
    if as_json:
        output.print_json(template_json(saved.template if saved else opened))
    elif saved is None or saved.unchanged:
        output.note(f"{opened.name} was not changed")
    else:
        output.line(f"saved {output.clip(saved.template.name, 60)} as version {saved.version.number}")


async def _open(workspace: Workspace, template: str) -> tuple[Template, Draft]:
    """Return a template and its current version as a draft."""
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
    """Validate what was written and save it, masked like everything else."""
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


def _edit(text: str) -> Path:
    """Let the person edit a text; returns the file, which stays until it is unlinked."""
    named = (os.environ.get(name, "").strip() for name in ("VISUAL", "EDITOR"))
    words = next(filter(None, named), "vi")
    try:
        command = shlex.split(words)
    except ValueError as error:
        raise UsageError(f"$EDITOR cannot be read: {error}", "give it as one command line") from None
    handle, name = tempfile.mkstemp(prefix="warmtui-edit-", suffix=".json")
    file = Path(name)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    try:
        code = subprocess.call([*command, name])
    except OSError as error:
        file.unlink()
        raise WarmtuiError(
            f"{command[0]} could not be started: {error.strerror or error}", "set EDITOR to one that can be"
        ) from None
    if not file.is_file():
        raise WarmtuiError(f"{command[0]} left no file; nothing was saved", "is it an editor?")
    if code and file.read_bytes() == text.encode():
        file.unlink()
        raise WarmtuiError(f"{command[0]} returned {code}; nothing was changed", "set EDITOR to another")
    if code:
        raise WarmtuiError(f"{command[0]} returned {code}; nothing was saved", f"your text is kept in {file}")
    return file
