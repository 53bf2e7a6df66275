"""The settings dialog: where the file is, and what is wrong in it, in the words of doctor."""

from __future__ import annotations

from pathlib import Path

from warmtui.tui.dialogs.choose import Answer, Choose
from warmtui.tui.list.text_rows import Piece
from warmtui.workspace.doctor import settings_checks
from warmtui.workspace.settings import SettingProblem


def settings_dialog(path: Path, problems: tuple[SettingProblem, ...]) -> Choose:
    """Return a dialog about the settings file; it answers with `c` to copy its path.

    Args:
        path: the file; it need not exist.
        problems: in the settings, found when the app started.
    """
    said = [
        Piece(f"{finding.text}. {finding.remedy}" if finding.remedy else finding.text)
        for finding in settings_checks(path, problems)
    ]
    how = "One TOML file: theme, signs, thresholds, paths, keys. It is read when warmtui starts."
    answers = (Answer("c", "copy its path"),)
    return Choose(f"Settings: {path}", answers, reading=[*said, Piece(""), Piece(how)])
