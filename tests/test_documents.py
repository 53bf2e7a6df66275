"""What the documents say of the code."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "warmtui"


def test_the_map_names_modules_that_exist() -> None:
    """Each row of the table of packages, and each dotted name in the text below it."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    named = []
    for folder, row in re.findall(r"^\| `([\w.]+)/?` \|(.*)$", text, re.MULTILINE):
        named += [PACKAGE / folder / path for path in re.findall(r"`([\w/]+(?:\.py|/))`", row)]
    modules = {path.name for path in PACKAGE.iterdir()}
    for dotted in re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)`", text):
        first, second, *_ = dotted.split(".")
        if first in modules and second != "py":
            named.append(PACKAGE / first / second)
    assert len(named) > 50
    missing = [path for path in named if not path.exists() and not path.with_suffix(".py").exists()]
    assert not missing
