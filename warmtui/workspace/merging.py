"""Merging templates of the library into a new one (C12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from warmtui.curation.editing import to_draft
from warmtui.curation.merge import Duplicate, merge_templates
from warmtui.errors import UsageError
from warmtui.library.templates import Saved
from warmtui.workspace.workspace import Workspace


class MergedTemplate(NamedTuple):
    """A new template made of others."""

    saved: Saved
    left_out: tuple[Duplicate, ...]
    """What was in an earlier one already."""


async def merge(workspace: Workspace, templates: Sequence[str], name: str) -> MergedTemplate:
    """Make one new template of several, each thing once; they themselves stay as they are.

    Args:
        workspace: the workspace.
        templates: names or ids, in the order in which they are preferred.
        name: of the new template.

    Raises:
        UsageError: fewer than two are named, one is named twice, or the name cannot be one.
        NotFoundError: there is no such template.
        ConflictError: the name is in use.
    """
    library = workspace.library
    found = [await library.get(one) for one in templates]
    if len({one.id for one in found}) < max(2, len(templates)):
        raise UsageError("merging takes two or more templates, each once", "name another one")
    bench, left_out = merge_templates(found, name)
    draft = to_draft(bench, workspace.known_secrets())
    return MergedTemplate(await library.save(draft, expected_version=0), left_out)
