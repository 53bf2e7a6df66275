"""Settings: one TOML file, validated; what is wrong in it has its default, and is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple

from warmtui.curation.tokens import DEFAULT_BUDGET, DEFAULT_EXAMPLES, DEFAULT_MARKERS, DEFAULT_RECOVERIES


class Thresholds(NamedTuple):
    """How much a template holds before that is warned about; suggestions stay within."""

    tokens: int = DEFAULT_BUDGET
    """Of the whole start."""
    recoveries: int = DEFAULT_RECOVERIES
    examples: int = DEFAULT_EXAMPLES
    markers: int = DEFAULT_MARKERS


class Paths(NamedTuple):
    """Where things lie, unless an option or the environment says otherwise. `~` and folders are resolved."""

    sources: tuple[str, ...] = ()
    """Paths or agents' names; empty to find the installed agents."""
    library: str = ""
    homes: Mapping[str, str] = MappingProxyType({})
    """Home folders of agents, by the setting that names them: `hermes_home`."""


class Settings(NamedTuple):
    """What a person can settle once and for all."""

    theme: str = ""
    """Of the app; empty for the one it had last. The app knows which there are."""
    signs: Literal["auto", "unicode", "ascii"] = "auto"
    """What the app draws with; `auto` looks at terminal and locale."""
    findings_are_errors: bool = False
    """Count test runners and linters that reported findings as errors."""
    thresholds: Thresholds = Thresholds()
    paths: Paths = Paths()
    keys: Mapping[str, str] = MappingProxyType({})
    """Name of a command → key. The app knows which there are."""


class SettingProblem(NamedTuple):
    """Something in the settings file that has its default instead."""

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
"""Given the settings and their file, tells what is wrong with those that only the app knows."""


class SettingsRead(NamedTuple):
    """The settings that hold, and what was wrong with the file."""

    settings: Settings
    problems: tuple[SettingProblem, ...]


def read_settings(path: Path, home: str | None = None) -> SettingsRead:
    """Read the settings file; whatever is wrong in it has its default.

    Args:
        path: where it lies; it need not exist.
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
