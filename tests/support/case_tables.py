"""Tables of test cases that are too long to read between the tests: files of JSON lines beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parents[1]


def rows(file: str) -> list[Any]:
    """Return what the lines of a file below `tests/` hold."""
    return [json.loads(line) for line in (TESTS / file).read_text(encoding="utf-8").splitlines()]


def cases(file: str, *more: tuple[Any, ...]) -> pytest.MarkDecorator:
    """Parametrize a test with the lines of a file.

    Args:
        file: its path below `tests/`. Each line is an object that holds a value for each parameter (None for
            one that is left out), and `id`, the name of the case, where the first value says too little.
        more: cases too large for a file; they are named after their places.
    """
    table = rows(file)
    ids = [row.pop("id", None) or str(next(iter(row.values())))[:60] for row in table]
    names = list(dict.fromkeys(name for row in table for name in row))
    values = [*(tuple(row.get(name) for name in names) for row in table), *more]
    ids += [f"large {number}" for number in range(len(more))]
    return pytest.mark.parametrize(names, values, ids=ids)
