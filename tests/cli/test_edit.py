"""Changing templates by command: rename, duplicate, merge, edit."""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path

import pytest
from cli_runner import Runner

MARATHON = "20261120_094736"
CART = "20261120_094657"


@pytest.fixture
def two(shop: Runner) -> Runner:
    """A library of two templates, `a` and `b`."""
    shop("extract", MARATHON, "--name", "a", "--tag", "x")
    shop("extract", CART, "--name", "b", "--tag", "y")
    return shop


def editor(two: Runner, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let $EDITOR be a program that runs `code` with `file`, the path, and `text`, what stands in it."""
    script = two.folder / "my editor.py"
    script.write_text(
        f"import json, pathlib, sys\nfile = pathlib.Path(sys.argv[1])\ntext = file.read_text()\n{code}\n"
    )
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f'{sys.executable} "{script}"')


def test_what_cannot_be_merged_renamed_or_copied_is_said(two: Runner) -> None:
    assert "exists already" in two("rename", "a", "b", code=5).err
    assert "exists already" in two("duplicate", "a", "b", code=5).err
    assert "exists already" in two("merge", "a", "b", "--name", "b", code=5).err
    assert "each once" in two("merge", "a", "a", "--name", "c", code=2).err
    assert "each once" in two("merge", "a", "--name", "c", code=2).err


def test_edit_saves_a_new_version_masked(two: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    token = "ghp_" + "a1B2c3D4e5F6" * 3
    change = (
        f"d = json.loads(text); d['description'] = 'by hand'; d['seed']['system_context'] = 'use {token}'"
    )
    editor(two, monkeypatch, f"{change}; file.write_text(json.dumps(d))")
    assert "version 2" in two("edit", "a").out
    version = two("show", "a", "--json").json["version"]
    assert version["description"] == "by hand"
    assert token not in json.dumps(version)
    assert version["seed"]["system_context"].startswith("use ‹secret:")


def test_edit_without_a_change_saves_nothing(two: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(two, monkeypatch, "pass")
    assert "not changed" in two("edit", "a").err
    assert two("show", "a", "--json").json["versions"] == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("file.write_text('{\"name\": ')", "EOF"),
        ("d = json.loads(text); d['seed']['nonsense'] = 1; file.write_text(json.dumps(d))", "seed.nonsense"),
        ("file.write_bytes(b'\\xff\\xfe rubbish')", "UTF-8"),
        ("d = json.loads(text); d['name'] = 'b'; file.write_text(json.dumps(d))", "exists already"),
        ("file.write_text('mine'); sys.exit(3)", "returned 3"),
    ],
)
def test_what_cannot_be_saved_is_kept(
    two: Runner, monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    editor(two, monkeypatch, code)
    done = two("edit", "a", code=None)
    assert done.code in (1, 2, 5)
    assert words in done.err
    found = re.search(r"kept in (\S+\.json)", done.err)
    assert found
    kept = Path(found.group(1))
    assert kept.read_bytes()
    assert kept.stat().st_mode & 0o077 == 0, "nobody else may read it"
    kept.unlink()
    assert two("show", "a", "--json").json["versions"] == 1


def test_a_missing_editor_is_said(two: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "/no/such/editor")
    assert "could not be started" in two("edit", "a", code=1).err
    monkeypatch.setenv("EDITOR", "'unclosed")
    assert "cannot be read" in two("edit", "a", code=2).err
    monkeypatch.setenv("EDITOR", " ")
    monkeypatch.setenv("VISUAL", "/no/such/editor")
    assert "/no/such/editor could not be started" in two("edit", "a", code=1).err


def test_a_blank_visual_is_none(two: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    editor(two, monkeypatch, "pass")
    monkeypatch.setenv("VISUAL", " ")
    assert "not changed" in two("edit", "a").err


@pytest.mark.parametrize(
    ("code", "words"), [("file.unlink()", "left no file"), ("sys.exit(1)", "returned 1; nothing was changed")]
)
def test_an_editor_that_leaves_nothing_leaves_no_file_behind(
    two: Runner, monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(two.folder))
    editor(two, monkeypatch, code)
    assert words in two("edit", "a", code=1).err
    assert not list(two.folder.glob("warmtui-edit-*"))
