"""The candidates command: what sessions offer, the same as `extract` and Curate."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from cli_runner import Runner

from warmtui import Workspace
from warmtui.curation.editing import DraftState, suggest_additions

MARATHON = "20261120_094736"
CART = "20261120_094657"


@pytest.mark.parametrize("session", [MARATHON, CART])
def test_candidates_extract_and_curate_agree_item_by_item(
    shop: Runner, recordings: Path, session: str
) -> None:
    listed = shop("candidates", session, "--json").json
    made = shop("extract", session, "--dry-run", "--json").json

    async def curate() -> tuple[list[str], list[str], tuple[str, ...]]:
        async with Workspace.open(sources=[str(recordings)]) as workspace:
            await workspace.sessions.refresh(force=True)
            keys = [row.key for row in workspace.sessions.table.values() if row.key.id.startswith(session)]
            found = (await workspace.sessions.candidates_of(keys)).candidates
            chosen = suggest_additions(DraftState(), found, workspace.settings.thresholds).chosen
            return [item.id for item in found], [item.kind for item in found], chosen

    ids, kinds, chosen = asyncio.run(curate())
    assert [item["id"] for item in listed["items"]] == ids
    assert [item["kind"] for item in listed["items"]] == [kind.removeprefix("tool_") for kind in kinds]
    selected = {item["id"]: item for item in listed["items"] if item["selected"]}
    assert set(selected) == set(chosen) == {item["id"] for item in made["chosen"]}
    for item in made["chosen"]:
        assert {name: selected[item["id"]][name] for name in ("evidence", "reasons", "tokens", "flags")} == {
            name: item[name] for name in ("evidence", "reasons", "tokens", "flags")
        }
    assert listed["tokens"] == made["tokens"]


def test_the_text_marks_what_is_selected_and_says_why(shop: Runner) -> None:
    items = shop("candidates", MARATHON, "--json").json["items"]
    lines = shop("candidates", MARATHON).out.splitlines()
    assert len(lines) == len(items) + 1
    for item, line in zip(items, lines, strict=False):
        assert line[0] == ("+" if item["selected"] else "-" if item["worth"] else " ")
    assert lines[-1].startswith(f"{len(items)} candidates, ")
    explained = shop("candidates", MARATHON, "--why").out
    assert all(item["reasons"][0].split(", ")[0][:40] in explained for item in items if item["worth"])
    assert "left out: below the bar of" in explained


def test_several_sessions_offer_each_thing_once(shop: Runner) -> None:
    both = shop("candidates", MARATHON, CART, "--json").json
    assert both["sessions"] == ["20261120_094736_8895c1", both["sessions"][1]]
    assert {item["session"] for item in both["items"]} == set(both["sessions"])
    assert len({item["id"] for item in both["items"]}) == len(both["items"])
    assert any("seen in 2 of 2 sessions" in item["reasons"] for item in both["items"])
    assert "are one session" in shop("candidates", CART, CART, code=2).err


def test_an_item_names_its_calls(shop: Runner) -> None:
    items = shop("candidates", MARATHON, "--json").json["items"]
    calls = {
        line["call_id"]: line["outcome"]
        for line in map(json.loads, shop("outcomes", MARATHON, "--json").out.splitlines())
    }
    recovery = next(item for item in items if item["kind"] == "recovery")
    assert [calls[name] for name in recovery["failed_calls"]] == ["error"]
    assert {calls[name] for item in items for name in item["calls"]} == {"ok"}
    assert all("/home/dev" not in item["text"] for item in items)


def test_extract_names_each_item_that_it_leaves_out_and_why(shop: Runner) -> None:
    (shop.folder / "config.toml").write_text("[thresholds]\nrecoveries = 1\nmarkers = 0\n")
    lines = shop("extract", MARATHON, "--dry-run").out.splitlines()
    at = lines.index("left out:")
    told = [line.split()[0] for line in lines[at + 1 : at + 5 : 2]], lines[at + 2 : at + 5 : 2]
    assert told == (
        ["recovery", "marker"],
        [" " * 16 + "over the limit for recoveries (1)", " " * 16 + "over the limit for markers (0)"],
    )
