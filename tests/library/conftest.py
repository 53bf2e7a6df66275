from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from limits import bound_by_permissions
from seeds import call, example, marker, note, recovery

from warmtui.library.library import Library
from warmtui.model.template import Draft, MaskedPlace, Seed, SourceSession, UserPatterns


@pytest.fixture
def draft() -> Callable[..., Draft]:
    """Make drafts with a part of every kind; `text` is their context."""

    def make(name: str = "deploy", text: str = "one", **more: Any) -> Draft:
        build = call("terminal", '{"command": "make"}', "built")
        seed = Seed(
            system_context=text,
            user_patterns=UserPatterns(request_style="terse", feedback_style="detailed", domains=("python",)),
            recoveries=(recovery("r1", build, build, "the path"),),
            tool_examples=(example("e1", build, before="build it", closing="Done."),),
            context_markers=(marker("m1", "{cwd}/Makefile", 3),),
            notes=(note("preference", "deploy on Fridays only if green", seen=2),),
        )
        given: dict[str, Any] = {
            "description": "How the service is deployed",
            "task_type": "code",
            "sources": (SourceSession(agent="hermes", id="s1", title="Deploying"),),
            "masked": (
                MaskedPlace(kind="github-token", slot="‹secret:github-token›", item="e1", field="before"),
            ),
        }
        return Draft(name=name, seed=seed, **given | more)

    return make


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """A second later at each call."""
    moments = iter(range(1_000_000))
    return lambda: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=next(moments))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "library.db"


@pytest.fixture
async def library(path: Path, clock: Callable[[], datetime]) -> AsyncIterator[Library]:
    async with Library(path, clock=clock, patience=1.0) as opened:
        yield opened


@pytest.fixture
def raw(path: Path) -> Callable[..., list[tuple[object, ...]]]:
    """Runs SQL on the library's file behind the library's back."""

    def run(sql: str, *values: object) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    return run


@pytest.fixture(name="bound_by_permissions")
def _bound_by_permissions() -> Iterator[None]:
    """Makes file permissions count for root too."""
    with bound_by_permissions():
        yield
