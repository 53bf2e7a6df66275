"""Commands for the templates in the library: list, show, diff, revert, delete, undelete, tag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from warmtui.cli import output
from warmtui.cli.options import common, json_option, run
from warmtui.errors import UsageError

if TYPE_CHECKING:
    from warmtui.model.template import Listing, Template

TYPES = ("code", "file", "research", "terminal", "general", "mixed")


def template_json(template: Template, schema: str = "warmtui.template/1") -> dict[str, Any]:
    """Return a template as `show --json` prints it."""
    return {"schema": schema, **template.model_dump(mode="json")}


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
        lambda workspace: workspace.library.listing(type=task_type, tags=tags, query=query, deleted=deleted)
    )
    if as_json:
        output.print_json(
            {
                "schema": "warmtui.templates/1",
                "templates": [template.model_dump(mode="json") for template in listing.templates],
                "problems": output.problems_json(listing.problems),
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
        output.print_json(template_json(found.template))
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
        output.line(f"masked: {len(version.masked)} places ({', '.join(kinds)})")
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
    if as_json:
        output.print_json(template_json(saved.template))
    elif saved.unchanged:
        output.note(f"{saved.template.name} is like version {version} already")
    else:
        name = output.clip(saved.template.name, 60)
        output.line(f"{name} is at version {saved.version.number}, like version {version}")


@click.command("delete")
@click.argument("templates", nargs=-1, required=True)
@json_option
@common
def delete_command(templates: tuple[str, ...], as_json: bool) -> None:
    """Delete TEMPLATES; undelete restores them."""
    _each(templates, "delete", "deleted {}; restore it with: warmtui undelete {}", as_json)


@click.command("undelete")
@click.argument("templates", nargs=-1, required=True)
@json_option
@common
def undelete_command(templates: tuple[str, ...], as_json: bool) -> None:
    """Restore deleted TEMPLATES."""
    _each(templates, "undelete", "restored {}", as_json)


def _each(templates: tuple[str, ...], what: str, words: str, as_json: bool) -> None:
    async def work(workspace: Any) -> list[Template]:
        return [await getattr(workspace.library, what)(template) for template in templates]

    done = run(work)
    if as_json:
        output.print_json(
            {
                "schema": "warmtui.templates/1",
                "templates": [template.model_dump(mode="json") for template in done],
            }
        )
    else:
        for template in done:
            output.line(words.format(output.clip(template.name, 60), template.id))


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
    if as_json:
        output.print_json(template_json(tagged))
    else:
        shown = output.clip(", ".join(tagged.tags), 200) or "no tags"
        output.line(f"{output.clip(tagged.name, 60)}: {shown}")
