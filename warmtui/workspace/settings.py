"""Settings: one validated TOML file. An invalid setting is reported and has its default."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple

from warmtui.curation.tokens import Limits


class Paths(NamedTuple):
    """Where things are, unless an option or the environment says otherwise; all paths are resolved."""

    sources: tuple[str, ...] = ()
    """Paths or agents' names; empty to find the installed agents."""
    library: str = ""
    homes: Mapping[str, str] = MappingProxyType({})
    """Home folders of agents, by the setting that names them: `hermes_home`."""


class Settings(NamedTuple):
    """What a person can set in the settings file."""

    theme: str = ""
    """The theme of the app; empty for the one used last. Only the app knows which exist."""
    signs: Literal["auto", "unicode", "ascii"] = "auto"
    """What the app draws with; `auto` looks at terminal and locale."""
    findings_are_errors: bool = False
    """Count test runners and linters that reported findings as errors."""
    thresholds: Limits = Limits()
    paths: Paths = Paths()
    keys: Mapping[str, str] = MappingProxyType({})
    """Command name → key. Only the app knows which commands exist."""


class SettingProblem(NamedTuple):
    """Something invalid in the settings file, for which the default is used."""

    file: str
    place: str
    """The setting, as `thresholds.tokens`; empty when it is the whole file."""
    text: str
    """What is wrong."""
    remedy: str
    """What to do."""

    @property
    def where(self) -> str:
        """File and place."""
        return f"{self.file}, {self.place}" if self.place else self.file

    def __str__(self) -> str:
        return f"{self.where}: {self.text}; {self.remedy}"


CheckSettings = Callable[[Settings, Path], Sequence[SettingProblem]]
"""Takes the settings and their file, and returns the problems of those that only the app can check."""


class SettingsRead(NamedTuple):
    """The settings in force, and what was wrong with the file."""

    settings: Settings
    problems: tuple[SettingProblem, ...]


def read_settings(path: Path, home: str | None = None) -> SettingsRead:
    """Read the settings file; an invalid setting has its default.

    Args:
        path: the settings file; it need not exist.
        home: what `~` stands for in it; the process's own home without it.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return SettingsRead(Settings(), ())
    except (OSError, ValueError) as error:
        what = (error.strerror or str(error)) if isinstance(error, OSError) else "it is not UTF-8 text"
        remedy = "mend it, or move it away to have the defaults"
        return SettingsRead(Settings(), (SettingProblem(str(path), "", what, remedy),))
    # pydantic and the TOML reader take longer to load than listing a few sessions, and most have no file
    from warmtui.workspace.settings_file import parse

    return parse(text, path, home)
