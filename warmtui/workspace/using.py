"""Using a template: the messages it stands for, files for agents, a started agent."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from warmtui.curation.bootstrap import MESSAGE, bootstrap
from warmtui.curation.folders import Folders
from warmtui.curation.tokens import list_tokens, message_tokens
from warmtui.errors import SourceError, UsageError, WarmtuiError
from warmtui.exchange.base import SessionMeta, Target
from warmtui.exchange.checks import check
from warmtui.exchange.messages import json_bytes, to_dicts
from warmtui.exchange.slugs import slug
from warmtui.exchange.targets import TARGETS
from warmtui.integrations.files import PRIVATE, replace_file
from warmtui.integrations.hermes.home import hermes_home
from warmtui.integrations.hermes.install import Installed, Uninstalled, install, uninstall
from warmtui.integrations.hermes.launch import Identified, RunResult, identify, run
from warmtui.integrations.hermes.prefill import Prefill, PrefillMode, configured_prefill, prepare_prefill
from warmtui.model.chat import ChatMessage, CheckFinding
from warmtui.model.session import SessionHeader
from warmtui.model.template import Template
from warmtui.sources.hermes import HermesDatabase


class FileThereError(UsageError):
    """A file is there already, and nobody said that it may be replaced."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A template and exactly what it adds to a session."""

    template: Template
    messages: tuple[ChatMessage, ...]
    checks: tuple[CheckFinding, ...]

    @property
    def tokens(self) -> int:
        """About how many tokens are ours, sent with every request."""
        return list_tokens(self.messages)

    @staticmethod
    def tokens_of(message: ChatMessage) -> int:
        """About how many tokens one message costs."""
        return message_tokens(message)


@dataclass(frozen=True, slots=True)
class Launched:
    """How a launched agent went."""

    result: RunResult
    session: Identified
    configured: Prefill | None
    """The prefill that was configured already, combined or replaced as asked."""
    unrecorded: str = ""
    """Why the use could not be recorded; empty when it was."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A template in a target's format."""

    preview: Preview
    data: bytes
    path: Path | None
    """Where it was written; None when it only was rendered."""


def current_folder() -> str:
    """Return the folder that this program works in.

    Raises:
        UsageError: it was deleted meanwhile.
    """
    try:
        return str(Path.cwd())
    except FileNotFoundError:
        raise UsageError("the current folder is gone", "go to a folder that exists, then try again") from None


def last_places(environ: Mapping[str, str], before: str) -> Folders:
    """Tell what `{home}` and `{cwd}` stand for here, as `places` does, for what must go on in any folder.

    Args:
        environ: the environment variables.
        before: the folder that was the current one before; it stays so when that is gone.
    """
    with suppress(UsageError):
        before = current_folder()
    return Folders(home=environ.get("HOME") or str(Path.home()), cwd=before)


def places(environ: Mapping[str, str], cwd: str | None) -> Folders:
    """Tell what `{home}` and `{cwd}` stand for here.

    Args:
        environ: the environment variables.
        cwd: the folder the session will work in; the current one without it.

    Raises:
        UsageError: there is no such folder, or the current one is gone.
    """
    folder = Path(cwd).expanduser() if cwd else Path(current_folder())
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder", "give the folder the agent will work in with --cwd")
    return Folders(home=environ.get("HOME") or str(Path.home()), cwd=str(folder.absolute()))


def preview(template: Template, where: Folders) -> Preview:
    """Build a template's messages and check them."""
    messages = bootstrap(template.version.seed, where)
    return Preview(template, messages, check(messages, followed_by_user=True, after_system=True))


def with_message(messages: Sequence[ChatMessage], words: str) -> tuple[ChatMessage, ...]:
    """Return the messages followed by the person's."""
    return (*messages, ChatMessage("user", words, part=MESSAGE))


def target_of(name: str) -> Target:
    """Return an export target by its name.

    Raises:
        UsageError: there is none of that name.
    """
    try:
        return TARGETS[name]
    except KeyError:
        raise UsageError(f"there is no export target {name!r}", f"there are: {', '.join(TARGETS)}") from None


