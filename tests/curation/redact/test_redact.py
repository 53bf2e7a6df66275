"""What holds for every redaction: offsets, overlaps, JSON, repetition, known values, hostile text."""

import base64
import json
import time
from urllib.parse import quote

import pytest
from case_tables import cases
from hypothesis import given, settings
from hypothesis import strategies as st

from warmtui.curation.redact import SLOT, Finding, Known, redact, redact_except

TOKEN = "glpat-" + "k3Jd7QpLw92VmXz81TbY"
PASSWORD = "Orbit10$cactus"


def test_a_text_without_secrets_comes_back_as_it_is() -> None:
    text = "ran 3 tests in 0.2s\n"
    assert redact(text) == (text, ())
    assert redact("") == ("", ())


def test_findings_name_kind_rule_place_and_slot_of_the_original() -> None:
    text = f"first {TOKEN} then DB_PASSWORD={PASSWORD}"
    result = redact(text)
    assert result.text == "first ‹secret:gitlab-token› then DB_PASSWORD=‹secret:password›"
    assert result.findings == (
        Finding("gitlab-token", 6, 32, "gitlab-token", "‹secret:gitlab-token›"),
        Finding("password", 50, 64, "password-by-name", "‹secret:password›"),
    )
    assert [text[item.start : item.end] for item in result.findings] == [TOKEN, PASSWORD]


def test_the_longest_of_overlapping_findings_wins_and_then_the_most_specific() -> None:
    assert [item.kind for item in redact(f"GITLAB_TOKEN={TOKEN}").findings] == ["gitlab-token"]
    assert [item.kind for item in redact(f'password = "{TOKEN}+{TOKEN}"').findings] == ["password"]


def test_offsets_hold_when_lower_case_is_longer() -> None:
    text = "İİİİ password=Orbit10$cactus"
    assert redact(text).text == "İİİİ password=‹secret:password›"


@pytest.mark.parametrize("known", [(PASSWORD,), (Known(PASSWORD, "db-password"),)])
def test_a_known_value_is_found_in_every_encoding(known: tuple[str | Known, ...]) -> None:
    for form in (
        PASSWORD,
        quote(PASSWORD, safe=""),
        base64.b64encode(PASSWORD.encode()).decode(),
        base64.b64encode(b"bob:" + PASSWORD.encode() + b"!").decode(),
        base64.b64encode(b"x" + PASSWORD.encode()).decode(),
    ):
        result = redact(f"saw <{form}> there", known)
        assert form not in result.text
        assert len(result.findings) == 1
    kind = redact(PASSWORD, known).findings[0].kind
    assert kind == ("known-value" if known == (PASSWORD,) else "db-password")


@pytest.mark.parametrize("value", ['quo"te\\back', "tab\there", "ünï©ode-value", "a/b/c/d/e", "line\nbreak"])
def test_a_known_value_is_found_in_json_and_in_json_within_json(value: str) -> None:
    for ascii_only in (True, False):
        once = json.dumps({"v": f"a {value} b"}, ensure_ascii=ascii_only)
        twice = json.dumps({"v": once}, ensure_ascii=ascii_only)
        assert json.loads(redact(once, (value,)).text) == {"v": "a ‹secret:known-value› b"}
        assert json.loads(json.loads(redact(twice, (value,)).text)["v"]) == {"v": "a ‹secret:known-value› b"}


def test_a_known_value_is_found_with_percent_escapes_in_lower_case() -> None:
    assert redact("saw a%2fb%2fc7 there", ("a/b/c7",)).text == "saw ‹secret:known-value› there"


def test_known_values_that_say_nothing_are_passed_over() -> None:
    text = "true 8080 abc localhost production xdev1y"
    assert redact(text, ("true", "abc", "localhost", "production", "", "dev1")).text == text
    assert redact("use dev1 here", ("dev1",)).text == "use ‹secret:known-value› here"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"chat_id": -1001234567890, "x": 1}', {"chat_id": "‹personal:chat-id›", "x": 1}),
        ('{"chat_id": 81234567}', {"chat_id": "‹personal:chat-id›"}),
        ('{"pin": 4821}', {"pin": "‹secret:passcode›"}),
        ('{"phone": 4930901820417}', {"phone": "‹personal:phone-number›"}),
    ],
)
def test_a_bare_number_becomes_a_quoted_slot(text: str, expected: dict[str, object]) -> None:
    assert json.loads(redact(text).text) == expected


def test_findings_that_are_kept_stay_and_json_stays_json() -> None:
    text = json.dumps({"pin": 4821, "a": f"use {TOKEN} now", "chat_ids": [812345678, 812345679]})
    kept = redact_except(text, (), lambda value: value in {"4821", "812345679"})
    assert json.loads(kept) == {
        "pin": 4821,
        "a": "use ‹secret:gitlab-token› now",
        "chat_ids": ["‹personal:chat-id›", 812345679],
    }
    assert redact_except(text, (), lambda _value: True) == text


