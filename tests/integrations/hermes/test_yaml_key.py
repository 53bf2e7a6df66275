from __future__ import annotations

import io
from typing import Any

import pytest
from case_tables import cases
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from warmtui.errors import WarmtuiError
from warmtui.integrations.hermes.yaml_key import read_scalar, restore_key, set_key, source_of

KEY = "prefill_messages_file"
VALUE = "prefill/cart.json"

PLAIN = "a: 1\nprefill_messages_file: old.json  # mine\nb: 2\n"


def loaded(text: str) -> Any:
    yaml = YAML(typ="safe", pure=True)
    yaml.allow_duplicate_keys = True
    value = yaml.load(io.StringIO(text)) or {}
    assert isinstance(value, dict)
    return value


@cases("integrations/hermes/data/yaml_texts.jsonl")
def test_setting_changes_the_key_alone_and_restoring_gives_the_same_bytes(text: str, has_key: bool) -> None:
    edit = set_key(text, KEY, VALUE)
    assert read_scalar(edit.text, KEY) == VALUE
    before, after = loaded(text), loaded(edit.text)
    before.pop(KEY, None)
    assert after.pop(KEY) == VALUE
    assert repr(after) == repr(before)
    assert restore_key(edit.text, KEY, edit.previous, edit.inserted) == text
    assert source_of(text, KEY) == edit.previous
    if text and not has_key:
        assert edit.text.replace(edit.inserted, "", 1) == text, "every line stays as it was"


def test_comments_after_the_value_stay() -> None:
    assert set_key(PLAIN, KEY, VALUE).text == PLAIN.replace("old.json", VALUE)


def test_restoring_keeps_what_else_changed_since() -> None:
    edit = set_key("a: 1\n", KEY, VALUE)
    changed = "# new\n" + edit.text.replace("a: 1", "a: 5") + "z: 9\n"
    assert restore_key(changed, KEY, edit.previous, edit.inserted) == "# new\na: 5\nz: 9\n"
    commented = edit.text.replace(VALUE, f"{VALUE}  # theirs") + "z: 9\n"
    assert restore_key(commented, KEY, edit.previous, edit.inserted) == "a: 1\nz: 9\n"
    edit = set_key(PLAIN, KEY, VALUE)
    assert restore_key(edit.text + "z: 9\n", KEY, edit.previous, edit.inserted) == PLAIN + "z: 9\n"


@cases("integrations/hermes/data/yaml_refused.jsonl", ("[" * 20_000, "too deeply"))
@pytest.mark.slow
def test_what_cannot_be_edited_is_refused(text: str, said: str) -> None:
    with pytest.raises(WarmtuiError, match=said):
        set_key(text, KEY, VALUE)


def test_many_aliases_are_not_expanded() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    text = "\n".join(lines) + "\n"
    assert set_key(text, KEY, VALUE).text.startswith(text)


@pytest.mark.parametrize("value", ["", "~", "null", "False", "0", "''", '"  "', "[a]", "{a: b}"])
def test_values_that_hermes_takes_as_not_set_are_empty(value: str) -> None:
    assert read_scalar(f"{KEY}: {value}\n", KEY) == ""


def test_reading_goes_down_and_takes_the_last() -> None:
    assert read_scalar("agent: {k: 1}\nagent:\n  k: ' two '\n", "agent", "k") == "two"
    assert read_scalar("agent: text\n", "agent", "k") == ""
    assert read_scalar("- a\n", "agent", "k") == ""
    assert read_scalar("", "k") == ""


SCALAR = st.sampled_from(
    ("1", "yes", "'a: b'", '"x\\ny"', "~", "a b", "|\n    block\n    more", ">-\n    fold")
)


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), SCALAR, st.sampled_from(("", "  # why", "\n# between\n\n"))),
        max_size=6,
    ),
    st.sampled_from(("\n", "\r\n")),
    st.booleans(),
)
def test_any_settings_come_back_byte_for_byte(
    settings: list[tuple[str, str, str]], newline: str, closed: bool
) -> None:
    lines = [
        f"{key}: {value}{comment if not value.startswith(('|', '>')) else ''}"
        for key, value, comment in settings
    ]
    text = "\n".join(lines).replace("\n", newline) + (newline if closed and lines else "")
    edit = set_key(text, KEY, VALUE)
    assert read_scalar(edit.text, KEY) == VALUE
    assert restore_key(edit.text, KEY, edit.previous, edit.inserted) == text
