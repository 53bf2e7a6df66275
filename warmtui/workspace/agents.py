"""Templates handed to an agent: installed as its default, or for one start."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from warmtui.errors import SourceError, WarmtuiError
from warmtui.exchange.messages import json_bytes, to_dicts
from warmtui.exchange.targets import slug
from warmtui.integrations.base import (
    Identified,
    Installed,
    Prefill,
    RunResult,
    Uninstalled,
    identify,
)
from warmtui.model.chat import PrefillMode
from warmtui.model.session import SessionHeader
from warmtui.registry import Agent, integrated
from warmtui.workspace.context import Context, current_folder
from warmtui.workspace.templates import Preview, Templates, refuse_empty

if TYPE_CHECKING:
    from warmtui.library.library import Library


@dataclass(frozen=True, slots=True)
class Launched:
    """The result of launching an agent."""

    result: RunResult
    session: Identified
    configured: Prefill | None
    """The prefill that was configured before, combined or replaced as asked."""
    unrecorded: str = ""
    """Why the use could not be recorded; empty when it was."""


class Agents:
    """Starts agents with templates, and installs templates into agents.

    Args:
        context: the workspace's environment.
        templates: gives the messages of a template.
    """

    def __init__(self, context: Context, templates: Templates) -> None:
        self._context = context
        self._templates = templates

    @property
    def _library(self) -> Library:
        return self._templates.library

    async def install(self, template: str, *, cwd: str | None = None) -> Installed:
        """Make a template the prefill that the first agent that takes one sends by default.

        Raises:
            WarmtuiError: the template is empty, or the agent's files cannot be written.
        """
        shown = await self._templates.preview(template, cwd=cwd)
        refuse_empty(shown)
        data = json_bytes(to_dicts(shown.messages))
        _, integration = integrated()
        return integration.install(data, slug(shown.template.name), self._context.environ, self._context.now)

    async def uninstall(self) -> Uninstalled:
        """Undo `install`: put back what the agent sent before."""
        _, integration = integrated()
        return integration.uninstall(self._context.environ)

    @property
    def usual_command(self) -> str:
        """The command line that is offered for starting an agent."""
        _, integration = integrated()
        return integration.command

    def configured_prefill(self, command: Sequence[str] = ()) -> Prefill | None:
        """Return the prefill that the agent started by a command is configured to use already."""
        _, integration = integrated(command)
        return integration.find_prefill(self._context.environ, command)

    async def launch(
        self,
        template: str,
        command: Sequence[str],
        *,
        prefill: PrefillMode = "combine",
        cwd: str | None = None,
    ) -> Launched:
        """Start an agent with a template, wait for it, and record the use.

        Await it in the main thread with nothing else running: the agent gets the terminal.

        Args:
            template: its name or id.
            command: the agent's command line.
            prefill: what happens to a prefill that is configured already.
            cwd: what `{cwd}` stands for.

        Raises:
            NotFoundError: there is no such template.
            LaunchError: the command could not be started.
        """
        shown = await self._templates.preview(template, cwd=cwd)
        done = self.start(shown, command, prefill=prefill)
        return await self.record(shown, command, done)

    def start(self, shown: Preview, command: Sequence[str], *, prefill: PrefillMode = "combine") -> Launched:
        """Start an agent with a template and wait for it; blocks, because the agent gets the terminal.

        Raises:
            LaunchError: the command could not be started.
        """
        refuse_empty(shown)
        environ, cwd = self._context.environ, current_folder()
        agent, integration = integrated(command)
        place = integration.sessions(environ, command)
        configured = integration.find_prefill(environ, command)
        data = json_bytes(integration.combine(to_dicts(shown.messages), configured, prefill))
        before = {header.id for header in _headers(agent, place)}
        result = integration.run(command, environ, data)
        session = identify(
            result.printed_session_id,
            before,
            _headers(agent, place),
            started_at=result.started_at,
            cwd=os.path.realpath(cwd),
        )
        return Launched(result, session, configured)

    async def record(self, shown: Preview, command: Sequence[str], done: Launched) -> Launched:
        """Record that a template was used; secrets in the command are masked."""
        agent, integration = integrated(command)
        try:
            await self._library.record_use(
                shown.template.id,
                shown.template.version.number,
                agent=agent.name,
                session_id=done.session.session_id,
                source=str(integration.sessions(self._context.environ, command)),
                started_at=datetime.fromtimestamp(done.result.started_at, UTC),
                command=tuple(map(self._context.mask, command)),
                exit_code=done.result.exit_code,
                candidates=done.session.candidates,
            )
        except WarmtuiError as error:
            # The agent has run: what it returned matters more than our record of it.
            return replace(done, unrecorded=str(error))
        return done


def _headers(agent: Agent, place: Path) -> tuple[SessionHeader, ...]:
    """Return an agent's sessions; none if it has written none yet."""
    try:
        source = agent.open(place)
    except SourceError:
        return ()
    if source is None:
        return ()
    try:
        return source.listing().headers
    except SourceError:
        return ()
    finally:
        source.close()
