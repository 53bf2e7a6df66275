"""Completing paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from warmtui.workspace.path_completion import Completion, complete


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "exports" / "old").mkdir(parents=True)
    (tmp_path / "exports" / "one.json").touch()
    (tmp_path / "example.json").touch()
    (tmp_path / ".hidden").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_it_goes_as_far_as_is_certain(folder: Path) -> None:
    assert complete("e") == Completion("ex", ("example.json", "exports/"))
    assert complete("exp") == Completion("exports/", ("exports/",))
    assert complete("exports/o") == Completion("exports/o", ("old/", "one.json"))
    assert complete("exports/on") == Completion("exports/one.json", ("one.json",))
    assert complete(f"{folder}/exa").text == f"{folder}/example.json"


def test_home_and_hidden_names(folder: Path) -> None:
    assert complete("~").text == "~/"
    assert complete("~/exa").text == "~/example.json"
    assert complete("").fits == ("example.json", "exports/")
    assert complete(".h").text == ".hidden"


def test_what_is_not_there_completes_to_itself(folder: Path) -> None:
    for typed in ("no/such/x", "example.json/x", "zzz", "~nobody-of-this-name/x", "a\0/b"):
        assert complete(typed) == Completion(typed, ())
