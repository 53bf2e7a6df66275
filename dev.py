"""Set-up and checks for a checkout, with nothing but Python 3.11 or newer.

usage: python3 dev.py demo            run the main job on the bundled recordings
       python3 dev.py check           format, lint, types, imports, tests: everything
       python3 dev.py quick [ARGS…]   the tests that are not slow, in parallel
       python3 dev.py test [ARGS…]    pytest alone
       python3 dev.py goldens         compare outputs with the goldens; --write renews them, --help tells more
       python3 dev.py hermes          stock Hermes Agent in .venv-hermes, for the tests that start it
       python3 dev.py run [ARGS…]     warmtui itself
       python3 dev.py bench [ARGS…]   the benchmarks; `bench list` names them

Each command makes the virtual environment .venv when it is missing or out of date. WARMTUI_PYTHON=3.13, or a
path, takes another Python: found on PATH or among pyenv's, with an environment of its own, .venv-3.13.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
HERMES_VENV = ROOT / ".venv-hermes"
HERMES = "hermes-agent==0.19.0"
BIN = "Scripts" if os.name == "nt" else "bin"
# many tests wait for an app, a terminal or an agent: twice as many workers as cores keep the cores busy
PARALLEL = ["-n", str(2 * (os.cpu_count() or 1))]
QUICK = "not slow and not hermes"
STEPS = (
    ("format", ["ruff", "format", "--check", "."]),
    ("lint", ["ruff", "check", "."]),
    ("types", ["mypy", "warmtui", "tests", "benchmarks", "tools", "dev.py"]),
    ("imports", ["lint-imports"]),
    ("tests", ["pytest", *PARALLEL]),
)


def say(text: str) -> None:
    """Tell what happens next, on stderr."""
    print(f"dev: {text}", file=sys.stderr, flush=True)


def version(python: str) -> str:
    """Return the version of a Python as 3.13.0; empty when it does not run."""
    code = "import platform; print(platform.python_version())"
    try:
        return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def chosen_python() -> tuple[str, Path]:
    """Return the Python that is asked for, and the folder of its virtual environment."""
    asked = os.environ.get("WARMTUI_PYTHON", "")
    if not asked:
        return sys.executable, ROOT / ".venv"
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    homes = (root / "versions").glob("*/bin/python3")
    matching = (str(home) for home in sorted(homes, reverse=True) if home.parts[-3].startswith(asked))
    for python in (asked, f"python{asked}", *matching):
        if found := version(python):
            return python, ROOT / f".venv-{found.rpartition('.')[0]}"
    say(f"there is no Python {asked!r} on PATH or in {root / 'versions'}")
    sys.exit(2)


PYTHON, VENV = chosen_python()


def tool(name: str, folder: Path = VENV) -> str:
    """Return the path of a program in a virtual environment."""
    return str(folder / BIN / name)


def call(command: list[str], **values: str) -> int:
    """Run a command in the checkout and return its exit code."""
    return subprocess.call(command, cwd=ROOT, env={**os.environ, **values})


def pip(folder: Path, *arguments: str) -> None:
    """Install into a virtual environment, or stop with pip's own words."""
    code = call(
        [tool("python", folder), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    )
    if code:
        say(f"pip failed in {folder.name}; its message is above")
        sys.exit(code)


def environment(*, dev: bool) -> None:
    """Make .venv with the pinned versions, unless it has them."""
    what = "dev" if dev else "run"
    sources = b"".join((ROOT / name).read_bytes() for name in ("pyproject.toml", "constraints.txt"))
    wanted = hashlib.sha256(sources + version(PYTHON).encode()).hexdigest()
    stamp = VENV / ".warmtui-stamp"
    have = stamp.read_text().split() if stamp.exists() else []
    if have[:1] == [wanted] and (have[1] == "dev" or not dev):
        return
    say(f"making {VENV.name} with the pinned versions (once)")
    if not Path(tool("python")).exists():
        call([PYTHON, "-m", "venv", str(VENV)])
    pip(VENV, "--constraint", "constraints.txt", "--editable", ".[dev]" if dev else ".")
    stamp.write_text(f"{wanted} {what}")


def hermes() -> None:
    """Make .venv-hermes with stock Hermes Agent; it pins versions of its own, so it lives apart."""
    if Path(tool("hermes", HERMES_VENV)).exists():
        return
    say(f"making {HERMES_VENV.name} with {HERMES} (once)")
    shutil.rmtree(HERMES_VENV, ignore_errors=True)
    call([sys.executable, "-m", "venv", str(HERMES_VENV)])
    pip(HERMES_VENV, HERMES)


def test_values() -> dict[str, str]:
    """Return the environment variables of the tests."""
    # without kept bytecode every worker compiles all tests anew, twice the time until the first one runs
    values = {"PYTHONDONTWRITEBYTECODE": ""}
    found = tool("hermes", HERMES_VENV)
    return {**values, "WARMTUI_TEST_HERMES": found} if Path(found).exists() else values


def check() -> int:
    """Run every check and say which failed."""
    environment(dev=True)
    failed = []
    for name, (program, *arguments) in STEPS:
        say(name)
        if call([tool(program), *arguments], **test_values()):
            failed.append(name)
    say(f"failed: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


def bench(arguments: list[str]) -> int:
    """Run one benchmark by name, or name them all."""
    environment(dev=True)
    known = sorted(path.stem for path in (ROOT / "benchmarks").glob("[!_]*.py"))
    if not arguments or arguments[0] not in known:
        print("\n".join(known))
        return 0 if arguments in ([], ["list"]) else 2
    return call([tool("python"), f"benchmarks/{arguments[0]}.py", *arguments[1:]])


def main() -> int:
    """Do what the first word says."""
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python runs this file before anything refuses it
        say(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
        return 2
    word, rest = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("", [])
    if word == "check" and not rest:
        return check()
    if word in ("quick", "test"):
        environment(dev=True)
        words = [*PARALLEL, "-m", QUICK, *rest] if word == "quick" else rest
        return call([tool("pytest"), *words], **test_values())
    if word == "goldens":
        environment(dev=True)
        return call([tool("python"), "tools/goldens.py", *rest])
    if word == "hermes":
        hermes()
        return 0
    if word in ("demo", "run"):
        environment(dev=False)
        return call([tool("warmtui"), *(["demo"] if word == "demo" else []), *rest])
    if word == "bench":
        return bench(rest)
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
