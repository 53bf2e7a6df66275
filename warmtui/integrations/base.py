"""The interface through which warmtui starts, configures and checks an agent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from warmtui.model.chat import ChatDict, PrefillMode
from warmtui.model.session import SessionHeader


class Check(NamedTuple):
    """One thing that `warmtui doctor` looked at."""

    name: str
    status: Literal["ok", "note", "problem"]
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Prefill:
    """A prefill that an agent is already configured to use."""

    where: str
    """What names it: a variable in a `.env` file of the agent, the environment, or a key of its settings."""
    path: Path | None
    """The prefill file; None when nothing names one although the `.env` file sets the variable."""
    messages: tuple[ChatDict, ...]
    problem: str = ""
    """Why it cannot be read, in one sentence; empty when it can. The agent then starts without it."""
    fixed_by: Path | None = None
    """A `.env` file that sets the variable: it wins over the environment, so a launch cannot add to it."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What `install` put into an agent's home."""

    path: Path
    """The prefill file."""
    config: Path
    """The settings file that names it, symbolic links followed."""
    previous: str | None
    """The prefill that was configured there before; None when none was."""
    backup: Path | None
    """The settings file as it was before; None when there was none."""
    active: bool
    """Whether the settings still name our file; false once the person changed the key."""


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """What `uninstall` did."""

    config: Path
    previous: str | None
    """The prefill that the settings name again; None when they name none."""
    removed: tuple[Path, ...]
    kept: tuple[Path, ...]
    """Files of ours that were edited by hand since, and a backup that differs from the file as it is now."""


class RunResult(NamedTuple):
    """The result of a started command."""

    exit_code: int
    """The command's own; 128 + n when signal n ended it."""
    printed_session_id: str | None
    """The session id that it printed; None when it printed none or wrote to a terminal."""
    started_at: float
    """Unix seconds, just before the start."""


class Identified(NamedTuple):
    """The session that a launch created, if it can be identified."""

    session_id: str | None
    """None if no session or several fit."""
    candidates: tuple[str, ...]
    """The sessions that fit, oldest first."""


class Integration(Protocol):
    """Starts one agent with a template, makes a template its default, and checks it.

    `environ` is the environment that the agent gets; `command` the command line that starts it, which may
    name another home than the environment does.
    """

    command: str
    """The command line that is offered for starting the agent: `hermes chat`."""

    def starts(self, command: Sequence[str]) -> bool:
        """Return whether a command line starts this agent."""
        ...

    def sessions(self, environ: Mapping[str, str], command: Sequence[str] = ()) -> Path:
        """Return where the agent keeps its sessions, whether it exists or not."""
        ...

    def places(self, environ: Mapping[str, str]) -> dict[str, Path]:
        """Return the files and folders that warmtui reads or writes, named as `warmtui paths` prints them."""
        ...

    def secrets(self, environ: Mapping[str, str]) -> Path | None:
        """Return a file of `NAME=value` lines that holds the agent's keys, or None."""
        ...

    def find_prefill(self, environ: Mapping[str, str], command: Sequence[str] = ()) -> Prefill | None:
        """Return the prefill that the agent is already configured to use."""
        ...

    def combine(
        self, messages: Sequence[ChatDict], configured: Prefill | None, mode: PrefillMode
    ) -> tuple[ChatDict, ...]:
        """Return what the agent is sent: the configured messages and ours, or ours alone.

        Raises:
            LaunchError: the agent would not be sent the messages.
        """
        ...

    def run(self, command: Sequence[str], environ: Mapping[str, str], prefill: bytes) -> RunResult:
        """Start the agent with a prefill and wait for it; called in the main thread.

        Raises:
            LaunchError: it could not be started.
        """
        ...

    def install(
        self, data: bytes, slug: str, environ: Mapping[str, str], clock: Callable[[], float]
    ) -> Installed:
        """Make a prefill file the one that the agent sends by default.

        Raises:
            WarmtuiError: the agent's files cannot be written.
        """
        ...

    def uninstall(self, environ: Mapping[str, str]) -> Uninstalled:
        """Undo `install`.

        Raises:
            WarmtuiError: nothing is installed, or the agent's files cannot be written.
        """
        ...

    def checks(self, environ: Mapping[str, str]) -> list[Check]:
        """Check what may be wrong with the prefill that the agent sends."""
        ...


def identify(
    printed_id: str | None,
    before: Collection[str],
    after: Iterable[SessionHeader],
    *,
    started_at: float,
    cwd: str,
) -> Identified:
    """Identify the session that a launch created.

    Args:
        printed_id: the id that the command printed, which settles it.
        before: the ids of the sessions that were there before the start.
        after: the sessions that are there after the end.
        started_at: Unix seconds of the start.
        cwd: the folder in which the command ran, symbolic links followed.

    Returns:
        The printed one; else the only session that is new, is not a child of another, and began in that
        folder after the start; else none, with those that fit. Sessions without a known folder are never
        chosen, only named as candidates when nothing else fits.
    """
    if printed_id is not None:
        return Identified(printed_id, (printed_id,))
    known = set(before)
    new = [
        header
        for header in after
        if header.id not in known
        and header.kind == "root"
        and header.started_at is not None
        and header.started_at >= started_at
        and header.cwd in (cwd, None)
    ]
    new.sort(key=lambda header: (header.started_at or 0.0, header.id))
    here = tuple(header.id for header in new if header.cwd == cwd)
    if here:
        return Identified(here[0] if len(here) == 1 else None, here)
    return Identified(None, tuple(header.id for header in new))
