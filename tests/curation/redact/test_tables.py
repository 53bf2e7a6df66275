"""Tables of places where secrets and personal data stand, and of text that only looks like it.

Each table is a file of JSON lines in `data/`. In `password_places` and `token_places`, ◊ is where the value
stands. In `vendor_tokens`, `<36 hex>` is a run of 36 random characters of that alphabet, letters and digits
without one: real-looking tokens are made here, so that no scanner finds them in the repository.
"""

from __future__ import annotations

import base64
import json
import random
import re
import string
from pathlib import Path
from typing import Any

import pytest

from warmtui.curation.redact import redact

DATA = Path(__file__).parent / "data"
PASSWORDS = ["kiK2ZWeqhFWCE7QPyYngFb51", "Orbit10$", "velvet-cactus14", "harbor.cactus53", "NX!!Pbxsdf"]
TOKENS = ["k9382dffx1kVZQ2tqMnMc7QLRkBOzZU3G8xI7CGr", "c74bf20f876ffc4747ec0251908fcdce"]
ALPHABETS = {
    "": string.ascii_letters + string.digits,
    "letters": string.ascii_letters,
    "digits": string.digits,
    "hex": "0123456789abcdef",
    "upper": string.ascii_uppercase + string.digits,
    "base58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    "bech32": "023456789ACDEFGHJKLMNPQRSTUVWXYZ",
}
SURROUNDINGS = [
    "◊",
    "it's ◊ and it stopped working",
    "ERROR auth failed for key ◊ (status=401)",
    "`◊`",
    "(◊)",
    "a,◊,b",
    "x\t◊\n",
    '{"output": "first\\n◊\\nlast"}',
    "\x1b[32m◊\x1b[0m",
]


def table(name: str) -> list[Any]:
    """Return the rows of a table."""
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def characters(count: int, alphabet: str = "") -> str:
    """Return a run of random characters that is the same every time."""
    chance = random.Random(f"{count}{ALPHABETS[alphabet]}")
    return "".join(chance.choice(ALPHABETS[alphabet]) for _ in range(count))


def vendor_token(pattern: str) -> str:
    """Return a token for a pattern of `vendor_tokens`."""

    def part(value: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    claims = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part({'sub': '81', 'iat': 1700924259})}"
    pattern = pattern.replace("<jwt>", f"{claims}.<43>")
    return re.sub(r"<(\d+) ?(\w*)>", lambda match: characters(int(match[1]), match[2]), pattern)


@pytest.mark.parametrize("value", PASSWORDS)
def test_no_password_survives_in_any_place(value: str) -> None:
    texts = [place.replace("◊", value) for place in table("password_places")]
    assert [text for text in texts if value in redact(text).text] == []


@pytest.mark.parametrize("value", TOKENS)
def test_no_token_survives_in_any_place(value: str) -> None:
    texts = [place.replace("◊", value) for place in table("token_places")]
    assert [text for text in texts if value in redact(text).text] == []


@pytest.mark.parametrize("surrounding", SURROUNDINGS)
def test_vendor_tokens_are_found_whole_in_any_surrounding(surrounding: str) -> None:
    before, after = surrounding.split("◊")
    for row in table("vendor_tokens"):
        kind, token = row["kind"], vendor_token(row["token"])
        result = redact(before + token + after)
        assert result.text == f"{before}‹secret:{kind}›{after}"
        assert [(finding.kind, finding.start, finding.end) for finding in result.findings] == [
            (kind, len(before), len(before) + len(token))
        ]


def test_personal_data_is_replaced() -> None:
    for row in table("personal"):
        result = redact(row["text"])
        assert result.text == row["redacted"]
        assert all(finding.slot.startswith("‹personal:") for finding in result.findings)


def test_harmless_text_has_no_findings() -> None:
    assert [text for text in table("harmless") if redact(text).findings] == []


def test_personal_data_in_json_within_json_is_found_and_json_kept() -> None:
    text = json.dumps({"arguments": json.dumps({"to": "jane@corp.io", "chat_id": 81923746})})
    inner = json.loads(json.loads(redact(text).text)["arguments"])
    assert inner == {"to": "‹personal:email›", "chat_id": "‹personal:chat-id›"}
