"""From a session to a template and out again: extract, build, list, show, diff, …, test, export."""

from __future__ import annotations

import json
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import hermes_db as hermes
import pytest
from case_tables import cases
from cli_runner import Runner

MARATHON = "20261120_094736"
CART = "20261120_094657"


def test_extract_saves_a_small_template_with_reasons(shop: Runner) -> None:
    made = shop("extract", MARATHON, "--name", "shop conventions", "--tag", "shop", "--json").json
    assert made["schema"] == "warmtui.made/1"
    assert made["created"]
    assert made["tokens"] <= 2000
    assert all(candidate["reasons"] for candidate in made["chosen"])
    seed = made["draft"]["seed"]
    assert 1 <= len(seed["recoveries"]) <= 3
    assert 1 <= len(seed["tool_examples"]) <= 5
    assert "/home/dev" not in json.dumps(seed)
    listed = shop("list", "--json").json["templates"]
    assert [(template["name"], template["tags"], template["versions"]) for template in listed] == [
        ("shop conventions", ["shop"], 1)
    ]
    assert listed[0]["version"]["sources"][0]["id"] == "20261120_094736_8895c1"


def test_a_dry_run_saves_nothing(shop: Runner) -> None:
    assert "not saved" in shop("extract", MARATHON, "--dry-run").out
    assert not shop.library.exists()


def test_names_left_out_are_made_unique(shop: Runner) -> None:
    names = [
        shop("extract", session, "--json").json["template"]["name"] for session in (MARATHON, CART, CART)
    ]
    assert len(set(names)) == 3
    assert all(name.startswith("warm_20") for name in names)


def test_what_test_prints_is_what_export_writes(shop: Runner, tmp_path: Path) -> None:
    shop("extract", MARATHON, "--name", "t")
    shown = shop("test", "t", "make coupons expire", "--json").out
    messages = json.loads(shown)
    assert messages[-1] == {"role": "user", "content": "make coupons expire"}
    exported = shop("export", "t", "--to", "hermes-prefill").out
    assert json.loads(exported) == messages[:-1]
    assert shown.startswith(exported.rstrip().removesuffix("]").rstrip())
    path = tmp_path / "out.json"
    shop("export", "t", "-o", str(path))
    assert path.read_text() == exported
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "--force" in shop("export", "t", "-o", str(path), code=2).err
    shop("export", "t", "-o", str(path), "--force")
    assert exported == shop("export", "t").out, "the same template gives the same bytes"


@pytest.mark.parametrize(("target", "ending"), [("hermes-session", ".jsonl"), ("openai-json", ".json")])
def test_other_targets(shop: Runner, tmp_path: Path, target: str, ending: str) -> None:
    shop("extract", MARATHON, "--name", "a/b ../c")
    folder = tmp_path / "out"
    folder.mkdir()
    shop("export", "a/b ../c", "--to", target, "-o", str(folder))
    [written] = folder.iterdir()
    assert written.suffix == ending
    assert json.loads(written.read_text().splitlines()[0] if ending == ".jsonl" else written.read_text())[
        "messages"
    ]
    assert "there are: hermes-prefill" in shop("export", "a/b ../c", "--to", "nonsense", code=2).err


def test_folders_are_those_of_the_place(shop: Runner, tmp_path: Path) -> None:
    shop("extract", MARATHON, "--name", "t")
    here = shop("test", "t", "--cwd", str(tmp_path), "--json").out
    assert "{cwd}" not in here
    assert "/home/dev" not in here
    assert "is not a folder" in shop("test", "t", "--cwd", str(tmp_path / "none"), code=2).err


def test_build_from_many(shop: Runner) -> None:
    made = shop("build", "--min-messages", "20", "--name", "many", "--json").json
    assert made["sessions"] >= 4
    ids = {source["id"] for source in made["draft"]["sources"]}
    assert "20261120_094727_a97485" not in ids, "over half of its calls failed"
    recoveries = [recovery["change"] for recovery in made["draft"]["seed"]["recoveries"]]
    assert len(recoveries) == len(set(recoveries))
    error = shop("build", "--min-messages", "5000", code=3).err
    assert "none of 12 sessions fits: 12 of 12 have fewer than 5000 messages (--min-messages)" in error


def a_test_run(db: sqlite3.Connection, name: str, reason: str | None) -> None:
    hermes.session(db, name, end_reason=reason)
    hermes.said(db, name, "user", "run the tests")
    hermes.called(db, name, ("c1", "terminal", {"command": "pytest tests/cart"}))
    hermes.answered(db, name, "c1", '{"output": "3 passed", "exit_code": 0, "error": null}')


