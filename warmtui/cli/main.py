"""The command line: which commands there are, and what their failures mean for the shell."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from warmtui.errors import EXIT_INTERRUPTED, UsageError, WarmtuiError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from warmtui.workspace.settings import CheckSettings

COMMANDS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "Read": (
        ("sessions", "sessions", "List sessions with their reliability."),
        ("profile", "read", "Show one session: what worked, what failed, what fixed it."),
        ("outcomes", "read", "Show the outcome of every call, and the reason."),
        ("transcript", "transcript", "Print one session: who said what, each call with its result."),
        ("search", "search", "Find the messages, calls and results that hold words."),
        ("compare", "comparison", "Show two or more sessions side by side."),
    ),
    "Make": (
        ("candidates", "make", "List what sessions offer to keep, best first."),
        ("extract", "make", "Make a template from one session."),
        ("build", "make", "Make one template from many sessions."),
        ("auto", "auto", "Make drafts of what recurs, one for each project."),
    ),
    "Keep": (
        ("list", "keep", "List the templates in the library."),
        ("show", "keep", "Show one template."),
        ("diff", "keep", "Compare two versions of a template."),
        ("revert", "keep", "Make an older version the current one."),
        ("delete", "keep", "Delete a template; undelete restores it."),
        ("undelete", "keep", "Restore a deleted template."),
        ("tag", "keep", "Add or remove tags."),
        ("rename", "keep", "Give a template another name."),
        ("duplicate", "keep", "Make a copy of a template."),
        ("merge", "keep", "Merge templates into a new one."),
        ("edit", "keep", "Edit a template as JSON in $EDITOR."),
    ),
    "Use": (
        ("test", "use", "Print the exact messages a session would start with."),
        ("export", "use", "Write a template for an agent or a provider."),
        ("launch", "use", "Start an agent with a template."),
        ("install", "use", "Make a template Hermes' default prefill."),
        ("uninstall", "use", "Undo install."),
    ),
    "Care": (
        ("doctor", "care", "Check sources, library and configuration."),
        ("redact", "redact", "Mask secrets and personal data in a text."),
        ("library", "library", "Verify, back up or restore the library."),
        ("paths", "care", "Show where everything lies."),
        ("completion", "care", "Print shell completion."),
        ("demo", "care", "Do the whole job on bundled recordings, in a throwaway library."),
    ),
}
"""Per group: name, module of `warmtui.cli`, and what it does in one line."""
ALIASES = {
    "analyze": "profile",
    "create-template": "extract",
    "create": "extract",
    "list-templates": "list",
    "load": "test",
}
"""The prototypes' words."""
_MODULES = {name: (module, text) for rows in COMMANDS.values() for name, module, text in rows}


