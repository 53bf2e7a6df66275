"""Databases of Hermes 0.23: what it keeps in other places than before."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import hermes_db as hermes
import pytest

from warmtui.model.session import Session, Usage
from warmtui.sources.hermes.database import HermesDatabase


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def db(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(hermes.create(path, newer=True)) as made:
        yield made


def read(path: Path) -> dict[str, Session]:
    with closing(HermesDatabase(path)) as source:
        ids = [header.id for header in source.listing().headers]
        return {session.header.id: session for session in source.read(ids)}


def test_a_system_prompt_is_found_by_its_hash_and_else_where_it_was(
    path: Path, db: sqlite3.Connection
) -> None:
    hermes.insert(db, "system_prompts", hash="ab12", prompt="You keep the ledger.")
    hermes.session(db, "new", system_prompt_hash="ab12", system_prompt="")
    hermes.session(db, "old", system_prompt="You are Hermes.")
    hermes.session(db, "none")
    prompts = {name: session.system_prompt for name, session in read(path).items()}
    assert prompts == {"new": "You keep the ledger.", "old": "You are Hermes.", "none": ""}


@pytest.mark.parametrize(
    ("columns", "by_model", "usage"),
    [
        ({}, [], None),
        ({"cost_status": "unknown", "estimated_cost_usd": 0.0}, [], None),
        ({"input_tokens": 90, "output_tokens": 7}, [], Usage(90, 7, 0, 0, None)),
        (
            {"input_tokens": 90, "cache_read_tokens": 40, "estimated_cost_usd": 0.5, "actual_cost_usd": 0.4},
            [],
            Usage(90, 0, 40, 0, 0.4),
        ),
        ({"input_tokens": 90, "estimated_cost_usd": 0.5}, [], Usage(90, 0, 0, 0, 0.5)),
        (
            {"input_tokens": 90, "estimated_cost_usd": 0.0, "cost_status": "included"},
            [],
            Usage(90, 0, 0, 0, 0.0),
        ),
        ({}, [(10, 1, 0.25), (20, 2, 0.5)], Usage(30, 3, None, None, 0.75)),
        ({"input_tokens": 31, "output_tokens": 3}, [(10, 1, 0.25), (20, 2, 0.5)], Usage(31, 3, 0, 0, 0.75)),
        ({"input_tokens": "many", "estimated_cost_usd": -1.0}, [], None),
    ],
)
def test_tokens_and_cost_are_those_that_were_counted(
    path: Path,
    db: sqlite3.Connection,
    columns: dict[str, Any],
    by_model: list[tuple[int, int, float]],
    usage: Usage | None,
) -> None:
    hermes.session(db, "s1", **columns)
    for number, (sent, written, cost) in enumerate(by_model):
        hermes.insert(
            db,
            "session_model_usage",
            session_id="s1",
            model=f"m{number}",
            input_tokens=sent,
            output_tokens=written,
            cost_usd=cost,
        )
    assert read(path)["s1"].usage == usage
