"""How long small commands take to answer, beside an interpreter that does nothing.

usage: commands.py [--runs 20] [--json]

The floor is `python -c pass`, in the same runs, in turn. `list --json` reads a library of one template.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from warmtui.workspace.workers import child_python

ROOT = Path(__file__).parent.parent
RECORDINGS = ROOT / "assets" / "recordings" / "state.db"
SESSION = "20261120_094736"


def seconds(command: list[str], environ: dict[str, str]) -> float:
    """Run a command to its end; return how long it took."""
    start = time.perf_counter()
    subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "HOME": folder, "WARMTUI_LIBRARY": str(Path(folder) / "library.db")}
        warmtui = child_python("-m", "warmtui")
        commands = {
            "py": child_python("-c", "pass"),
            "help": [*warmtui, "--help"],
            "list": [*warmtui, "list", "--json"],
        }
        seconds([*warmtui, "extract", SESSION, "--source", str(RECORDINGS)], environ)
        spent: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(arguments.runs):
            for name, command in commands.items():
                spent[name].append(seconds(command, environ))
    middle = {name: statistics.median(values) for name, values in spent.items()}
    found = {
        "py_seconds": middle["py"],
        "help_x_py": middle["help"] / middle["py"],
        "list_x_py": middle["list"] / middle["py"],
    }
    if arguments.json:
        print(json.dumps(found))
    else:
        for title, value in found.items():
            print(f"{title:<12} {value:,.3f}")


if __name__ == "__main__":
    main()
