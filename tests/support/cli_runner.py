"""Running commands inside the test process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from warmtui.cli.main import main


@dataclass
class Done:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Runner:
    """Runs `warmtui` with a home, a library and a Hermes home of its own."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[bytes]) -> None:
        self.folder = folder
        self.capture = capture
        self.library = folder / "library.db"
        self.hermes_home = folder / "hermes"
        self.options: tuple[str, ...] = ()

    def __call__(self, *words: str, code: int | None = 0) -> Done:
        self.capture.readouterr()
        returned = main([*words[:1], *self.options, *words[1:]])
        out, err = self.capture.readouterr()
        done = Done(returned, out.decode(), err.decode())
        if code is not None:
            assert done.code == code, f"exit {done.code}: {done.err}"
        return done
