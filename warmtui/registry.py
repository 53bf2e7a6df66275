"""The agents and formats that warmtui knows.

To add one, write a package in `sources` and an entry in `AGENTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from warmtui.errors import SourceError, WarmtuiError
from warmtui.integrations.base import Integration
from warmtui.integrations.hermes.home import expand_user, hermes_home, hermes_root
from warmtui.integrations.hermes.integration import HermesIntegration
from warmtui.sources.base import Searchable, Source
from warmtui.sources.live_database import check_file

if TYPE_CHECKING:
    from warmtui.sources.hermes.database import HermesDatabase


class Located(NamedTuple):
    """Where an agent keeps its sessions on this machine."""

    usual: Path
    """The usual path, whether it exists or not."""
    found: tuple[Path, ...]
    elsewhere: str = ""
    """Where they are if not there, as a sentence; empty if nothing is known."""


@dataclass(frozen=True)
class Agent:
    """An agent, or a format that many programs write."""

    name: str
    """As `--source` takes it and headers carry it: `hermes`."""
    title: str
    """As sentences name it: `Hermes`."""
    open: Callable[[Path], Source | None]
    """Opens the sessions at a path; None where the path is not of this kind.

    It raises SourceError where the path is of this kind and cannot be read.
    """
    example: tuple[str, str]
    """A path that `--source` takes, and what it is, as the first screen shows them."""
    locate: Callable[[Mapping[str, str]], Located] | None = None
    """Finds its sessions, given the environment; None for a format that has no place of its own."""
    home_variable: str = ""
    """The environment variable that moves its home; the setting `<name>_home` does the same."""
    open_search: Callable[[Path], Searchable | None] | None = None
    """Opens the sessions at a path to search their messages; None where they cannot be searched."""
    integration: Integration | None = None
    """Starts and configures it; None where warmtui only reads it."""

    @property
    def home_setting(self) -> str:
        """The name of the setting that moves its home."""
        return f"{self.name.replace('-', '_')}_home"


def _open_hermes(path: Path) -> HermesDatabase | None:
    # Readers are imported when they are used: most commands need one of them.
    from warmtui.sources.hermes.database import open_database

    return open_database(path)


def _locate_hermes(environ: Mapping[str, str]) -> Located:
    home = hermes_home(environ)
    usual = home / "state.db"
    root = hermes_root(environ)
    # a profile that HERMES_HOME names stands for itself; one that was made sticky only comes first
    is_profile = Path(environ.get("HERMES_HOME", "").strip()).parent.name == "profiles"
    others = () if is_profile else (root / "state.db", *sorted(root.glob("profiles/*/state.db")))
    found = tuple(path for path in dict.fromkeys((usual, *others)) if path.is_file())
    if not found:
        from warmtui.sources.hermes.schema import names_postgres

        if names_postgres(home):
            config = home / "config.yaml"
            return Located(usual, (), f"{config} names PostgreSQL, and sessions kept there cannot be read")
    return Located(usual, found)


def _open_claude_code(path: Path) -> Source | None:
    from warmtui.sources.claude_code.transcript import open_folder

    return open_folder(path)


def _locate_claude_code(environ: Mapping[str, str]) -> Located:
    named = environ.get("CLAUDE_CONFIG_DIR", "").strip()
    usual = expand_user(named or "~/.claude", environ) / "projects"
    return Located(usual, (usual,) if usual.is_dir() else ())


def _open_codex(path: Path) -> Source | None:
    from warmtui.sources.codex.folder import open_sessions

    return open_sessions(path)


def _locate_codex(environ: Mapping[str, str]) -> Located:
    named = environ.get("CODEX_HOME", "").strip()
    usual = expand_user(named or "~/.codex", environ) / "sessions"
    archived = usual.parent / "archived_sessions"
    found = next((path for path in (usual, archived) if path.is_dir()), None)
    return Located(usual, () if found is None else (found,))


def _open_chats(path: Path) -> Source | None:
    if path.is_dir():
        return _open_folder(path)
    from warmtui.sources.openai.file import open_file

    return open_file(path)


def _open_folder(path: Path) -> Source:
    """Open a folder of files, each by the reader that knows it."""
    from warmtui.sources.folder import SessionFolder

    def open_one(file: Path) -> Source | None:
        opened = (agent.open(file) for agent in AGENTS)
        return next((source for source in opened if source is not None), None)

    return SessionFolder(path, open_one)


AGENTS: tuple[Agent, ...] = (
    Agent(
        "hermes",
        "Hermes",
        _open_hermes,
        example=("~/.hermes/state.db", "a Hermes database"),
        locate=_locate_hermes,
        home_variable="HERMES_HOME",
        open_search=_open_hermes,
        integration=HermesIntegration(),
    ),
    Agent(
        "claude-code",
        "Claude Code",
        _open_claude_code,
        example=("~/.claude/projects", "Claude Code's transcripts, or one of them"),
        locate=_locate_claude_code,
        home_variable="CLAUDE_CONFIG_DIR",
    ),
    Agent(
        "codex",
        "Codex",
        _open_codex,
        example=("~/.codex/sessions", "Codex sessions"),
        locate=_locate_codex,
        home_variable="CODEX_HOME",
    ),
    Agent(
        "openai",
        "OpenAI-style chats",
        _open_chats,
        example=("conversations.jsonl", "OpenAI-style JSON or JSONL"),
    ),
)


def source_names() -> tuple[str, ...]:
    """Return the agents whose sessions `--source` finds by name."""
    return tuple(agent.name for agent in AGENTS if agent.locate is not None)


def missing(environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the titles of the agents that have no sessions on this machine, and why."""
    places = ((agent, agent.locate(environ)) for agent in AGENTS if agent.locate is not None)
    return [
        (agent.title, place.elsewhere or f"{place.usual} does not exist")
        for agent, place in places
        if not place.found
    ]


