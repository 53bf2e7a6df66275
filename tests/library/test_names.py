from __future__ import annotations

import pytest
from case_tables import cases
from hypothesis import given
from hypothesis import strategies as st

from warmtui.errors import UsageError
from warmtui.library.names import Ref, checked_name, checked_tags, id_start, parsed_ref


@cases("library/data/good_names.jsonl")
def test_names_that_can_be(name: str) -> None:
    assert checked_name(name) == name


def test_names_are_stripped_and_composed() -> None:
    assert checked_name("  Cafe\u0301 ") == "Café"


@cases("library/data/bad_names.jsonl", ("n" * 10_000_000, "characters"))
def test_names_that_cannot_be(name: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as raised:
        checked_name(name)
    assert raised.value.exit_code == 2
    assert len(str(raised.value)) < 300


@given(st.text())
def test_a_checked_name_stays_what_it_is_and_names_no_version(text: str) -> None:
    try:
        name = checked_name(text)
    except UsageError:
        return
    assert checked_name(name) == name
    assert parsed_ref(name) == Ref(name, None)
    assert parsed_ref(f"{name}@7") == Ref(name, 7)


def test_tags() -> None:
    assert checked_tags([" b ", "a", "b", "a/b", "1@2"]) == ("1@2", "a", "a/b", "b")
    for tag in ("", " ", "x" * 61, "a\x1fb", "\ud800"):
        with pytest.raises(UsageError, match="tag"):
            checked_tags([tag])


def test_references() -> None:
    assert parsed_ref(" deploy ") == Ref("deploy", None)
    assert parsed_ref("deploy @2") == Ref("deploy", 2)
    assert parsed_ref("a@b") == Ref("a@b", None)
    assert parsed_ref("a@" + "9" * 1_000_000).version == 9_999_999_999
    assert parsed_ref("x\ud800") == Ref("x\ufffd", None)
    for ref in ("", "  ", "@2", "deploy@0"):
        with pytest.raises(UsageError):
            parsed_ref(ref)


def test_starts_of_ids() -> None:
    assert id_start("t_a") == "t_a"
    assert id_start("T_ABC") == "t_abc"
    for text in ("t_", "t", "", "t_a1", "x_abc", "t_aaaaaaaaaaa", "t_" + "a" * 10_000_000):
        assert id_start(text) is None
