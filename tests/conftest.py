"""Fixtures and settings for all tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from warmtui.cli.care import recording

# a busy machine makes an example slow, and slow is not wrong
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """A private copy of the real state.db that stock Hermes wrote."""
    copy = tmp_path / "state.db"
    shutil.copyfile(recording("state.db"), copy)
    return copy
