"""A person's first template by keys alone: from the start to the request that stock Hermes sends with it.

`WARMTUI_SHOW_SCREENS=FOLDER` writes every screen on the way into a file per size.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from stock_hermes import StockHermes, as_sent
from terminal import warmtui
from tmux import PROGRAM, Tmux

from warmtui.cli.care import recording

pytestmark = [pytest.mark.hermes, pytest.mark.skipif(PROGRAM is None, reason="tmux is not here")]
MOST = 25
"""Keys that the whole way may take, besides words that are typed."""
ASKED = "make coupons expire"
COMMAND = f"hermes chat -q '{ASKED}' -Q --yolo"


@pytest.fixture
def socket() -> Iterator[Path]:
    """A path for a socket; those under pytest's folders are too long for one."""
    with tempfile.TemporaryDirectory(prefix="wt") as folder:
        yield Path(folder) / "s"


@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["120x36", "80x24"])
def test_from_the_start_to_what_hermes_sends_in_25_keys(
    hermes: StockHermes, socket: Path, size: tuple[int, int]
) -> None:
    shutil.copyfile(recording("state.db"), hermes.state_db)
    environ = {**hermes.env, "WARMTUI_LIBRARY": str(hermes.home.parent / "library.db")}
    with Tmux(warmtui(), environ, hermes.work, size=size, socket=socket) as app:
        try:
            walk(app)
        finally:
            show(app, size)

    assert len(app.pressed) <= MOST, app.pressed
    exported = json.loads((hermes.work / "shop.json").read_bytes())
    assert "in whole cents: " in json.dumps(exported), "the edited item"
    # from the app, with R
    sent = hermes.model.last_messages()
    assert sent[0]["role"] == "system"
    assert sent[1:-1] == as_sent(exported)
    assert sent[-1] == {"role": "user", "content": ASKED}
    # and without it, with the file that was exported
    hermes.chat(ASKED, env={"HERMES_PREFILL_MESSAGES_FILE": str(hermes.work / "shop.json")})
    assert len(hermes.model.requests()) == 2
    assert hermes.model.last_messages()[1:] == sent[1:]


def walk(app: Tmux) -> None:
    """Find a session, take what it offers, edit one item, look, save, export, start the agent."""
    app.expect("the start", lambda text: "Where to begin" in text and "Coupon marathon" in text)
    app.press("f", until="● live")
    app.press("/", until="errors<5%")
    app.write("coupon marathon", until="1 of 14")
    app.press("Enter", until="enter timeline")
    app.press("c", until="worth keeping")
    app.press("a", until="took 5")
    app.press("Tab", until="K/J move")
    app.press("j", "j", "j", until="▸ 1 terminal `")
    app.press("e", until="esc done")
    app.write("in whole cents: ")
    app.press("Escape", until="K/J move")
    app.press("p", until="before ours")
    app.press("w", until="Save as a template")
    app.write("shop")
    app.press("Enter", until="v1 saved")
    app.press("x", until="Writes ")
    app.press("Enter", until="wrote shop.json")
    app.press("R", until="Start the agent")
    app.write(COMMAND, until=ASKED[-12:])
    app.press("Enter", until="Enter goes back")
    app.press("Enter", until="its session:")


def show(app: Tmux, size: tuple[int, int]) -> None:
    """Write the screens down where somebody wants to read them."""
    folder = os.environ.get("WARMTUI_SHOW_SCREENS")
    if folder:
        count = f"{len(app.pressed)} keys: {' '.join(app.pressed)}; typed: {app.typed}\n"
        file = Path(folder) / f"first-template-{size[0]}x{size[1]}.txt"
        file.write_text("\n".join([count, *app.screens]), encoding="utf-8")
