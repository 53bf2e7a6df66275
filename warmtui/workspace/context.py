"""What every part of a workspace needs: settings, places, the environment, the clock, known secrets."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from warmtui import registry
from warmtui.curation.folders import Folders
from warmtui.errors import UsageError
from warmtui.workspace.settings import read_settings

_SECRET_NAME = re.compile(r"(?i)(?:^|_)(?:api_?key|key|token|secret|passw(?:or)?d|pwd|credentials?)(?:$|_)")
_NO_SECRET = re.compile(r"^[/~.]|\s")
_SECRET_LENGTH = 8
"""Shorter values would match ordinary words."""


@dataclass(frozen=True, slots=True)
class Locations:
    """The files that belong to warmtui itself."""

    library: Path
    """The library file; WARMTUI_LIBRARY or --library move it."""
    config: Path
    """The settings file; WARMTUI_CONFIG moves it."""

    @property
    def index(self) -> Path:
        """The index of sessions, beside the library, without format and rules; safe to delete at any time."""
        return self.library.with_name(f"{self.library.stem}.index.db")

    @property
    def words(self) -> Path:
        """The index of words in messages, as `index` is one of sessions."""
        return self.library.with_name(f"{self.library.stem}.words.db")

    @property
    def words_file(self) -> Path:
        """The file of the index of words."""
        # most commands search nothing
        from warmtui.analysis.stats import RULES
        from warmtui.library.text_index import file_of

        return file_of(self.words, RULES)


def settings_path(environ: Mapping[str, str]) -> Path:
    """Return the path of the settings file, whether it exists or not."""
    usual = Path(platformdirs.user_config_dir("warmtui", appauthor=False)) / "config.toml"
    return Path(environ.get("WARMTUI_CONFIG") or usual).expanduser().absolute()


def locate(environ: Mapping[str, str], library: str | Path | None = None) -> Locations:
    """Find warmtui's own files from the environment.

    Args:
        environ: the environment variables.
        library: what `--library` says, if it was given.
    """
    folder = Path(platformdirs.user_data_dir("warmtui", appauthor=False))
    chosen = library or environ.get("WARMTUI_LIBRARY") or folder / "library.db"
    return Locations(Path(chosen).expanduser().absolute(), settings_path(environ))


class Context:
    """The environment of a workspace, read once.

    Args:
        library: the library file; None for the one that environment and settings name.
        sources: paths or agents' names; empty for those of the settings.
        environ: environment variables.
        now: the clock, Unix seconds.

    Attributes:
        environ: the environment that agents are started with.
        settings: the settings in force.
        settings_problems: what was wrong in the settings file; the default is in force instead.
        locations: the paths of warmtui's own files.
        sources: what to read; empty to look where the known agents keep their sessions.
    """

    def __init__(
        self,
        *,
        library: str | Path | None,
        sources: Sequence[str],
        environ: Mapping[str, str],
        now: Callable[[], float],
    ) -> None:
        self.environ = dict(environ)
        self.settings, self.settings_problems = read_settings(
            settings_path(self.environ), self.environ.get("HOME")
        )
        paths = self.settings.paths
        for agent in registry.AGENTS:
            home = paths.homes.get(agent.home_setting)
            if home and not self.environ.get(agent.home_variable):
                # The agent, started from here, then finds the same home.
                self.environ[agent.home_variable] = home
        self.locations = locate(
            self.environ, library or self.environ.get("WARMTUI_LIBRARY") or paths.library or None
        )
        self.sources = tuple(sources or paths.sources)
        self.now = now
        self._folder = self.environ.get("PWD") or os.sep

    def folders(self) -> Folders:
        """The values of `{home}` and `{cwd}`; a current folder that was deleted keeps its path."""
        with suppress(UsageError):
            self._folder = current_folder()
        return self._folders(self._folder)

    def folders_at(self, cwd: str | None) -> Folders:
        """The values of `{home}` and `{cwd}` when an agent works in a folder.

        Args:
            cwd: the folder; the current one with None.

        Raises:
            UsageError: there is no such folder, or the current one was deleted.
        """
        folder = Path(cwd).expanduser() if cwd else Path(current_folder())
        if not folder.is_dir():
            raise UsageError(f"{folder} is not a folder", "give the folder the agent will work in with --cwd")
        return self._folders(str(folder.absolute()))

    def _folders(self, cwd: str) -> Folders:
        return Folders(home=self.environ.get("HOME") or str(Path.home()), cwd=cwd)

    def known_secrets(self) -> tuple[str, ...]:
        """The secret values that this machine holds in the open, so that redaction finds them as they are.

        They come from the environment and the agents' `.env` files: values whose name speaks of a key,
        token or password.
        """
        found = {value for name, value in self.environ.items() if _SECRET_NAME.search(name)}
        for line in self._secret_lines():
            name, sign, value = line.removeprefix("export ").partition("=")
            if sign and _SECRET_NAME.search(name):
                found.add(value.strip().strip("\"'"))
        # A path or a sentence under such a name says where a secret is, and is not one itself.
        return tuple(
            sorted(value for value in found if len(value) >= _SECRET_LENGTH and not _NO_SECRET.search(value))
        )

    def _secret_lines(self) -> Iterator[str]:
        """Yield the lines of the files in which agents keep their keys."""
        for agent in registry.AGENTS:
            file = agent.integration.secrets(self.environ) if agent.integration else None
            if file is not None:
                with suppress(OSError):
                    yield from file.read_text(encoding="utf-8", errors="replace").splitlines()

    def places(self) -> dict[str, str]:
        """Return every file and folder that warmtui reads or writes, by name."""
        places = {
            "library": self.locations.library,
            "words_index": self.locations.words_file,
            "settings": self.locations.config,
        }
        for agent in registry.AGENTS:
            if agent.integration is not None:
                places |= agent.integration.places(self.environ)
            if agent.locate is not None:
                places[f"{agent.name.replace('-', '_')}_sessions"] = agent.locate(self.environ).usual
        return {name: str(place) for name, place in places.items()}

    def mask(self, text: str) -> str:
        """Return a text with a slot in place of every secret."""
        return mask_with(self.known_secrets())(text)


def mask_with(known: tuple[str, ...]) -> Callable[[str], str]:
    """Return a function that replaces every secret in a text by a slot.

    Args:
        known: secret values that are known outright.
    """
    # Most commands never mask anything, and the rules take long to load.
    from warmtui.curation.redact import redact

    return lambda text: redact(text, known).text


def current_folder() -> str:
    """Return the folder that this process works in.

    Raises:
        UsageError: it was deleted.
    """
    try:
        return str(Path.cwd())
    except FileNotFoundError:
        raise UsageError("the current folder is gone", "go to a folder that exists, then try again") from None
