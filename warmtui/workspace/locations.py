"""Where the library and the settings lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs


@dataclass(frozen=True, slots=True)
class Locations:
    """The files of warmtui's own."""

    library: Path
    """The library file; WARMTUI_LIBRARY or --library move it."""
    config: Path
    """The settings file; WARMTUI_CONFIG moves it."""

    @property
    def index(self) -> Path:
        """Cached profiles, beside the library; safe to delete at any time."""
        return self.library.with_name(f"{self.library.stem}.index.db")


def settings_path(environ: Mapping[str, str]) -> Path:
    """Return where the settings file lies, whether it exists or not."""
    usual = Path(platformdirs.user_config_dir("warmtui", appauthor=False)) / "config.toml"
    return Path(environ.get("WARMTUI_CONFIG") or usual).expanduser().absolute()


def locate(environ: Mapping[str, str], library: str | Path | None = None) -> Locations:
    """Find them from the environment.

    Args:
        environ: the environment variables.
        library: what `--library` says, if it was given.
    """
    folder = Path(platformdirs.user_data_dir("warmtui", appauthor=False))
    chosen = library or environ.get("WARMTUI_LIBRARY") or folder / "library.db"
    return Locations(
        library=Path(chosen).expanduser().absolute(),
        config=settings_path(environ),
    )
