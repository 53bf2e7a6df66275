"""The integration of Hermes Agent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from warmtui.errors import WarmtuiError
from warmtui.integrations.base import (
    Check,
    Installed,
    Integration,
    Prefill,
    RunResult,
    Uninstalled,
)
from warmtui.integrations.hermes.home import hermes_home
from warmtui.model.chat import ChatDict, PrefillMode

# The YAML writer takes long to load and most commands do not need it, so it is imported where it is used.


class HermesIntegration(Integration):
    """Hermes Agent; every path starts at its home, which a command line may name."""

    command = "hermes chat"

    def starts(self, command: Sequence[str]) -> bool:
        """Return whether a command line runs `hermes`."""
        return bool(command) and Path(command[0]).name == "hermes"

    def sessions(self, environ: Mapping[str, str], command: Sequence[str] = ()) -> Path:
        """Return the path of its `state.db`."""
        return hermes_home(environ, command) / "state.db"

    def places(self, environ: Mapping[str, str]) -> dict[str, Path]:
        """Return its home, its sessions, and the folder of prefills."""
        home = hermes_home(environ)
        return {
            "hermes_home": home,
            "hermes_sessions": home / "state.db",
            "hermes_prefill": home / "prefill",
        }

    def secrets(self, environ: Mapping[str, str]) -> Path:
        """Return its `.env` file."""
        return hermes_home(environ) / ".env"

    def find_prefill(self, environ: Mapping[str, str], command: Sequence[str] = ()) -> Prefill | None:
        """Return the prefill that it is already configured to use."""
        from warmtui.integrations.hermes.prefill import configured_prefill

        return configured_prefill(hermes_home(environ, command), environ)

    def combine(
        self, messages: Sequence[ChatDict], configured: Prefill | None, mode: PrefillMode
    ) -> tuple[ChatDict, ...]:
        """Return what it is sent: the configured messages and ours, or ours alone."""
        from warmtui.integrations.hermes.prefill import prepare_prefill

        return prepare_prefill(messages, configured, mode)

    def run(self, command: Sequence[str], environ: Mapping[str, str], prefill: bytes) -> RunResult:
        """Start it with a prefill and wait for it."""
        from warmtui.integrations.hermes.prefill import run_with_prefill

        return run_with_prefill(command, env=environ, prefill=prefill)

    def install(
        self, data: bytes, slug: str, environ: Mapping[str, str], clock: Callable[[], float]
    ) -> Installed:
        """Make a prefill file the one that it sends by default."""
        from warmtui.integrations.hermes.install import install

        return install(hermes_home(environ), data, slug, clock=clock)

    def uninstall(self, environ: Mapping[str, str]) -> Uninstalled:
        """Undo `install`."""
        from warmtui.integrations.hermes.install import uninstall

        return uninstall(hermes_home(environ))

    def checks(self, environ: Mapping[str, str]) -> list[Check]:
        """Report which prefill it is configured to send, and whether it is ours."""
        from warmtui.integrations.hermes.install import find_installed

        home = hermes_home(environ)
        if not home.is_dir():
            return [Check("hermes", "note", f"{home} does not exist: Hermes was not started here yet")]
        try:
            ours = find_installed(home)
            configured = self.find_prefill(environ)
        except WarmtuiError as error:
            return [Check("hermes", "problem", error.what, error.remedy)]
        if ours is not None and not ours.active:
            text = f"{ours.config} no longer names {ours.path}"
            return [Check("hermes", "note", text, "warmtui uninstall tidies up")]
        if configured is None:
            return [Check("hermes", "ok", f"{home}: no prefill is configured")]
        if configured.problem:
            remedy = "Hermes starts without it and says so only in its log"
            return [Check("hermes", "problem", configured.problem, remedy)]
        whose = "ours" if ours is not None else "not ours"
        return [Check("hermes", "ok", f"{configured.path} is sent by default ({whose}, {configured.where})")]
