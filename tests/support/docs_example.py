"""Examples in the documentation, for tests that check them against the code."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def settings_example() -> str:
    """Return the settings file that the reference shows."""
    found = re.search(r"```toml\n(.*?)```", (DOCS / "reference.md").read_text(encoding="utf-8"), re.S)
    assert found is not None
    return found[1]
