"""Folders as placeholders."""

from __future__ import annotations

import json
import re
import time

import pytest
from case_tables import cases
from hypothesis import assume, given
from hypothesis import strategies as st

from warmtui.curation.folders import Folders, SessionFolders, make_relative, mask_folders, resolve_folders

HOME, CWD = "/home/dev", "/home/dev/shop"
PIECES = [
    "/home/dev/shop",
    "/home/dev",
    "/home/dev/shop2",
    "{cwd}",
    "{home}",
    "{{cwd}}",
    "{",
    "}",
    "a",
    " ",
    "/",
]
PIECES += ["src/x.py", "\\", '"', ".", "-", "\n", "é"]
TEXT = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


def only_own_home(text: str) -> bool:
    return all(home == HOME for home in re.findall(r"/home/[\w.\\-]*", text))


@given(TEXT)
def test_the_same_folders_give_the_text_back(text: str) -> None:
    assume(only_own_home(text))
    assert resolve_folders(mask_folders(text, home=HOME, cwd=CWD), Folders(home=HOME, cwd=CWD)) == text


@given(TEXT, st.sampled_from(["/srv/it", 'C:\\work "x"', "/", "/tmp/é"]))
def test_json_stays_json_wherever_it_goes(text: str, elsewhere: str) -> None:
    arguments = json.dumps({"command": text, text: [text]})
    masked = mask_folders(arguments, home=HOME, cwd=CWD, is_json=True)
    json.loads(masked)
    json.loads(resolve_folders(masked, Folders(home=elsewhere, cwd=elsewhere), is_json=True))


@cases("curation/data/masked_folders.jsonl")
def test_masks(text: str, masked: str) -> None:
    assert mask_folders(text, home=HOME, cwd=CWD) == masked


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("first\n/home/dev/shop/x\n/home/ann/y\t/home/dev", "first\n{cwd}/x\n{home}/y\t{home}"),
        ("C:\\Users\\ann\\x", "{home}\\x"),
        ("/home/jürgen/x", "{home}/x"),
    ],
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_paths_in_json_and_in_json_within_json_are_masked(value: str, masked: str, ascii_only: bool) -> None:
    once = json.dumps({"v": value}, ensure_ascii=ascii_only)
    assert json.loads(mask_folders(once, home=HOME, cwd=CWD, is_json=True)) == {"v": masked}
    twice = json.dumps({"v": once}, ensure_ascii=ascii_only)
    inner = json.loads(mask_folders(twice, home=HOME, cwd=CWD, is_json=True))["v"]
    assert json.loads(inner) == {"v": masked}


@pytest.mark.parametrize("folder", ["/home/dév/shop", "D:\\work\\shop", '/srv/a "b"'])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_folder_is_known_in_every_spelling_of_json(folder: str, ascii_only: bool) -> None:
    once = json.dumps({"v": f"cd '{folder}'"}, ensure_ascii=ascii_only)
    twice = json.dumps({"v": once}, ensure_ascii=ascii_only)
    for text in (once, twice):
        assert "cd '{cwd}'" in mask_folders(text, home=None, cwd=folder, is_json=True)


def test_root_is_a_home_when_it_is_given_or_worked_in() -> None:
    assert mask_folders("/root/.ssh /root/x/a", home=None, cwd="/root/x") == "{home}/.ssh {cwd}/a"
    assert mask_folders("/root/.ssh", home="/root", cwd=None) == "{home}/.ssh"
    assert mask_folders("/root/.ssh /rootless", home=None, cwd="/rootless") == "/root/.ssh {cwd}"


def test_no_folder_is_masked_for_nothing() -> None:
    assert mask_folders("/ and /etc", home="/", cwd="") == "/ and /etc"
    assert mask_folders("/root/x /home/ann", home=None, cwd=None) == "/root/x {home}"


@pytest.mark.parametrize("piece", ["/home/", "C:\\Users\\", "{", "{cwd", "}", "/home/dev/shop", "{{cwd}}"])
@pytest.mark.slow
def test_time_grows_with_length_and_no_faster(piece: str) -> None:
    def seconds(count: int) -> float:
        text = piece * count
        start = time.process_time()
        resolve_folders(mask_folders(text, home=HOME, cwd=CWD), Folders(home=HOME, cwd=CWD))
        return time.process_time() - start

    short = min(seconds(4_000) for _ in range(3))
    assert min(seconds(40_000) for _ in range(3)) < 40 * short + 0.01


SHOP = SessionFolders("/home/ann", "/home/ann/shop")
RELATIVE_PIECES = st.lists(
    st.sampled_from(
        [
            "/home/ann/shop",
            "/home/ann",
            "/home/bob",
            "{cwd}",
            "{home}",
            "{{cwd}}",
            "{",
            "}",
            "/",
            "a",
            " ",
            "place0x0z",
        ]
    ),
    max_size=8,
).map("".join)


def test_folders_become_placeholders_and_placeholders_stay() -> None:
    text = "cd /home/ann/shop && ls {cwd}/src {{cwd}} /home/ann/.x /home/bob/y"
    assert make_relative(text, SHOP) == "cd {cwd} && ls {cwd}/src {{cwd}} {home}/.x {home}/y"


def test_in_json_a_folder_is_found_as_json_holds_it() -> None:
    folder = 'C:\\my "shop"'
    text = json.dumps({"path": folder + "\\a", "at": "{cwd}"})
    made = make_relative(text, SessionFolders(None, folder), is_json=True)
    assert json.loads(made) == {"path": "{cwd}\\a", "at": "{cwd}"}


@given(RELATIVE_PIECES)
def test_doing_it_again_changes_nothing(text: str) -> None:
    once = make_relative(text, SHOP)
    assert make_relative(once, SHOP) == once


@given(RELATIVE_PIECES.filter(lambda text: "{cwd}" not in text and "{home}" not in text))
def test_without_placeholders_it_is_what_masking_does(text: str) -> None:
    assert make_relative(text, SHOP) == mask_folders(text, home=SHOP.home, cwd=SHOP.cwd)


def test_what_was_relative_resolves_as_before() -> None:
    made = make_relative("{cwd}/a and /home/ann/shop/b", SHOP)
    assert resolve_folders(made, Folders(home="/h", cwd="/w")) == "/w/a and /w/b"


@pytest.mark.parametrize("piece", ["{", "{{cwd}", "/home/ann", "place0x", "{cwd"])
def test_it_costs_no_more_than_the_length(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        begin = time.process_time()
        make_relative(text, SHOP)
        return time.process_time() - begin

    small = min(seconds(4_000) for _ in range(3))
    assert seconds(40_000) < 60 * small + 0.05
