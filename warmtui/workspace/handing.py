"""The use cases of a template that is used: preview, export, install, launch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from warmtui.errors import WarmtuiError
from warmtui.later import Later
from warmtui.workspace.opened import Opened

if TYPE_CHECKING:
    from warmtui.curation.diff import Change
    from warmtui.curation.folders import Folders
    from warmtui.integrations.hermes.install import Installed, Uninstalled
    from warmtui.integrations.hermes.prefill import Prefill, PrefillMode
    from warmtui.workspace import extraction, using
    from warmtui.workspace.using import Exported, Launched, Preview
else:
    extraction, using = (Later(f"warmtui.workspace.{name}") for name in ("extraction", "using"))


class Handing(Opened):
    """Templates on their way to an agent or a file; use `Workspace`."""

    def places(self) -> Folders:
        """Return what `{home}` and `{cwd}` stand for; a current folder that is gone stands where it was."""
        found = using.last_places(self.environ, self._folder)
        self._folder = found.cwd
        return found

    async def preview(self, template: str, *, cwd: str | None = None) -> Preview:
        """Build the exact messages of a template.

        Args:
            template: its name or id, `@N` for a version.
            cwd: what `{cwd}` stands for; the current folder without it.

        Raises:
            NotFoundError: there is none.
        """
        return using.preview(await self.library.get(template), using.places(self.environ, cwd))

    async def diff(self, template: str, older: int, newer: int) -> tuple[Change, ...]:
        """Compare two versions of a template."""
        from warmtui.curation.diff import diff_versions

        return diff_versions(
            await self.library.get_version(template, older), await self.library.get_version(template, newer)
        )

    async def export(
        self, template: str, target: str, path: str | None, *, cwd: str | None = None, force: bool = False
    ) -> Exported:
        """Write a template in a target's format.

        Args:
            template: its name or id.
            target: a name of `warmtui.exchange.targets.TARGETS`.
            path: the file or folder; None only renders it.
            cwd: what `{cwd}` stands for.
            force: replace a file that is there.

        Raises:
            UsageError: no such target, or a file is there.
            WarmtuiError: the template is empty, or the file cannot be written.
        """
        kind = using.target_of(target)
        where = using.places(self.environ, cwd)
        shown = using.preview(await self.library.get(template), where)
        using.refuse_empty(shown)
        data = using.render(shown, kind, where, self.now())
        written = None
        if path is not None:
            written = using.write_file(data, path, shown.template.name, kind.extension, force=force)
        return using.Exported(shown, data, written)

    async def install(self, template: str, *, cwd: str | None = None) -> Installed:
        """Make a template the prefill that Hermes sends by default."""
        shown = await self.preview(template, cwd=cwd)
        return using.install_for_hermes(shown, self.environ, self.now())

    async def uninstall(self) -> Uninstalled:
        """Undo `install`."""
        return using.uninstall_for_hermes(self.environ)

    def configured_prefill(self, command: Sequence[str]) -> Prefill | None:
        """Return the prefill that the Hermes which a command starts is told to use already."""
        return using.configured(self.environ, command)

    async def launch(
        self,
        template: str,
        command: Sequence[str],
        *,
        prefill: PrefillMode = "combine",
        cwd: str | None = None,
    ) -> Launched:
        """Start an agent with a template, wait for it, and record the use.

        To be awaited in the main thread with nothing else running: the terminal is the agent's.

        Args:
            template: its name or id.
            command: the agent's command line.
            prefill: what happens to a prefill that is configured already.
            cwd: what `{cwd}` stands for.

        Raises:
            NotFoundError: no such template.
            LaunchError: the command could not be started.
        """
        shown = await self.preview(template, cwd=cwd)
        done = self.start(shown, command, prefill=prefill)
        return await self.record(shown, command, done)

    def start(self, shown: Preview, command: Sequence[str], *, prefill: PrefillMode = "combine") -> Launched:
        """Start an agent with a template and wait for it; blocks, for the terminal is the agent's.

        Raises:
            LaunchError: the command could not be started.
        """
        return using.launch(shown, command, self.environ, prefill, using.current_folder())

    async def record(self, shown: Preview, command: Sequence[str], done: Launched) -> Launched:
        """Record that a template was used; secrets in the command are masked."""
        known = self.known_secrets()
        try:
            await self.library.record_use(
                shown.template.id,
                shown.template.version.number,
                agent="hermes",
                session_id=done.session.session_id,
                source=str(using.hermes_database(self.environ, command)),
                started_at=datetime.fromtimestamp(done.result.started_at, UTC),
                command=extraction.redacted(command, known),
                exit_code=done.result.exit_code,
                candidates=done.session.candidates,
            )
        except WarmtuiError as error:
            # the agent has run; what it returned matters more than our record of it
            return replace(done, unrecorded=str(error))
        return done
