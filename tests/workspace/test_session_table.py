"""Every session as a mapping that keeps nothing: read from the index when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from warmtui.model.conditions import Selection
from warmtui.model.session import SessionKey
from warmtui.workspace.catalogue import Catalogue
from warmtui.workspace.reader import Reader
from warmtui.workspace.session_table import SessionTable

MARATHON = "20261120_094736_8895c1"


@pytest.fixture
def catalogue(recordings: Path, tmp_path: Path) -> Iterator[Catalogue]:
    reader = Reader([str(recordings)], {"HOME": str(tmp_path)}, now=lambda: 2e9)
    catalogue = Catalogue(reader, tmp_path / "library.index.db")
    yield catalogue
    catalogue.close()
    reader.close()


def test_nothing_is_there_before_anything_was_listed(catalogue: Catalogue) -> None:
    listed = SessionTable(catalogue)
    assert (len(listed), list(listed), listed.places(), listed.values_of_fields()) == (0, [], [], {})
    assert listed.get(SessionKey("x", "y")) is None


def test_sessions_are_found_by_key_by_id_and_in_order(catalogue: Catalogue, recordings: Path) -> None:
    catalogue.look()
    for _ in catalogue.pages():
        pass  # judges what waits
    listed = SessionTable(catalogue)
    keys = list(listed)
    ages = [listed[key].header.last_active_at or 0.0 for key in keys]
    assert len(keys) == len(listed) == 14
    assert ages == sorted(ages, reverse=True)
    key = SessionKey(str(recordings), MARATHON)
    row = listed[key]
    assert row.key == key
    assert row.stats is not None
    assert row.stats.calls > 40
    assert "terminal" in row.stats.tools
    assert listed.with_ids([MARATHON, "nobody"]) == {key: row}
    assert listed.by_number([MARATHON], ["/another.db"]) == {}
    [(number, again)] = listed.by_number([MARATHON], [str(recordings)]).items()
    assert listed.fetch([number, 10**9]) == {number: again}
    assert [entry.key for entry in listed.first(Selection(), 3)] == keys[:3]
    assert SessionKey("/another.db", MARATHON) not in listed
    listed.close()


def test_kinds_are_counted_again_after_a_write(catalogue: Catalogue) -> None:
    listed = SessionTable(catalogue)
    catalogue.look()
    assert listed.select(Selection(), 1).kinds == {(): 12, ("empty",): 2}
    place = catalogue.sources[0]
    [row] = listed.first(Selection(empty=False), 1)
    catalogue.index.put(place, [row.header._replace(archived=True)])
    assert listed.select(Selection(), 1).total == 14
    listed.note_write()
    # a screenful waits for no count
    assert listed.select(Selection(), 1).kinds == {(): 12, ("empty",): 2}
    now = {(): 11, ("empty",): 2, ("archived",): 1}
    assert listed.select(Selection()).kinds == now
    assert listed.select(Selection(), 1).kinds == now
    listed.close()
