"""Settings: one TOML file, validated; without it everything has a default."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from warmtui.errors import UsageError


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person can settle once and for all."""

    findings_are_errors: bool = False
    """Count test runners and linters that reported findings as errors."""


def read_settings(path: Path) -> Settings:
    """Read the settings file.

    Args:
        path: where it lies; it need not exist.

    Raises:
        UsageError: it is not TOML, or names a setting that does not exist or has the wrong type.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: {error}", "mend it, or move it away to have the defaults") from None
    known = {field.name: type(field.default) for field in fields(Settings)}
    for name, value in found.items():
        if name not in known:
            raise UsageError(f"{path}: there is no setting {name!r}", f"there are: {', '.join(known)}")
        if not isinstance(value, known[name]):
            raise UsageError(f"{path}: {name} is to be a {known[name].__name__}, not {value!r}")
    return Settings(**found)
