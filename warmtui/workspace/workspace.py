"""The one object that the command line, the app and Python code hold: every use case, grouped by subject."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from warmtui.temporary import remove_strays
from warmtui.workspace.context import Context

# Each group is imported when it is first asked for: listing sessions needs no templates, and the library
# needs no sessions.
if TYPE_CHECKING:
    from warmtui.library.library import Library
    from warmtui.workspace.agents import Agents
    from warmtui.workspace.auto import Auto
    from warmtui.workspace.doctor import Diagnosis
    from warmtui.workspace.drafts import Drafts
    from warmtui.workspace.sessions import Sessions
    from warmtui.workspace.settings import CheckSettings, SettingProblem, Settings
    from warmtui.workspace.templates import Templates


class Workspace:
    """Sources and library, and what can be done with them.

    Use it as an asynchronous context manager, in one event loop. Nothing is opened before it is needed.

    Args:
        sources: paths or agents' names; empty to find the installed agents.
        library: the library file; None for the default place.
        environ: environment variables; the process's own with None.
        now: the clock, Unix seconds.
    """

    def __init__(
        self,
        *,
        sources: Sequence[str] = (),
        library: str | Path | None = None,
        environ: Mapping[str, str] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.context = Context(
            library=library,
            sources=sources,
            environ=os.environ if environ is None else environ,
            now=now,
        )
        """The environment, read once."""
        self.unsaved: tuple[Path, ...] = ()
        """Texts that were being edited when an earlier process was killed; entering finds them."""

    @classmethod
    def open(
        cls,
        *,
        sources: Sequence[str] = (),
        library: str | Path | None = None,
        environ: Mapping[str, str] | None = None,
        now: Callable[[], float] = time.time,
    ) -> Self:
        """Return a workspace to be entered with `async with`; takes the arguments of the class."""
        return cls(sources=sources, library=library, environ=environ, now=now)

    async def __aenter__(self) -> Self:
        self.unsaved = tuple(remove_strays())
        return self

    async def __aexit__(self, *exception: object) -> None:
        opened = vars(self)
        if "sessions" in opened:
            await self.sessions.close()
        if "drafts" in opened:
            self.drafts.close()
        if "library" in opened:
            await self.library.close()

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.context.settings

    @property
    def settings_problems(self) -> tuple[SettingProblem, ...]:
        """What was wrong in the settings file."""
        return self.context.settings_problems

    @cached_property
    def sessions(self) -> Sessions:
        """The agents' sessions, read-only."""
        from warmtui.workspace.sessions import Sessions

        return Sessions(self.context)

    @cached_property
    def library(self) -> Library:
        """The saved templates."""
        from warmtui.library.library import Library

        clock = self.context.now
        return Library(
            self.context.locations.library,
            clock=lambda: datetime.fromtimestamp(clock(), UTC),
            mask=self.context.mask,
        )

    @cached_property
    def templates(self) -> Templates:
        """Templates made, merged, previewed and exported."""
        from warmtui.workspace.templates import Templates

        return Templates(self.context, lambda: self.sessions, lambda: self.library)

    @cached_property
    def drafts(self) -> Drafts:
        """Templates being edited."""
        from warmtui.workspace.drafts import Drafts

        return Drafts(self.context, self.sessions)

    @cached_property
    def auto(self) -> Auto:
        """Drafts made by themselves, of what recurs in a project."""
        from warmtui.workspace.auto import Auto

        return Auto(self.context, lambda: self.sessions, lambda: self.library)

    @cached_property
    def agents(self) -> Agents:
        """Starts agents with templates, and makes templates their default."""
        from warmtui.workspace.agents import Agents

        return Agents(self.context, self.templates)

    def read_draft(self, key: str) -> str | None:
        """Read a draft without an event loop; the app needs one before its first paint.

        Args:
            key: as it was given to `Library.put_draft`.

        Returns:
            The content; None if there is none, or the library cannot be read just now.
        """
        from warmtui.library.drafts import read_draft

        return read_draft(self.context.locations.library, key)

    async def doctor(self, check_settings: CheckSettings | None = None) -> Diagnosis:
        """Check everything that may be wrong.

        Args:
            check_settings: says what is wrong with the settings that only the app knows: theme and keys.
        """
        from warmtui.workspace.doctor import check_all

        return await check_all(self.context, self.sessions, self.library, check_settings)

    def paths(self) -> dict[str, str]:
        """Return the path of everything that warmtui reads or writes, by name."""
        return self.context.places()