OpenApp = Callable[[Sequence[str], str | None], int]
"""Opens the app on sources and a library; given by the composition root, because cli never imports tui."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they run, so that `--help` costs next to nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of their groups."""
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command by its name or one of the prototypes' words."""
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in _MODULES:
            return None
        module = import_module(f"warmtui.cli.{_MODULES[name][0]}")
        command = getattr(module, f"{name}_command")
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest similar commands when there is none of that name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            from difflib import get_close_matches

            close = get_close_matches(args[0], _MODULES, n=2)
            hint = f"did you mean {' or '.join(close)}?" if close else "see warmtui --help"
            raise click.UsageError(f"there is no command {args[0]!r} — {hint}", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands under their groups, without importing them."""
        for title, rows in COMMANDS.items():
            with formatter.section(title):
                formatter.write_dl([(name, text) for name, _, text in rows])


def complete_sources(_ctx: click.Context, _option: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete what --source takes: the names of agents, and files."""
    from click.shell_completion import CompletionItem

    from warmtui.registry import source_names

    names = [CompletionItem(name) for name in source_names() if name.startswith(begun)]
    return [*names, CompletionItem(begun, type="file")]


def complete_sessions(ctx: click.Context, _argument: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete the name of a session, newest first, with its title as help."""
    import asyncio

    from click.shell_completion import CompletionItem

    from warmtui.workspace import Workspace

    given = ctx.find_object(dict) or {}
    sources = tuple(ctx.find_root().params.get("sources") or ()) + tuple(given.get("sources", ()))

    async def look() -> Sequence[tuple[str, str]]:
        async with Workspace.open(sources=sources, library=given.get("library")) as workspace:
            return await workspace.sessions.complete(begun)

    try:
        found = asyncio.run(look())
    except WarmtuiError:
        return []  # the command itself says why
    return [CompletionItem(reference, help=title or None) for reference, title in found]


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="SPEC",
    shell_complete=complete_sources,
    help="A path, or an agent's name; repeatable.",
)
@click.option("--library", metavar="PATH", help="The library file (default: see warmtui paths).")
@click.version_option(None, "-V", "--version", package_name="warmtui", message="warmtui %(version)s")
@click.pass_context
def root(ctx: click.Context, sources: tuple[str, ...], library: str | None) -> None:
    """Choose what your agent starts with, see exactly what it will be sent.

    Reads the sessions of the agents on this machine, never writing there; --source names others.
    Every command takes --json where it reads, and --help.
    """
    given = ctx.obj or {}
    opener = given.get("open_app")
    # `options.common` adds the options that stand after the command.
    ctx.obj = {**given, "sources": sources, "library": library}
    if ctx.invoked_subcommand is None:
        if opener is None or not (sys.stdin.isatty() and sys.stdout.isatty()):
            click.echo(ctx.get_help())
        else:
            ctx.exit(opener(sources, library))


def main(
    arguments: Sequence[str] | None = None,
    *,
    open_app: OpenApp | None = None,
    check_app_settings: CheckSettings | None = None,
) -> int:
    """Run one command.

    Args:
        arguments: the words after `warmtui`; the process's own without it.
        open_app: opens the app; without it `warmtui` alone prints its help.
        check_app_settings: returns what is wrong with the app's settings; without it they are not checked.

    Returns:
        The exit code: 0 done, 1 failed, 2 usage, 3 not found, 4 source unreadable, 5 library, 130
        interrupted; for `launch`, the started command's.
    """
    try:
        words = list(arguments) if arguments is not None else None
        given = {"open_app": open_app, "check_app_settings": check_app_settings}
        # Not standalone: click would print its own messages and exit with its own codes.
        result: Any = root.main(args=words, standalone_mode=False, obj=given)
        sys.stdout.flush()
    except WarmtuiError as error:
        return _fail(str(error), error.exit_code)
    except click.exceptions.Abort:
        return _fail("interrupted", EXIT_INTERRUPTED)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        usage = f" (usage: {context.get_usage().removeprefix('Usage: ')})" if context else ""
        return _fail(f"{error.format_message()}{usage}", UsageError.exit_code)
    except KeyboardInterrupt:
        return _fail("interrupted", EXIT_INTERRUPTED)
    except BrokenPipeError:
        # the reader (head, less) has seen enough; Python would complain once more while closing
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not error.filename:  # what only getcwd raises
            return _fail("the current folder is gone — go to one that exists", UsageError.exit_code)
        # a full disk or a vanished terminal while writing what was asked for
        return _fail(f"{error.filename or 'output'} could not be written: {error.strerror or error}", 1)
    except Exception as error:
        if os.environ.get("WARMTUI_DEBUG"):
            raise
        name = f"{type(error).__name__}: {error}"
        return _fail(f"a fault in warmtui itself: {name} — WARMTUI_DEBUG=1 shows where; please report it", 1)
    # Commands that have no code of their own return None.
    return result if isinstance(result, int) else 0


def _fail(text: str, code: int) -> int:
    from warmtui.display import display_line

    click.echo(f"warmtui: {display_line(text)}", err=True)
    return code
