"""The command for the library file itself: verify, backup, restore."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from warmtui.cli import output
from warmtui.cli.options import common, json_option, run
from warmtui.errors import LibraryError
from warmtui.text import counted

if TYPE_CHECKING:
    from warmtui.workspace import Workspace

_FILE = click.Path(path_type=Path)


@click.group("library")
@common
def library_command() -> None:
    """Verify, back up or restore the file that all templates are in."""


@library_command.command("verify")
@json_option
@common
def verify_command(as_json: bool) -> int:
    """Check everything that is saved.

    That is the file, its references and names, and the hash of every version. Exit code 5 when one is wrong.
    """

    async def verify(workspace: Workspace) -> tuple[Path, tuple[str, ...]]:
        return workspace.library.path, await workspace.library.verify()

    path, problems = run(verify)
    if as_json:
        output.print_json({"schema": "warmtui.library/1", "library": str(path), "problems": list(problems)})
    elif not path.exists():
        output.line(f"{path} does not exist yet; the first save makes it")
    else:
        for problem in problems:
            output.line(problem)
        output.line(f"{path}: {counted(len(problems), 'problem') if problems else 'nothing is wrong'}")
    return LibraryError.exit_code if problems else 0


@library_command.command("backup")
@click.argument("file", type=_FILE, required=False)
@json_option
@common
def backup_command(file: Path | None, as_json: bool) -> None:
    """Copy the library to FILE.

    Without FILE the copy goes to `backups` beside the library and is named after the time. The library may be
    in use. An existing file is never replaced.
    """
    copy = run(lambda workspace: workspace.library.back_up(file))
    if as_json:
        output.print_json({"schema": "warmtui.library/1", "backup": str(copy)})
    else:
        output.line(f"wrote {copy}")


@library_command.command("restore")
@click.argument("file", type=_FILE)
@json_option
@common
def restore_command(file: Path, as_json: bool) -> None:
    """Put a backup in the place of the library.

    FILE is checked first. What was in the library is kept in `backups` beside it.
    """

    async def restore(workspace: Workspace) -> tuple[Path | None, int]:
        kept = await workspace.library.put_back(file)
        return kept, len((await workspace.library.listing()).templates)

    kept, templates = run(restore)
    if as_json:
        replaced = None if kept is None else str(kept)
        output.print_json({"schema": "warmtui.library/1", "templates": templates, "replaced": replaced})
        return
    output.line(f"the library holds the {counted(templates, 'template')} of {file} now")
    if kept is not None:
        output.line(f"what it held before is in {kept}")
