"""File names from template names."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from warmtui.exchange.targets import slug


@given(st.text())
def test_every_name_gives_a_safe_file_name(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,79}", slug(name))


def test_two_names_never_meet() -> None:
    names = ["shop", "Shop", "shop!", "../shop", "shop/", "SHOP", "日本", "日本語"]
    assert len({slug(name) for name in names}) == len(names)
    assert slug("shop") == "shop"
