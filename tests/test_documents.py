"""What the documents say of the code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
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


def test_the_example_in_python_runs(recordings: Path, tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", example],
        cwd=recordings.parent,
        env={**os.environ, "WARMTUI_LIBRARY": str(tmp_path / "library.db")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "20261120_094736_8895c1 90 4" in done.stdout.splitlines()
