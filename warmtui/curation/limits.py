"""How much a template holds by default (PRODUCT.md, limits that are kept on purpose); nothing to load."""

DEFAULT_BUDGET = 2_000
"""Tokens of a whole bootstrap (PRODUCT.md, C7)."""
DEFAULT_EXAMPLES = 5
DEFAULT_RECOVERIES = 3
DEFAULT_MARKERS = 20
