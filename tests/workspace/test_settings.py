"""The settings file: what holds, and what is told of the rest."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from case_tables import cases
from docs_example import settings_example
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warmtui.curation.tokens import Limits
from warmtui.registry import AGENTS
from warmtui.workspace import Workspace
from warmtui.workspace.settings import Paths, Settings, read_settings
from warmtui.workspace.settings_file import parse

FILE = Path("/there/config.toml")


def told(text: str) -> list[str]:
    return [
        f"{problem.place}: {problem.text}; {problem.remedy}"
        for problem in parse(text, FILE, "/home/ada").problems
    ]


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "none.toml") == (Settings(), ())


def test_every_setting_is_taken() -> None:
    text = """
        theme = "nord"
        signs = "ascii"
        findings_are_errors = true
        [thresholds]
        tokens = 1500
        recoveries = 2
        examples = 4
        markers = 10
        [paths]
        sources = ["hermes", "~/a.jsonl", "b/state.db", "/c.json"]
        library = "~/l.db"
        hermes_home = "hermes"
        [keys]
        "sessions.sort" = "o"
        app.help = "f1"
    """
    found, problems = parse(text, FILE, "/home/ada")
    assert problems == ()
    assert (found.theme, found.signs, found.findings_are_errors) == ("nord", "ascii", True)
    assert found.thresholds == Limits(1500, 2, 4, 10)
    assert found.paths.sources == ("hermes", "/home/ada/a.jsonl", "/there/b/state.db", "/c.json")
    assert (found.paths.library, found.paths.homes["hermes_home"]) == ("/home/ada/l.db", "/there/hermes")
    assert found.keys == {"sessions.sort": "o", "app.help": "f1"}


@cases("workspace/data/settings_mistakes.jsonl", ("x = " + "[" * 5_000, ": it is "))
def test_what_is_wrong_is_told_with_place_and_remedy(text: str, words: str) -> None:
    [problem] = told(text)
    assert words in problem
    assert parse(text, FILE).settings == Settings(keys={})


def test_what_is_right_holds_beside_what_is_wrong() -> None:
    text = "theme = 'nord'\nsigns = 7\n[thresholds]\ntokens = 0\nexamples = 9\n[keys]\na.b = 1\nc.d = 'x'"
    found, problems = parse(text, FILE)
    assert (found.theme, found.signs, found.thresholds) == ("nord", "auto", Limits(examples=9))
    assert found.keys == {"c.d": "x"}
    assert [problem.place for problem in problems] == ["signs", "thresholds.tokens", 'keys."a.b"']


@pytest.mark.parametrize("written", [b"\xff\xfe", None], ids=["bytes", "folder"])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, written: bytes | None) -> None:
    path = tmp_path / "config.toml"
    if written is None:
        path.mkdir()
    else:
        path.write_bytes(written)
    found, problems = read_settings(path)
    assert found == Settings()
    assert [(problem.file, problem.place) for problem in problems] == [(str(path), "")]


def test_an_editor_may_put_a_mark_before_the_text(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b'\xef\xbb\xbftheme = "nord"\n')
    assert read_settings(tmp_path / "config.toml").settings.theme == "nord"


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_names = st.sampled_from(["theme", "signs", "findings_are_errors", "thresholds", "paths", "keys", "x"])
_inner = st.sampled_from(["tokens", "examples", "sources", "library", "a.b", ""])


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(_names, _values | st.dictionaries(_inner, _values, max_size=4), max_size=5))
def test_whatever_stands_in_it_the_rest_holds_and_nothing_raises(given_: dict[str, Any]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tomllib, "loads", lambda _text: {**given_, "findings_are_errors": True})
        found, problems = parse("", FILE)
    assert found.findings_are_errors
    assert all(problem.text and problem.remedy for problem in problems)


async def test_paths_hold_where_neither_option_nor_environment_says_otherwise(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        '[paths]\nsources = ["s.db"]\nlibrary = "l.db"\nhermes_home = "~/h"\n'
    )
    base = {"HOME": str(tmp_path), "WARMTUI_CONFIG": str(tmp_path / "config.toml")}
    async with Workspace.open(environ=base) as workspace:
        assert workspace.context.locations.library == tmp_path / "l.db"
        assert Path(workspace.paths()["hermes_home"]) == tmp_path / "h"
        assert workspace.context.environ["HERMES_HOME"] == str(tmp_path / "h")
        assert workspace.sessions.paths() == [tmp_path / "s.db"]
    environ = {**base, "WARMTUI_LIBRARY": str(tmp_path / "e.db"), "HERMES_HOME": str(tmp_path / "e")}
    async with Workspace.open(environ=environ, sources=[str(tmp_path / "o.db")]) as workspace:
        assert workspace.context.locations.library == tmp_path / "e.db"
        assert Path(workspace.paths()["hermes_home"]) == tmp_path / "e"
        assert workspace.sessions.paths() == [tmp_path / "o.db"]
    async with Workspace.open(environ=environ, library=tmp_path / "o.db") as workspace:
        assert workspace.context.locations.library == tmp_path / "o.db"


def test_the_documented_example_is_right_and_names_every_setting() -> None:
    read, problems = parse(settings_example(), FILE)
    assert problems == ()
    written = tomllib.loads(settings_example())
    for name, value in Settings()._asdict().items():
        assert name in written
        if isinstance(value, Limits):
            assert set(written[name]) == set(value._fields)
    homes = {agent.home_setting for agent in AGENTS if agent.home_variable}
    assert set(written["paths"]) == {*Paths._fields, *homes} - {"homes"}
    assert read.thresholds == Limits(), "the example shows the defaults"
