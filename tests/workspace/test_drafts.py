"""A draft before it is saved, and the version it becomes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from seeds import draft

from warmtui.curation.editing import Describe, apply, from_draft
from warmtui.curation.folders import Folders
from warmtui.errors import WarmtuiError
from warmtui.exchange.targets import TARGETS, refusals
from warmtui.model.template import Seed
from warmtui.workspace import Workspace
from warmtui.workspace.drafts import changes_since, export_draft, render_draft

NOW = 1_800_000_000.0


@pytest.fixture
async def workspace(tmp_path: Path) -> AsyncIterator[Workspace]:
    environ = {"HOME": str(tmp_path), "WARMTUI_LIBRARY": str(tmp_path / "library.db")}
    async with Workspace.open(environ=environ, now=lambda: NOW) as opened:
        yield opened


@pytest.mark.parametrize("target", TARGETS)
async def test_it_is_written_byte_for_byte_as_after_saving(workspace: Workspace, target: str) -> None:
    where = workspace.context.folders_at(None)
    preview = render_draft(from_draft(draft("shop")), (), where)
    await workspace.library.save(preview.draft)
    exported = await workspace.templates.export("shop", target, None)
    assert export_draft(preview, TARGETS[target], where, NOW) == exported.data
    assert preview.messages == exported.preview.messages


def test_nothing_is_not_written(tmp_path: Path) -> None:
    where = Folders(home=str(tmp_path), cwd=str(tmp_path))
    preview = render_draft(from_draft(draft("shop", Seed())), (), where)
    with pytest.raises(WarmtuiError, match="empty"):
        export_draft(preview, TARGETS["openai-json"], where, NOW)


async def test_what_it_changes_in_a_version(workspace: Workspace) -> None:
    where = workspace.context.folders_at(None)
    state = from_draft(draft("shop"))
    saved = await workspace.library.save(render_draft(state, (), where).draft)
    assert changes_since(saved.version, render_draft(state, (), where).draft) == ()
    state = apply(state, Describe("Money is in cents."))
    [change] = changes_since(saved.version, render_draft(state, (), where).draft)
    assert (change.place, change.after) == ("description", "Money is in cents.")


def test_only_those_who_may_get_it_refuse(tmp_path: Path) -> None:
    where = Folders(home=str(tmp_path), cwd=str(tmp_path))
    preview = render_draft(from_draft(draft("shop")), (), where)
    broken = preview.messages[1:]
    for target in TARGETS.values():
        assert refusals(preview.messages, target) == ()
        assert {finding.target for finding in refusals(broken, target)} <= set(target.refusers)
    assert "anthropic" in {finding.target for finding in refusals(broken, TARGETS["hermes-prefill"])}
