from __future__ import annotations

import sqlite3
from pathlib import Path

from cli_runner import Runner


def test_backup_and_restore(shop: Runner) -> None:
    shop("extract", "20261120_094736", "--name", "one")
    made = shop("library", "backup", "--json").json["backup"]
    shop("delete", "one")
    assert "1 template of" in shop("library", "restore", made).out
    assert "one" in shop("list").out
    assert "exists" in shop("library", "backup", made, code=2).err
    restored = shop("library", "restore", made, "--json").json
    assert (restored["templates"], Path(restored["replaced"]).exists()) == (1, True)


def test_verify_says_what_is_wrong(shop: Runner) -> None:
    assert "does not exist yet" in shop("library", "verify").out
    assert "nothing has been saved" in shop("library", "backup", code=3).err
    shop("extract", "20261120_094736", "--name", "one")
    assert "nothing is wrong" in shop("library", "verify").out
    connection = sqlite3.connect(shop.library)
    connection.executescript("DROP TRIGGER versions_never_change; UPDATE versions SET content = 'x'")
    connection.close()
    done = shop("library", "verify", "--json", code=5)
    assert any("not what was saved" in problem for problem in done.json["problems"])
    assert "2 problems" in shop("library", "verify", code=5).out
