"""Fixtures for commands."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runner import Runner


@pytest.fixture
def runner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Runner:
    """A runner whose environment holds nothing of the machine's own agents and library."""
    made = Runner(tmp_path, capfdbinary)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HERMES_HOME", str(made.hermes_home))
    monkeypatch.setenv("WARMTUI_LIBRARY", str(made.library))
    monkeypatch.setenv("WARMTUI_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("HERMES_PREFILL_MESSAGES_FILE", raising=False)
    return made


@pytest.fixture
def shop(runner: Runner, recordings: Path) -> Runner:
    """A runner that reads the recordings."""
    runner.options = ("--source", str(recordings))
    return runner
