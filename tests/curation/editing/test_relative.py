"""Paths made relative in texts that hold placeholders already."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warmtui.curation.bootstrap import Folders
from warmtui.curation.editing.relative import SessionFolders, make_relative
from warmtui.curation.folders import mask_folders, resolve_folders

SHOP = SessionFolders("/home/ann", "/home/ann/shop")
PIECES = st.lists(
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


@given(PIECES)
def test_doing_it_again_changes_nothing(text: str) -> None:
    once = make_relative(text, SHOP)
    assert make_relative(once, SHOP) == once


@given(PIECES.filter(lambda text: "{cwd}" not in text and "{home}" not in text))
def test_without_placeholders_it_is_what_masking_does(text: str) -> None:
    assert make_relative(text, SHOP) == mask_folders(text, home=SHOP.home, cwd=SHOP.cwd)


def test_what_was_relative_resolves_as_before() -> None:
    made = make_relative("{cwd}/a and /home/ann/shop/b", SHOP)
    here = Folders(home="/h", cwd="/w")
    assert resolve_folders(made, home=here.home, cwd=here.cwd) == "/w/a and /w/b"


@pytest.mark.parametrize("piece", ["{", "{{cwd}", "/home/ann", "place0x", "{cwd"])
def test_it_costs_no_more_than_the_length(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        begin = time.process_time()
        make_relative(text, SHOP)
        return time.process_time() - begin

    small = min(seconds(4_000) for _ in range(3))
    assert seconds(40_000) < 60 * small + 0.05