def test_build_takes_what_ended_normally_and_else_says_what_decided(runner: Runner, tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    runner.options = ("--source", str(path))
    with closing(hermes.create(path)) as db:
        for number, reason in enumerate(("startup_orphan_reap", "recovered", "recovered")):
            a_test_run(db, f"cut-{number}", reason)
        error = runner("build", "--min-messages", "1", code=3).err
        assert "2 of 3 have the end reason recovered (--end-reason)" in error
        assert "1 of 3 has the end reason startup_orphan_reap" in error
        for end in (None, "cli_close", "agent_close", "ws_orphan_reap", "idle"):
            a_test_run(db, f"normal-{end}", end)
        made = runner("build", "--min-messages", "1", "--dry-run", "--json").json
        assert made["sessions"] == 5
        named = runner(
            "build", "--min-messages", "1", "--end-reason", "recovered,idle", "--dry-run", "--json"
        )
        assert named.json["sessions"] == 3


def test_errors_of_the_library_say_what_to_do(shop: Runner, tmp_path: Path) -> None:
    shop.library.write_text("this is no library, only some text that lies in its place" * 50)
    error = shop("list", code=5).err
    assert str(shop.library) in error
    assert shop.library.read_text().startswith("this is no library")


def test_install_and_uninstall(shop: Runner) -> None:
    shop.hermes_home.mkdir()
    config = shop.hermes_home / "config.yaml"
    config.write_text("# mine\nmodel: x  # keep\n")
    shop("extract", MARATHON, "--name", "t")
    shop("install", "t")
    assert "prefill_messages_file: prefill/t.json" in config.read_text()
    assert "# keep" in config.read_text()
    assert json.loads((shop.hermes_home / "prefill" / "t.json").read_text()) == json.loads(
        shop("export", "t").out
    )
    checks = {check["name"]: check for check in shop("doctor", "--json").json["checks"]}
    assert "is sent by default (ours" in checks["hermes"]["text"]
    shop("uninstall")
    assert config.read_text() == "# mine\nmodel: x  # keep\n"
    assert shop("uninstall", code=3).err


def test_launch_runs_a_command_with_the_template(shop: Runner, tmp_path: Path) -> None:
    shop("extract", MARATHON, "--name", "t")
    seen = tmp_path / "seen.json"
    script = (
        f'cp "$HERMES_PREFILL_MESSAGES_FILE" "{seen}"; echo "session_id: 20990101_000000_abcdef" >&2; exit 7'
    )
    done = shop("launch", "t", "--", "sh", "-c", script, code=7)
    assert seen.read_text() == shop("export", "t").out
    assert "started session 20990101_000000_abcdef" in done.err
    assert shop("list", "--json").json["templates"][0]["usage"]["started"] == 1
    assert "no such command" in shop("launch", "t", "--", "no-such-agent-anywhere", code=125).err
    assert shop("launch", "nothing", "--", "true", code=3).err


def test_a_configured_prefill_is_named_and_combined_or_replaced(
    shop: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop("extract", MARATHON, "--name", "t")
    mine = tmp_path / "mine.json"
    mine.write_text('[{"role": "user", "content": "mine"}, {"role": "assistant", "content": "yes"}]')
    monkeypatch.setenv("HERMES_PREFILL_MESSAGES_FILE", str(mine))
    seen = tmp_path / "seen.json"
    script = f'cp "$HERMES_PREFILL_MESSAGES_FILE" "{seen}"'
    done = shop("launch", "t", "--", "sh", "-c", script)
    assert str(mine) in done.err
    assert json.loads(seen.read_text())[0]["content"] == "mine"
    shop("launch", "t", "--prefill", "replace", "--", "sh", "-c", script)
    assert "mine" not in seen.read_text()


def test_doctor_checks_every_part(shop: Runner) -> None:
    checks = shop("doctor", "--json").json["checks"]
    assert {check["name"] for check in checks} == {
        *("python", "settings", "source", "library", "words", "hermes"),
    }
    assert "6 of 6" in shop("demo", "--headless").out


def test_doctor_says_what_is_wrong_to_its_end(shop: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    (shop.folder / "config.toml").write_text('theme = "nord\n')
    lines = shop("doctor", code=1).out.splitlines()
    assert max(map(len, lines)) <= 60
    assert all(line.strip() for line in lines)
    words = " ".join(" ".join(lines).split())
    assert "it is not TOML" in words
    assert "(at line 1, column 14) mend it, or move it away to have the defaults" in words


@pytest.fixture
def damaged(shop: Runner) -> Runner:
    """Two templates: of `bent` one letter of the second version was changed; `sound` is as it was saved."""
    shop("extract", CART, "--name", "sound")
    shop("extract", CART, "--name", "bent")
    shop("extract", MARATHON, "--name", "bent", "--tag", "shop")
    with closing(sqlite3.connect(shop.library)) as db, db:
        db.execute("DROP TRIGGER versions_never_change")
        db.execute("UPDATE versions SET content = replace(content, 'coupon', 'Coupon') WHERE number = 2")
        assert db.execute("SELECT changes()").fetchone() == (1,)
    return shop


@cases("cli/data/uses_of_a_version.jsonl")
def test_a_version_that_is_not_what_was_saved_is_never_used(
    damaged: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    done = damaged(*words, code=5)
    assert "version 2 of the template 'bent'" in done.err
    assert "damaged" in done.err
    assert "backup" in done.err
    assert done.out == ""
    assert not (tmp_path / "out.json").exists()
    assert not (tmp_path / "started").exists()
    assert not damaged.hermes_home.exists()


def test_a_damaged_template_is_listed_as_damaged_and_the_rest_works(damaged: Runner) -> None:
    listed = damaged("list").out.splitlines()
    assert [line.split() for line in listed if "bent" in line] == [["bent", "2", "damaged", "0", "shop"]]
    assert any(line.startswith("sound") and "damaged" not in line for line in listed)
    found = damaged("list", "--json").json
    assert [template["name"] for template in found["templates"]] == ["sound"]
    assert len(found["problems"]) == 1
    damaged("export", "sound", "--to", "hermes-prefill", "-o", str(damaged.library.with_name("out.json")))
    assert damaged("show", "bent@1", "--json").json["version"]["number"] == 1


SECRET = "ghp_" + "a1B2" * 9


def test_a_secret_in_a_name_a_description_or_a_tag_never_reaches_the_library(
    shop: Runner, tmp_path: Path
) -> None:
    words = ("--name", f"token {SECRET}", "--description", f"with {SECRET}", "--tag", f"t {SECRET}")
    made = shop("extract", MARATHON, *words, "--json").json
    assert made["draft"]["name"] == "token ‹secret:github-token›"
    assert made["template"]["tags"] == ["t ‹secret:github-token›"]
    found = shop("list", "--json").json["templates"][0]["id"]
    shop("rename", found, f"renamed {SECRET}")
    shop("duplicate", found, f"copied {SECRET}")
    shop("merge", found, "copied ‹secret:github-token›", "--name", f"merged {SECRET}")
    shop("tag", found, f"more {SECRET}")
    shop("tag", found, "--remove", f"more {SECRET}")
    for target in ("hermes-prefill", "hermes-session", "openai-json"):
        shop("export", found, "--to", target, "-o", str(tmp_path / f"{target}.out"))
    names = [template["name"] for template in shop("list", "--json").json["templates"]]
    assert sorted(names) == [f"{word} ‹secret:github-token›" for word in ("copied", "merged", "renamed")]
    assert shop("show", found, "--json").json["tags"] == ["t ‹secret:github-token›"]
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path.name for path in written if SECRET.encode() in path.read_bytes()]


def test_export_says_which_tool_names_a_provider_refuses(runner: Runner, tmp_path: Path) -> None:
    messages: list[dict[str, object]] = [{"role": "user", "content": "list the orders"}]
    wanted = {"filters": [{"field": "sku", "op": "=", "value": "A-1"}], "sort": {"by": "qty", "desc": True}}
    for number in range(5):
        call_id = f"c{number}"
        arguments = json.dumps({**wanted, "table": "orders", "limit": 5, "page": number})
        call = {
            "id": call_id,
            "type": "function",
            "function": {"name": "shop.orders", "arguments": arguments},
        }
        messages.append({"role": "assistant", "tool_calls": [call]})
        messages.append(
            {"role": "tool", "tool_call_id": call_id, "content": '{"success": true, "rows": [1]}'}
        )
    log = tmp_path / "log.json"
    log.write_text(json.dumps({"id": "dotted", "messages": messages}))
    runner("extract", "dotted", "--name", "dotted", "--source", str(log))
    exported = runner("export", "dotted", "--to", "openai-json")
    assert "shop.orders" in exported.out
    assert "(tool-name-refused)" in exported.err
