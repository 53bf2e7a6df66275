from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest
from limits import bound_by_permissions

from warmtui.library.library import Library
from warmtui.model.template import (
    ContextMarker,
    Draft,
    ExampleCall,
    MaskedPlace,
    Provenance,
    Recovery,
    Seed,
    SourceSession,
    TemplateType,
    ToolExample,
    UserPatterns,
)

HERE = Provenance(agent="hermes", session_id="s1", message_id="7", call_id="call_0")


def _draft(
    name: str = "deploy",
    text: str = "one",
    *,
    tags: tuple[str, ...] = (),
    task_type: TemplateType = "code",
    description: str = "How the service is deployed",
) -> Draft:
    call = ExampleCall(tool="terminal", arguments='{"command": "make"}', result="built", result_characters=5)
    return Draft(
        name=name,
        description=description,
        task_type=task_type,
        tags=tags,
        seed=Seed(
            system_context=text,
            user_patterns=UserPatterns(request_style="terse", feedback_style="detailed", domains=("python",)),
            recoveries=(
                Recovery(
                    id="r1",
                    failed=call,
                    error="No such file",
                    error_type="FileNotFound",
                    fixed=call,
                    change="the path",
                    provenance=HERE,
                ),
            ),
            tool_examples=(
                ToolExample(id="e1", before="build it", calls=(call,), closing="Done.", provenance=HERE),
            ),
            context_markers=(
                ContextMarker(id="m1", text="{cwd}/Makefile", kind="path", uses=3, provenance=HERE),
            ),
        ),
        sources=(SourceSession(agent="hermes", id="s1", title="Deploying"),),
        masked=(MaskedPlace(kind="github-token", slot="‹secret:github-token›", item="e1", field="before"),),
    )


class DraftMaker(Protocol):
    def __call__(
        self,
        name: str = "deploy",
        text: str = "one",
        *,
        tags: tuple[str, ...] = (),
        task_type: TemplateType = "code",
        description: str = "How the service is deployed",
    ) -> Draft: ...


@pytest.fixture
def draft() -> DraftMaker:
    return _draft


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