def render(shown: Preview, target: Target, where: Folders, started_at: float) -> bytes:
    """Write a template in a target's format."""
    template = shown.template
    meta = SessionMeta(
        session_id=session_id(template.version.content_hash),
        title=template.name,
        cwd=where.cwd,
        started_at=started_at,
    )
    return target.render(shown.messages, meta)


def session_id(content_hash: str) -> str:
    """Return the id of a session to import; from the content, so that importing it twice is noticed."""
    return f"warm_{content_hash[:16]}"


def file_for(output: str, name: str, extension: str) -> Path:
    """Return the file that an export goes to.

    Args:
        output: a path; in a folder the file is named after the template.
        name: the template's name.
        extension: with its dot.
    """
    path = Path(output).expanduser()
    return path / f"{slug(name)}{extension}" if path.is_dir() or output.endswith(os.sep) else path


def write_file(data: bytes, output: str, name: str, extension: str, *, force: bool) -> Path:
    """Write an export.

    Args:
        data: the file.
        output: a path; in a folder the file is named after the template.
        name: the template's name.
        extension: with its dot.
        force: overwrite a file that is there.

    Returns:
        Where it lies.

    Raises:
        FileThereError: a file is there and `force` is not set.
        UsageError: the folder does not exist.
        WarmtuiError: it cannot be written; nothing is half-written.
    """
    path = file_for(output, name, extension)
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent} is not a folder", "make it first")
    if path.exists() and not force:
        raise FileThereError(f"{path} exists", "give --force to replace it")
    replace_file(path, data, mode=PRIVATE)
    return path


def install_for_hermes(shown: Preview, environ: Mapping[str, str], now: float) -> Installed:
    """Make a template Hermes' default prefill."""
    refuse_empty(shown)
    data = json_bytes(to_dicts(shown.messages))
    return install(hermes_home(environ), data, slug(shown.template.name), clock=lambda: now)


def uninstall_for_hermes(environ: Mapping[str, str]) -> Uninstalled:
    """Put back what was Hermes' default prefill before."""
    return uninstall(hermes_home(environ))


def refuse_empty(shown: Preview) -> None:
    """Raise when a template has nothing to start with.

    Raises:
        WarmtuiError: so it is.
    """
    if not shown.messages:
        raise WarmtuiError(
            f"template {shown.template.name} is empty", "extract one from a session that has calls"
        )


def launch(
    shown: Preview, command: Sequence[str], environ: Mapping[str, str], mode: PrefillMode, cwd: str
) -> Launched:
    """Start an agent with a template and wait for it; to be called in the main thread.

    Args:
        shown: the template.
        command: the agent's command line.
        environ: the environment it gets.
        mode: what happens to a prefill that is configured already.
        cwd: the current folder, where the agent will work.

    Raises:
        LaunchError: the command could not be started.
    """
    refuse_empty(shown)
    home = hermes_home(environ, command)
    configured = configured_prefill(home, environ)
    prefill = json_bytes(prepare_prefill(to_dicts(shown.messages), configured, mode))
    before = {header.id for header in _hermes_headers(home)}
    result = run(command, env=environ, prefill=prefill)
    session = identify(
        result.printed_session_id,
        before,
        _hermes_headers(home),
        started_at=result.started_at,
        cwd=os.path.realpath(cwd),
    )
    return Launched(result, session, configured)


def configured(environ: Mapping[str, str], command: Sequence[str]) -> Prefill | None:
    """Return the prefill that the Hermes which a command starts is told to use already."""
    return configured_prefill(hermes_home(environ, command), environ)


def hermes_database(environ: Mapping[str, str], command: Sequence[str]) -> Path:
    """Return where the Hermes that a command starts keeps its sessions."""
    return hermes_home(environ, command) / "state.db"


def _hermes_headers(home: Path) -> tuple[SessionHeader, ...]:
    """The sessions of one Hermes home; none where no database is yet."""
    try:
        database = HermesDatabase(home / "state.db")
    except SourceError:
        return ()
    try:
        return database.listing().headers
    except SourceError:
        return ()
    finally:
        database.close()
