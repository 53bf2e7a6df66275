from __future__ import annotations

import json
from pathlib import Path

import pytest
from case_tables import cases

from warmtui.errors import LaunchError
from warmtui.integrations.base import Prefill
from warmtui.integrations.hermes.home import hermes_home, hermes_root
from warmtui.integrations.hermes.prefill import PREFILL_VARIABLE, configured_prefill, prepare_prefill

MESSAGES = [{"role": "user", "content": "theirs", "name": "kept"}]
OURS = [{"role": "user", "content": "ours"}]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "hermes"
    home.mkdir()
    return home


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "HERMES_MANAGED_DIR": str(tmp_path / "managed")}


def prefill(folder: Path, name: str = "theirs.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(MESSAGES), encoding="utf-8")
    return path


def test_the_home_is_what_the_environment_says(tmp_path: Path) -> None:
    assert hermes_home({"HOME": str(tmp_path)}) == tmp_path / ".hermes"
    assert hermes_home({"HOME": str(tmp_path), "HERMES_HOME": " /x "}) == Path("/x")
    assert hermes_home({"HOME": str(tmp_path), "HERMES_HOME": "~/h"}) == tmp_path / "h"


def test_a_sticky_profile_moves_the_home(home: Path) -> None:
    (home / "active_profile").write_text("coder\n", encoding="utf-8")
    environ = {"HERMES_HOME": str(home)}
    assert hermes_home(environ) == home / "profiles" / "coder"
    assert hermes_home({"HERMES_HOME": str(home / "profiles" / "other")}) == home / "profiles" / "other"
    assert hermes_root({"HERMES_HOME": str(home / "profiles" / "other")}) == home
    for passed_over in ("default", "", "../..", "\udcff"):
        (home / "active_profile").write_bytes(passed_over.encode("utf-8", "surrogateescape"))
        assert hermes_home(environ) == home


@cases("integrations/hermes/data/profiles.jsonl")
def test_the_command_can_name_a_profile(home: Path, command: list[str], profile: str) -> None:
    expected = home / "profiles" / profile if profile else home
    assert hermes_home({"HERMES_HOME": str(home)}, command) == expected


def test_nothing_is_configured(home: Path, environ: dict[str, str]) -> None:
    assert configured_prefill(home, environ) is None
    (home / "config.yaml").write_text("prefill_messages_file: ''\nagent:\n", encoding="utf-8")
    assert configured_prefill(home, environ) is None


def test_the_key_is_relative_to_the_home_and_wins_over_the_older_one(
    home: Path, environ: dict[str, str]
) -> None:
    path = prefill(home)
    config = home / "config.yaml"
    config.write_text("agent: {prefill_messages_file: theirs.json}\n", encoding="utf-8")
    found = configured_prefill(home, environ)
    assert found == Prefill("agent.prefill_messages_file", path, tuple(MESSAGES))
    config.write_text(
        "prefill_messages_file: gone.json\nagent: {prefill_messages_file: theirs.json}\n", encoding="utf-8"
    )
    found = configured_prefill(home, environ)
    assert found is not None
    assert (found.where, found.path, found.messages) == ("prefill_messages_file", home / "gone.json", ())
    assert "does not exist" in found.problem


def test_the_environment_wins_and_paths_are_expanded(
    home: Path, environ: dict[str, str], tmp_path: Path
) -> None:
    path = prefill(tmp_path)
    (home / "config.yaml").write_text("prefill_messages_file: ${WHERE}/theirs.json\n", encoding="utf-8")
    found = configured_prefill(home, {**environ, "WHERE": str(tmp_path)})
    assert found is not None
    assert (found.path, found.messages) == (path, tuple(MESSAGES))
    found = configured_prefill(home, {**environ, PREFILL_VARIABLE: "~/theirs.json"})
    assert found == Prefill("environment", path, tuple(MESSAGES))


@pytest.mark.parametrize(
    "line",
    [
        "{variable}={path}",
        "export {variable} = '{path}'  # why",
        '  {variable}="{path}"',
        "{variable}={path} # why",
        "{variable}=first\nOTHER=x\n{variable}={path}",
    ],
)
def test_a_dotenv_file_wins_over_the_environment(home: Path, environ: dict[str, str], line: str) -> None:
    path = prefill(home)
    text = line.format(variable=PREFILL_VARIABLE, path=path)
    (home / ".env").write_text(f"KEY=1\n#{PREFILL_VARIABLE}=no\n{text}\n", encoding="utf-8")
    found = configured_prefill(home, {**environ, PREFILL_VARIABLE: "/elsewhere.json"})
    assert found == Prefill(".env", path, tuple(MESSAGES), fixed_by=home / ".env")


def test_a_dotenv_file_that_sets_nothing_leaves_it_to_the_config(home: Path, environ: dict[str, str]) -> None:
    (home / ".env").write_text(f"{PREFILL_VARIABLE}=\n", encoding="utf-8")
    found = configured_prefill(home, {**environ, PREFILL_VARIABLE: "/elsewhere.json"})
    assert found == Prefill(".env", None, (), fixed_by=home / ".env")
    path = prefill(home)
    (home / "config.yaml").write_text("prefill_messages_file: theirs.json\n", encoding="utf-8")
    found = configured_prefill(home, environ)
    assert found is not None
    assert (found.where, found.path, found.fixed_by) == ("prefill_messages_file", path, home / ".env")


def test_what_an_administrator_pinned_wins(home: Path, environ: dict[str, str], tmp_path: Path) -> None:
    path = prefill(tmp_path)
    managed = tmp_path / "managed"
    managed.mkdir()
    (managed / "config.yaml").write_text(f"prefill_messages_file: {path}\n", encoding="utf-8")
    (home / "config.yaml").write_text("prefill_messages_file: mine.json\n", encoding="utf-8")
    found = configured_prefill(home, environ)
    assert found is not None
    assert found.path == path


def test_a_config_that_hermes_is_told_to_ignore_does_not_count(home: Path, environ: dict[str, str]) -> None:
    prefill(home)
    (home / "config.yaml").write_text("prefill_messages_file: theirs.json\n", encoding="utf-8")
    assert configured_prefill(home, {**environ, "HERMES_IGNORE_USER_CONFIG": "1"}) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", b"[" * 100_000, b'["a"]'], ids=repr)
def test_a_prefill_that_cannot_be_read_says_why(home: Path, environ: dict[str, str], content: bytes) -> None:
    (home / "bad.json").write_bytes(content[:100_000])
    found = configured_prefill(home, {**environ, PREFILL_VARIABLE: "bad.json"})
    assert found is not None
    assert found.messages == ()
    assert str(home / "bad.json") in found.problem


@pytest.mark.parametrize("content", [b"a: [", b"\xff", b"a: *b"])
def test_a_config_that_cannot_be_read_is_a_problem(
    home: Path, environ: dict[str, str], content: bytes
) -> None:
    (home / "config.yaml").write_bytes(content)
    found = configured_prefill(home, environ)
    assert found is not None
    assert (found.path, found.messages) == (None, ())
    assert str(home / "config.yaml") in found.problem


def test_combining_puts_theirs_first_and_nothing_twice() -> None:
    theirs = Prefill("environment", Path("/x"), tuple(MESSAGES))
    assert prepare_prefill(OURS, None, "combine") == tuple(OURS)
    assert prepare_prefill(OURS, theirs, "combine") == (*MESSAGES, *OURS)
    assert prepare_prefill(OURS, theirs, "replace") == tuple(OURS)
    assert prepare_prefill(MESSAGES, theirs, "combine") == tuple(MESSAGES)
    unreadable = Prefill("environment", Path("/x"), (), "no")
    assert prepare_prefill(OURS, unreadable, "combine") == tuple(OURS)


@pytest.mark.parametrize("mode", ["combine", "replace"])
def test_a_prefill_that_cannot_be_overruled_stops_the_launch(mode: str) -> None:
    fixed = Prefill(".env", Path("/x"), (), fixed_by=Path("/h/.env"))
    with pytest.raises(LaunchError, match=r"/h/\.env sets HERMES_PREFILL_MESSAGES_FILE"):
        prepare_prefill(OURS, fixed, "replace" if mode == "replace" else "combine")
