"""Modules that are loaded when they are first used."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class Later:
    """Stands for a module; the first look at anything in it loads it.

    Args:
        name: the module's whole name.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        """Return what the module holds under a name."""
        return getattr(import_module(self._name), name)
