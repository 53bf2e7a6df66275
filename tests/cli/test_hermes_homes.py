"""Where Hermes' sessions are looked for, and what is said when they are elsewhere."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import hermes_db as hermes
import pytest
from cli_runner import Runner


def home_with(folder: Path, session: str) -> None:
    folder.mkdir(parents=True)
    with closing(hermes.create(folder / "state.db")) as db:
        hermes.session(db, session)
        hermes.said(db, session, "user", "hello")


def ids(runner: Runner) -> set[str]:
    return {session["id"] for session in runner("sessions", "--json").json["sessions"]}


def test_the_databases_of_all_profiles_are_found(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    home = runner.hermes_home
    home_with(home, "default")
    for name in ("work", "play"):
        home_with(home / "profiles" / name, name)
    assert ids(runner) == {"default", "work", "play"}
    (home / "active_profile").write_text("work\n")
    assert ids(runner) == {"default", "work", "play"}
    monkeypatch.setenv("HERMES_HOME", str(home / "profiles" / "work"))
    assert ids(runner) == {"work"}


@pytest.mark.parametrize(
    "config",
    ["state:\n  backend: postgresql\n", 'sessions:\n  state_backend: "postgres"\n'],
)
def test_sessions_in_postgresql_are_told(runner: Runner, config: str) -> None:
    runner.hermes_home.mkdir()
    (runner.hermes_home / "config.yaml").write_text(config)
    for words in (("sessions",), ("sessions", "--source", "hermes")):
        assert "config.yaml names PostgreSQL" in runner(*words, code=4).err
    home_with(runner.hermes_home / "profiles" / "old", "before")
    (runner.hermes_home / "profiles" / "old" / "config.yaml").write_text(config)
    assert "names PostgreSQL: sessions" in " ".join(runner("doctor").out.split())


def test_doctor_tells_of_a_newer_schema_once_and_lists_do_not(runner: Runner) -> None:
    runner.hermes_home.mkdir()
    with closing(hermes.create(runner.hermes_home / "state.db", newer=True)) as db:
        hermes.session(db, "s1")
        hermes.said(db, "s1", "user", "hello")
        db.execute("UPDATE schema_version SET version = 31")
    told = " ".join(runner("doctor").out.split())  # long paths wrap the line
    assert told.count("schema 31 is newer") == 1
    assert "schema" not in runner("sessions").err
