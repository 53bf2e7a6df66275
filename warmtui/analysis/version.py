"""Which rules figures are made by."""

from __future__ import annotations

RULES = "3"
"""Part of the name of every index of figures: raise it with any change that can change a figure."""
