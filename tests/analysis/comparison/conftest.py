"""Sides made by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from made_session import Made, Said, made

from warmtui.analysis.calls import judge_calls
from warmtui.analysis.comparison import Side
from warmtui.model.session import SessionKind
from warmtui.sources.hermes.database import HermesDatabase
from warmtui.workspace.findings import findings_of, profile_of
from warmtui.workspace.reader import JudgedSession


def side_of(judged: Made) -> Side:
    found = findings_of(JudgedSession(judged.session, judged.calls))
    return Side(judged.session, judged.calls, found.recoveries, profile_of(found))


@pytest.fixture
def side() -> Callable[..., Side]:
    """Makes a side from what was said."""

    def make(*said: Said, kind: SessionKind = "root") -> Side:
        session_made = made(*said)
        session = replace(session_made.session, header=session_made.session.header._replace(kind=kind))
        return side_of(Made(session, session_made.calls))

    return make


@pytest.fixture
def recorded(recordings: Path) -> Callable[..., list[Side]]:
    """Reads recorded sessions by the beginning of their ids."""

    def read(*prefixes: str) -> list[Side]:
        source = HermesDatabase(recordings)
        try:
            ids = [header.id for header in source.listing().headers]
            wanted = [next(key for key in ids if key.startswith(prefix)) for prefix in prefixes]
            by_id = {session.header.id: session for session in source.read(wanted)}
        finally:
            source.close()
        return [side_of(Made(by_id[key], judge_calls(by_id[key], now=2e9))) for key in wanted]

    return read
