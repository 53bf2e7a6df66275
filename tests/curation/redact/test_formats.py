"""Vendors' tokens, structures and keys: found wherever they stand, with values made on the spot."""

import base64
import random
import string

import pytest

from warmtui.curation.redact import redact

_BASE62 = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"


def _run(count: int, alphabet: str = _BASE62) -> str:
    chance = random.Random(f"{count}{alphabet}")
    return "".join(chance.choice(alphabet) for _ in range(count))


def _pem(kind: str, newline: str) -> str:
    lines = [_run(64, _BASE62 + "+/")[::-1] for _ in range(6)]
    return newline.join([f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----"])


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", "PGP "])
def test_a_private_key_is_one_finding(kind: str) -> None:
    for newline in ("\n", "\r\n", "\\n", "\\\\n"):
        key = _pem(f"{kind}PRIVATE KEY{' BLOCK' if kind == 'PGP ' else ''}", newline)
        assert redact(f"before {key} after").text == "before ‹secret:private-key› after"


def test_a_private_key_that_is_cut_off_or_numbered_does_not_remain() -> None:
    key = _pem("RSA PRIVATE KEY", "\n")
    lines = key.split("\n")
    for text in (
        "\n".join(lines[:4]) + "\n\nnext command",
        "\n".join(f"{number:4}|{line}" for number, line in enumerate(lines, 1)),
        "\n".join(f'"{line}\\n"' for line in lines),
        "\n".join(f"> {line}" for line in lines),
        base64.b64encode(key.encode()).decode(),
    ):
        redacted = redact(text).text
        assert not any(line in redacted for line in lines[1:4])
        assert "LS0tLS1CRUdJTi" not in redacted


def test_public_material_beside_a_private_key_remains() -> None:
    certificate = _pem("CERTIFICATE", "\n")
    text = f"{_pem('PRIVATE KEY', chr(10))}\n{certificate}\n"
    assert redact(text).text == f"‹secret:private-key›\n{certificate}\n"


def test_the_user_and_host_of_a_connection_string_remain() -> None:
    result = redact("postgres://app:k3Jd7QpLw92V@db.corp.io:5432/prod")
    assert result.text == "postgres://app:‹secret:url-password›@db.corp.io:5432/prod"


@pytest.mark.parametrize("password", ["p@ss7word", "a:b7c8d9", "50%25off9", "x?y=7&z8"])
def test_a_url_password_may_hold_any_sign(password: str) -> None:
    assert password not in redact(f"see amqp://app:{password}@mq.corp.io/vhost").text


def test_basic_credentials_are_found_by_what_they_decode_to() -> None:
    secret = base64.b64encode(b"bob:k3Jd7QpLw92V").decode()
    placeholder = base64.b64encode(b"user:password").decode()
    assert redact(f"Authorization: Basic {secret}").text == "Authorization: Basic ‹secret:auth-header›"
    assert redact(f"Authorization: Basic {placeholder}").findings == ()
    assert secret not in redact(f'{{"auths": {{"x.io": {{"auth": "{secret}"}}}}}}').text


def test_seed_phrases_recovery_codes_and_wallet_keys() -> None:
    phrase = "orbit velvet harbor cactus quartz meadow signal copper lantern winter puzzle river"
    assert phrase not in redact(f"seed phrase: {phrase}").text
    assert redact(f"my list: {phrase}").findings == ()
    codes = redact("Your recovery codes:\n4f9a-77c2\nb81d-0e3f\n")
    assert codes.text == "Your recovery codes:\n‹secret:recovery-code›\n‹secret:recovery-code›\n"
    key = _run(64, _HEX)
    assert redact(f"wallet private key: 0x{key}").text == "wallet private key: ‹secret:private-key›"
    assert redact(f"transaction 0x{key}").findings == ()