def test_a_bare_number_in_json_within_json_becomes_a_quoted_slot() -> None:
    text = json.dumps({"arguments": json.dumps({"chat_id": 81234567})})
    assert json.loads(json.loads(redact(text).text)["arguments"]) == {"chat_id": "‹personal:chat-id›"}


def test_known_numbers_leave_json_valid() -> None:
    text = '[48219937, {"a": 48219937, "b": "x48219937"}, -48219937.5]'
    assert json.loads(redact(text, ("48219937",)).text) is not None


_SECRETS = st.sampled_from(
    [
        TOKEN,
        f"DB_PASSWORD={PASSWORD}",
        f"password='{PASSWORD}'",
        f'password="{PASSWORD}"',
        f"https://bob:{PASSWORD}@x.corp.io/",
        f"curl -u bob:{PASSWORD} x",
        "-----BEGIN PRIVATE KEY-----\nMIIBVwIBADANBgkqhkiG9w0BAQ\n",
        "-----END PRIVATE KEY-----",
        "password: ",
        "token=",
        'secret="',
        "Cookie: sid=k3Jd7QpLw92VmXz81TbYcR4e; a=b",
        "jane.doe@corp.io",
        "+49 30 2345678",
        "chat_id: 81234567",
        "user,password\nbob,Orbit10$\n",
        "‹secret:password›",
        "\\",
        '"',
        "'",
        "\\n",
        "{",
        "}",
        ":",
        "=",
        " ",
        "\n",
    ]
)
_TEXTS = st.lists(st.one_of(_SECRETS, st.text(max_size=6)), max_size=8).map("".join)


@settings(max_examples=200, deadline=None)
@given(_TEXTS)
def test_redacting_again_finds_nothing_more(text: str) -> None:
    once = redact(text).text
    assert redact(once) == (once, ())


@settings(max_examples=200, deadline=None)
@given(_TEXTS)
def test_findings_are_ordered_apart_and_account_for_every_change(text: str) -> None:
    redacted, findings = redact(text)
    at = 0
    parts = []
    for item in findings:
        assert at <= item.start < item.end <= len(text)
        parts += [text[at : item.start], item.slot]
        at = item.end
    assert all(SLOT.fullmatch(item.slot) for item in findings)
    plain = "".join([*parts, text[at:]])
    assert plain.replace('"', "") == redacted.replace('"', "")


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.one_of(_TEXTS, st.integers(), st.none(), st.booleans()),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(
                st.sampled_from(["password", "api_key", "chat_id", "pin", "x", "phone"]), inner, max_size=3
            ),
        ),
        max_leaves=6,
    ).filter(lambda value: isinstance(value, dict | list)),
    st.booleans(),
    st.sampled_from([(), ("48219937",), ('quo"te\\',)]),
)
def test_json_stays_json(value: object, ascii_only: bool, known: tuple[str, ...]) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    json.loads(redact(text, known).text)
    nested = json.dumps({"arguments": text})
    json.loads(redact(nested, known).text)


def test_json_of_a_broken_secret_is_cut_at_its_string() -> None:
    text = json.dumps(
        {"a": "-----BEGIN PRIVATE KEY-----\nMIIBVwIBADANBgkqhkiG9w0BAQ", "b": "-----END PRIVATE KEY-----"}
    )
    result = json.loads(redact(text).text)
    assert "MIIBVw" not in result["a"]
    assert "b" in result


@pytest.mark.parametrize(
    "text",
    [
        "\ud800 password=Orbit10$cactus \udfff",
        "\0password=Orbit10$cactus\0",
        '{"password": "Orbit10$cactus',
        "[" * 100_000 + '"password=Orbit10$cactus"',
        '{"a":' * 50_000 + '"glpat-k3Jd7QpLw92VmXz81TbY"' + "}" * 50_000,
    ],
    ids=["surrogates", "nul", "cut-off", "deep-list", "deep-object"],
)
def test_broken_text_is_redacted_all_the_same(text: str) -> None:
    redacted = redact(text).text
    assert "Orbit10$cactus" not in redacted
    assert "k3Jd7QpLw92V" not in redacted


_SIZE = 200_000


def _seconds(text: str) -> float:
    started = time.process_time()
    redact(text)
    return time.process_time() - started


@pytest.fixture(scope="module")
def benign_seconds() -> float:
    sentence = "The quick brown fox reads src/module/part_one.py at line 42 and says nothing. "
    text = (sentence * (_SIZE // len(sentence) + 1))[:_SIZE]
    return min(_seconds(text) for _ in range(3))


@cases("curation/redact/data/slow_pieces.jsonl")
@pytest.mark.slow
def test_hostile_text_costs_little_more_than_prose(unit: str, benign_seconds: float) -> None:
    text = unit * (_SIZE // len(unit))
    limit = 60 * max(benign_seconds, 0.01)
    assert _seconds(text) < limit or _seconds(text) < limit
