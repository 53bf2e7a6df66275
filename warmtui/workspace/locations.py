"""Where things lie: the agents' own sessions, the library, the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from warmtui.integrations.hermes.home import hermes_home


@dataclass(frozen=True, slots=True)
class Locations:
    """Every place that warmtui reads or writes."""

    library: Path
    """The library file; WARMTUI_LIBRARY or --library move it."""
    config: Path
    """The settings file; WARMTUI_CONFIG moves it."""
    hermes_home: Path

    @property
    def index(self) -> Path:
        """Cached profiles, beside the library; safe to delete at any time."""
        return self.library.with_name(f"{self.library.stem}.index.db")

    def named(self) -> dict[str, str]:
        """Return every place by its name, as `warmtui paths` lists them."""
        return {
            "library": str(self.library),
            "settings": str(self.config),
            "hermes_home": str(self.hermes_home),
            "hermes_sessions": str(self.hermes_home / "state.db"),
            "hermes_prefill": str(self.hermes_home / "prefill"),
        }


def settings_path(environ: Mapping[str, str]) -> Path:
    """Return where the settings file lies, whether it exists or not."""
    usual = Path(platformdirs.user_config_dir("warmtui", appauthor=False)) / "config.toml"
    return Path(environ.get("WARMTUI_CONFIG") or usual).expanduser().absolute()


def locate(environ: Mapping[str, str], library: str | Path | None = None) -> Locations:
    """Find every place from the environment.

    Args:
        environ: the environment variables.
        library: what `--library` says, if it was given.
    """
    folder = Path(platformdirs.user_data_dir("warmtui", appauthor=False))
    chosen = library or environ.get("WARMTUI_LIBRARY") or folder / "library.db"
    return Locations(
        library=Path(chosen).expanduser().absolute(),
        config=settings_path(environ),
        hermes_home=hermes_home(environ),
    )


def hermes_databases(home: Path) -> list[Path]:
    """Return Hermes' own database and those of its profiles, as far as they exist."""
    found = [home / "state.db", *sorted(home.glob("profiles/*/state.db"))]
    return [path for path in found if path.is_file()]