def examples() -> list[tuple[str, str]]:
    """Return command lines that point warmtui at sessions, with what each reads, for the first screen."""
    paths = [(f"warmtui --source {agent.example[0]}", agent.example[1]) for agent in AGENTS]
    homes = [
        (f"{agent.home_variable}=/path warmtui", f"another {agent.title} home")
        for agent in AGENTS
        if agent.home_variable
    ]
    return paths + homes


class Named(NamedTuple):
    """What source specs name."""

    paths: list[Path]
    """Each once."""
    failures: dict[str, WarmtuiError]
    """The specs that name nothing that can be read, with the reason."""


def source_paths(specs: Sequence[str], environ: Mapping[str, str]) -> Named:
    """Return the paths that source specs name.

    Args:
        specs: paths or agents' names; empty for the sessions of every agent that is found.
        environ: the environment variables.

    Raises:
        SourceError: nothing is named but agents without sessions, or nothing was named and nothing was found.
    """
    found: list[Path] = []
    failures: dict[str, WarmtuiError] = {}
    if not specs:
        located = [agent.locate(environ) for agent in AGENTS if agent.locate is not None]
        found = [path for place in located for path in place.found]
        if not found:
            usual = [str(place.usual) for place in located]
            named = " and ".join(filter(None, (", ".join(usual[:-1]), usual[-1])))
            places = f"{named} {'do' if len(usual) > 1 else 'does'} not exist"
            places = "; ".join([places, *(place.elsewhere for place in located if place.elsewhere)])
            raise SourceError(
                f"no agent's sessions were found: {places}",
                "name a file or folder of sessions with --source, or try: warmtui demo",
            )
    for spec in specs:
        try:
            found += _paths_of(spec, environ)
        except WarmtuiError as error:
            failures[spec] = error
    if not found:
        raise next(iter(failures.values()))
    return Named(list({path.resolve(): None for path in found}), failures)


def _paths_of(spec: str, environ: Mapping[str, str]) -> tuple[Path, ...]:
    for agent in AGENTS:
        if agent.name == spec and agent.locate is not None:
            located = agent.locate(environ)
            if not located.found:
                why = f"{located.usual} does not exist"
                raise SourceError(
                    f"no {agent.title} sessions: {'; '.join(filter(None, (why, located.elsewhere)))}",
                    f"set {agent.home_variable} or give the path with --source",
                )
            return located.found
    return (Path(spec).expanduser(),)


def open_source(path: Path) -> Source:
    """Open the sessions at a path, whichever agent wrote them.

    Raises:
        SourceError: nothing readable is there, or nothing that any agent's reader knows.
    """
    path = path.expanduser().resolve()
    for agent in AGENTS:
        source = agent.open(path)
        if source is not None:
            return source
    check_file(path)
    raise SourceError(f"{path} is of no agent that is known", "give a state.db, JSON or JSONL file")


def open_search(path: Path) -> Searchable | None:
    """Open the sessions at a path to search their messages; None where they cannot be searched.

    Raises:
        SourceError: nothing readable is there.
    """
    for agent in AGENTS:
        if agent.open_search is not None:
            source = agent.open_search(path)
            if source is not None:
                return source
    if not path.exists():
        check_file(path)
    return None


def integrated(command: Sequence[str] = ()) -> tuple[Agent, Integration]:
    """Return the agent that a command line starts; if it starts none, the first that can be started."""
    known = [(agent, agent.integration) for agent in AGENTS if agent.integration is not None]
    return next((pair for pair in known if pair[1].starts(command)), known[0])
