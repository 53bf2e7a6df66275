"""How a session is named: every choice that an error lists names exactly one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from warmtui.errors import AmbiguousError, NotFoundError
from warmtui.model.session import SessionHeader
from warmtui.workspace.references import CHOICES, find_header, fitting, reference_of

HOME = "/home/u/.hermes/state.db"
WORK = "/home/u/.hermes/profiles/work/state.db"
HEADERS = [
    SessionHeader("20261120_0947", "hermes", HOME, title="Fix the build"),
    SessionHeader("20261120_1015", "hermes", HOME),
    SessionHeader("20261120_1015", "hermes", WORK),
    SessionHeader("20261120_1015", "codex", "/home/u/.codex/sessions"),
    SessionHeader("20261130_0001", "hermes", WORK, title="fix THE build"),
    SessionHeader("agent:main:telegram:7", "hermes", HOME),
    SessionHeader("7", "openai", "/data/a:b/runs.jsonl"),
    SessionHeader("7", "openai", r"C:\Users\u\runs.jsonl"),
    SessionHeader("71", "openai", r"C:\Users\u\runs.jsonl"),
]


@pytest.mark.parametrize(
    ("reference", "fits"),
    [
        ("20261120_0947", [0]),
        ("20261120_09", [0]),
        ("20261120_1015", [1, 2, 3]),
        ("hermes:20261120_1015", [1, 2]),
        ("codex:20261120_1015", [3]),
        ("codex:2026", [3]),
        (f"{HOME}:20261120_1015", [1]),
        (f"{WORK}:20261120_1015", [2]),
        ("work/state.db:20261120_1015", [2]),
        ("profiles/work:20261120_10", [2]),
        ("ork/state.db:20261120_1015", []),
        ("/work/state.db:20261120_1015", []),
        ("state.db:20261120_1015", [1, 2]),
        ("/home/u/.hermes:20261120_1015", [1]),
        ("sessions:20261120_1015", [3]),
        ("agent:main:telegram:7", [5]),
        ("agent:main", [5]),
        ("hermes:agent:main:telegram:7", [5]),
        (f"{HOME}:agent:main:telegram:7", [5]),
        (f"{HOME}:agent:", [5]),
        ("7", [6, 7]),
        ("/data/a:b/runs.jsonl:7", [6]),
        ("a:b/runs.jsonl:7", [6]),
        ("runs.jsonl:7", [6, 7]),
        (r"C:\Users\u\runs.jsonl:7", [7]),
        ("C:/Users/u/runs.jsonl:7", [7]),
        (r"u\runs.jsonl:71", [8]),
        ("fix the build", [0, 4]),
        ("", []),
        (":", []),
        ("hermes:", []),
        (":7", []),
        ("\0:7", []),
    ],
)
def test_what_a_reference_names(reference: str, fits: list[int]) -> None:
    assert [HEADERS.index(header) for header in fitting(reference, HEADERS)] == fits


def test_every_session_has_a_reference_of_its_own() -> None:
    references = [reference_of(header, HEADERS) for header in HEADERS]
    assert [find_header(reference, HEADERS) for reference in references] == HEADERS
    assert references[:4] == [
        "20261120_0947",
        ".hermes/state.db:20261120_1015",
        "work/state.db:20261120_1015",
        "codex:20261120_1015",
    ]
    assert references[6:8] == ["a:b/runs.jsonl:7", r"u\runs.jsonl:7"]


@pytest.mark.parametrize("reference", ["20261120_1015", "hermes:20261120_1015", "7", "2026", "fix the build"])
def test_each_choice_of_an_ambiguous_reference_names_one(reference: str) -> None:
    with pytest.raises(AmbiguousError) as raised:
        find_header(reference, HEADERS)
    choices = re.sub(r" and \d+ more$", "", raised.value.what.split("…: ")[1]).split(", ")
    fits = fitting(reference, HEADERS)
    assert [find_header(choice, HEADERS) for choice in choices] == fits[:CHOICES]


def test_nothing_of_that_name() -> None:
    with pytest.raises(NotFoundError, match="did you mean 20261120_0947"):
        find_header("20261120_0948", HEADERS)
    with pytest.raises(NotFoundError, match="see: warmtui sessions --all"):
        find_header("zz", HEADERS)


def test_paths_relative_to_the_folder_and_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    headers = [SessionHeader("7", "openai", str(tmp_path.resolve() / name)) for name in ("x.json", "y.json")]
    assert fitting("./x.json:7", headers) == fitting("~/x.json:7", headers) == headers[:1]
