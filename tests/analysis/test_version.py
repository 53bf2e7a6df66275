"""Kept figures are of one set of rules: whoever changes a rule raises the version."""

from __future__ import annotations

import hashlib
from pathlib import Path

import warmtui
from warmtui.analysis.version import RULES

DECIDE = (
    "analysis/outcomes/*.py",
    "analysis/row_tally.py",
    "analysis/tally.py",
    "analysis/summary.py",
    "analysis/curve.py",
    "analysis/tools.py",
    "sources/hermes.py",
    "sources/hermes_headers.py",
    "sources/hermes_rows.py",
    "sources/hermes_export.py",
    "sources/lineage.py",
    "sources/openai.py",
    "sources/text.py",
)
PINNED = ("2", "c01de6947ce67ed3")


def digest() -> str:
    root = Path(warmtui.__file__).parent
    total = hashlib.sha256()
    for pattern in DECIDE:
        for path in sorted(root.glob(pattern)):
            total.update(path.read_bytes())
    return total.hexdigest()[:16]


def test_the_version_is_raised_with_every_change_of_what_decides_a_figure() -> None:
    assert (RULES, digest()) == PINNED, (
        "code that figures are made by has changed: if any figure can differ, raise RULES in "
        "warmtui/analysis/version.py; then put RULES and the digest into PINNED here"
    )
