"""The whole way, as a person goes it: a state.db that stock Hermes wrote, to the request it sends next."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from stock_hermes import StartHermes, StockHermes, as_sent

from warmtui.workspace.workers import child_python

pytestmark = pytest.mark.hermes

WORK: list[dict[str, Any]] = [
    {"content": "", "calls": [["read_file", {"path": "shop/cart.py"}]]},
    {"content": "", "calls": [["terminal", {"command": "cat src/cart.py"}]]},
    {"content": "", "calls": [["terminal", {"command": "nosetests tests"}]]},
    {"content": "", "calls": [["terminal", {"command": "python3 -m unittest discover -s tests"}]]},
    {"content": "", "calls": [["terminal", {"command": "python3 -m unittest discover -s tests"}]]},
    {"content": "All green."},
]


def warmtui(hermes: StockHermes, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command in Hermes' folder, with Hermes' environment."""
    done = subprocess.run(
        child_python("-m", "warmtui", *words),
        cwd=hermes.work,
        env={**hermes.env, "WARMTUI_LIBRARY": str(hermes.home.parent / "library.db")},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == code, done.stderr
    return done


def answer(hermes: StockHermes, *words: str) -> Any:
    return json.loads(warmtui(hermes, *words, "--json").stdout)


def project(folder: Path) -> None:
    (folder / "src").mkdir()
    (folder / "src" / "cart.py").write_text("def total(items):\n    return sum(items)\n")
    (folder / "tests").mkdir()
    (folder / "tests" / "test_cart.py").write_text(
        "import sys, unittest\nsys.path.insert(0, 'src')\nimport cart\n\n\n"
        "class T(unittest.TestCase):\n"
        "    def test_total(self):\n        self.assertEqual(cart.total([1, 2]), 3)\n"
    )


def test_from_a_state_db_to_what_the_next_session_is_sent(start_hermes: StartHermes) -> None:
    hermes = start_hermes(WORK)
    project(hermes.work)
    session = hermes.talk("are the cart tests green?")

    [row] = answer(hermes, "sessions")["sessions"]
    assert row["id"] == session
    assert (row["calls"], row["errors"], row["ok"]) == (5, 2, 3)

    fixes = [recovery["fixed"]["arguments"] for recovery in answer(hermes, "profile", session)["recoveries"]]
    assert any("cat src/cart.py" in fix for fix in fixes)
    assert any("unittest" in fix for fix in fixes)

    made = answer(hermes, "extract", session, "--name", "cart")
    assert made["chosen"][0]["kind"] == "recovery"
    assert str(hermes.work) not in json.dumps(made["draft"])

    asked = "add a discount"
    shown = answer(hermes, "test", "cart", asked)
    done = warmtui(hermes, "launch", "cart", "--", "hermes", "chat", "-q", asked, "-Q", "--yolo")
    sent = hermes.model.last_messages()
    assert sent[0]["role"] == "system"
    assert sent[1:] == as_sent(shown)

    started = done.stderr.split("started session ")[1].split()[0]
    [used] = answer(hermes, "list")["templates"]
    assert used["usage"]["started"] == 1
    with closing(sqlite3.connect(hermes.home.parent / "library.db")) as library:
        assert library.execute("SELECT session_id FROM uses").fetchall() == [(started,)]
    # a prefill is never stored: the new session holds only what was said in it
    new = next(row for row in answer(hermes, "sessions")["sessions"] if row["id"] == started)
    assert new["messages"] == 2
    assert new["calls"] == 0


def test_the_recordings_start_stock_hermes(start_hermes: StartHermes, recordings: Path) -> None:
    hermes = start_hermes([])
    source = ("--source", str(recordings))
    warmtui(hermes, "extract", "20261120_094736", "--name", "shop", *source)
    exported = json.loads(warmtui(hermes, "export", "shop").stdout)
    warmtui(hermes, "launch", "shop", "--", "hermes", "chat", "-q", "make coupons expire", "-Q", "--yolo")
    sent = hermes.model.last_messages()
    assert [message["role"] for message in sent[:1]] == ["system"]
    assert sent[1:-1] == as_sent(exported)
    assert sent[-1] == {"role": "user", "content": "make coupons expire"}
