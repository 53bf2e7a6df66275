"""Dialogs that ask for one version of a template, or for two to compare."""

from __future__ import annotations

from collections.abc import Sequence

from warmtui.curation.diff import diff_versions
from warmtui.model.template import Template, Version
from warmtui.tui.base_screen import BaseScreen
from warmtui.tui.dialogs import Form, FormField
from warmtui.tui.templates.pane import day
from warmtui.tui.widgets.cells import clip

OPTION_WIDTH = 48
"""Cells of a version in a choice."""


async def ask_older_version(
    screen: BaseScreen, template: Template, versions: Sequence[Version]
) -> int | None:
    """Ask for the version to go back to.

    Args:
        screen: asks.
        template: the template.
        versions: its versions that are not damaged, oldest first.

    Returns:
        The version's number; None if there is none or the dialog was left.
    """
    older = [version for version in versions if version.number < template.version.number]
    if not older:
        screen.say("its older versions are damaged", "error")
        return None
    answer = await screen.app.push_screen_wait(
        Form(
            f"Go back to an older version of {template.name}",
            [FormField("number", "Version", str(older[-1].number), options=_options(older))],
            describe=lambda values: _count_changes(versions, str(template.versions), values["number"]),
            note=f"It becomes version {template.versions + 1}; all others stay.",
            answer="go back",
        )
    )
    return None if answer is None else int(answer["number"])


async def ask_two_versions(
    screen: BaseScreen, template: Template, versions: Sequence[Version]
) -> tuple[int, int] | None:
    """Ask for two versions to compare.

    Args:
        screen: asks.
        template: the template.
        versions: its versions that are not damaged, oldest first.

    Returns:
        The numbers of the older and the newer version; None if there is only one or the dialog was left.
    """
    if len(versions) < 2:
        screen.say("its older versions are damaged", "error")
        return None
    options = _options(versions)
    answer = await screen.app.push_screen_wait(
        Form(
            f"Compare two versions of {template.name}",
            [
                FormField("older", "From version", str(versions[-2].number), options=options),
                FormField("newer", "To version", str(versions[-1].number), options=options),
            ],
            describe=lambda values: _count_changes(versions, values["older"], values["newer"]),
            answer="compare",
        )
    )
    return None if answer is None else (int(answer["older"]), int(answer["newer"]))


def _options(versions: Sequence[Version]) -> tuple[tuple[str, str], ...]:
    """Return the versions as options of a choice, with when they were saved."""
    return tuple((str(version.number), clip(_words(version), OPTION_WIDTH)) for version in versions)


def _words(version: Version) -> str:
    return f"{version.number} · {day(version.created_at)}  {version.description}".strip()


def _count_changes(versions: Sequence[Version], older: str, newer: str) -> str:
    """Say how many changes there are between two versions, given by number."""
    by_number = {str(version.number): version for version in versions}
    count = len(diff_versions(by_number[older], by_number[newer]))
    return f"{count} change{'s' * (count != 1)} between them." if count else "They are the same."
