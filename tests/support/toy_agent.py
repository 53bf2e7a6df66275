"""An agent that exists for tests alone: all that a new one needs is a module like this and one registration.

It keeps one line a session in `$TOY_HOME/sessions.toy`: id, title, and the person's words, divided by tabs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from warmtui.errors import SourceError, WarmtuiError
from warmtui.integrations.base import Check, Installed, Integration, Prefill, RunResult, Uninstalled
from warmtui.model.chat import ChatDict, PrefillMode
from warmtui.model.session import Message, Session, SessionHeader
from warmtui.registry import Agent, Located
from warmtui.sources.base import Listing


class ToySource:
    """The sessions of one `.toy` file."""

    agent = "toy"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = self._text()

    def _text(self) -> str:
        try:
            return self.path.read_text()
        except OSError as error:
            raise SourceError(f"{self.path} cannot be read: {error.strerror}", "check it") from None

    def _sessions(self) -> dict[str, Session]:
        sessions = {}
        for line in self._text().splitlines():
            name, title, words = line.split("\t")
            header = SessionHeader(name, self.agent, str(self.path), title=title, rows=1, stamp=words)
            sessions[name] = Session(header, (Message("1", "user", words, "person"),))
        return sessions

    def listing(self) -> Listing:
        self._seen = self._text()
        return Listing(tuple(session.header for session in self._sessions().values()), ())

    def newest(self, count: int) -> list[SessionHeader]:
        return list(self.listing().headers[:count])

    def read(self, ids: Sequence[str], *, prompts: bool = True) -> Iterator[Session]:
        sessions = self._sessions()
        return (sessions[name] for name in ids if name in sessions)

    def changed(self) -> frozenset[str] | None:
        return None if self._text() == self._seen else frozenset(self._sessions())

    def headers(self, ids: Iterable[str]) -> dict[str, SessionHeader]:
        sessions = self._sessions()
        return {name: sessions[name].header for name in ids if name in sessions}

    def close(self) -> None:
        pass


class ToyIntegration(Integration):
    """Starts `toy`, which writes down how many messages it was sent."""

    command = "toy talk"

    def starts(self, command: Sequence[str]) -> bool:
        return command[:1] == ["toy"] or command[:1] == ("toy",)

    def sessions(self, environ: Mapping[str, str], command: Sequence[str] = ()) -> Path:
        return Path(environ["TOY_HOME"]) / "sessions.toy"

    def places(self, environ: Mapping[str, str]) -> dict[str, Path]:
        return {"toy_sessions": self.sessions(environ)}

    def secrets(self, environ: Mapping[str, str]) -> Path | None:
        return None

    def find_prefill(self, environ: Mapping[str, str], command: Sequence[str] = ()) -> Prefill | None:
        return None

    def combine(
        self, messages: Sequence[ChatDict], configured: Prefill | None, mode: PrefillMode
    ) -> tuple[ChatDict, ...]:
        return tuple(messages)

    def run(self, command: Sequence[str], environ: Mapping[str, str], prefill: bytes) -> RunResult:
        with self.sessions(environ).open("a") as file:
            file.write(f"started\tby warmtui\t{len(prefill)} bytes\n")
        return RunResult(0, "started", 1_000.0)

    def install(
        self, data: bytes, slug: str, environ: Mapping[str, str], clock: Callable[[], float]
    ) -> Installed:
        raise WarmtuiError("toy takes no default prefill")

    def uninstall(self, environ: Mapping[str, str]) -> Uninstalled:
        raise WarmtuiError("toy takes no default prefill")

    def checks(self, environ: Mapping[str, str]) -> list[Check]:
        return [Check("toy", "ok", "toy is fine")]


def locate(environ: Mapping[str, str]) -> Located:
    """Find `$TOY_HOME/sessions.toy`."""
    usual = Path(environ.get("TOY_HOME", "/nowhere")) / "sessions.toy"
    return Located(usual, (usual,) if usual.is_file() else ())


TOY = Agent(
    "toy",
    "Toy",
    lambda path: ToySource(path) if path.suffix == ".toy" else None,
    example=("sessions.toy", "a toy file"),
    locate=locate,
    home_variable="TOY_HOME",
    integration=ToyIntegration(),
)
