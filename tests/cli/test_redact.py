from __future__ import annotations

import io
import json
import sys

import pytest
from cli_runner import Runner

from warmtui.cli.main import main

TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


def give(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_a_text_comes_out_masked_and_otherwise_as_it_was(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = b"before \xff\r\ntoken=" + TOKEN.encode() + b"\nafter"
    file = runner.folder / "log"
    file.write_bytes(given)
    give(monkeypatch, given)
    for words in (["redact"], ["redact", str(file)]):
        runner.capture.readouterr()
        assert main(words) == 0
        out, err = runner.capture.readouterr()
        assert out == given.replace(TOKEN.encode(), "‹secret:github-token›".encode())
        assert err == b"warmtui: masked 1 place: github-token 1\n"


def test_nothing_recognised_is_not_called_nothing(runner: Runner) -> None:
    file = runner.folder / "log"
    file.write_text("hello\n")
    assert (done := runner("redact", str(file))).out == "hello\n"
    assert done.err == "warmtui: none recognised\n"


def test_lines_are_answered_one_by_one(runner: Runner) -> None:
    file = runner.folder / "lines.jsonl"
    lines = [json.dumps({"text": f"use {TOKEN} now"}), "", "[1]", "{", json.dumps({"text": "plain"})]
    file.write_text("\n".join(lines))
    done = runner("redact", "--jsonl", str(file), code=1)
    masked, no_object, no_json, plain = map(json.loads, done.out.splitlines())
    assert masked["text"] == "use ‹secret:github-token› now"
    (finding,) = masked["findings"]
    assert finding == {**finding, "kind": "github-token", "start": 4, "end": 4 + len(TOKEN)}
    assert plain == {"text": "plain", "findings": []}
    assert (no_object["text"], no_json["text"]) == (None, None)
    assert "line 3: it is no object" in done.err
    assert "line 4: it is not JSON" in done.err


def test_the_machine_s_own_keys_are_masked(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_API_KEY", "plainwords-nobody-would-guess")
    file = runner.folder / "log"
    file.write_text("it said plainwords-nobody-would-guess and ended\n")
    assert "plainwords" not in runner("redact", str(file)).out


def test_what_cannot_be_read_is_named(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No such file" in runner("redact", str(runner.folder / "missing"), code=1).err
    assert "Is a directory" in runner("redact", str(runner.folder), code=1).err
    monkeypatch.setattr("warmtui.cli.redact.LARGEST", 10)
    file = runner.folder / "log"
    file.write_text("x" * 11)
    assert "more than 10 bytes" in runner("redact", str(file), code=1).err
    assert "line 1" in runner("redact", "--jsonl", str(file), code=1).err
