"""Fixtures for every room."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from warmtui.assets import asset


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """A private copy of the real state.db that stock Hermes wrote."""
    copy = tmp_path / "state.db"
    shutil.copyfile(asset("recordings/state.db"), copy)
    return copy
