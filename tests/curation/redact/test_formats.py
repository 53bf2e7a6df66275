"""Vendors' tokens, structures and keys: found wherever they stand, with values made on the spot."""

import base64
import json
import random
import string

import pytest

from warmtui.curation.redact import redact

_BASE62 = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"
_UPPER = string.ascii_uppercase + string.digits


def _run(count: int, alphabet: str = _BASE62) -> str:
    chance = random.Random(f"{count}{alphabet}")
    return "".join(chance.choice(alphabet) for _ in range(count))


def _jwt() -> str:
    def part(value: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part({'sub': '81', 'iat': 1700924259})}.{_run(43)}"


_UUID = f"{_run(8, _HEX)}-{_run(4, _HEX)}-4{_run(3, _HEX)}-a{_run(3, _HEX)}-{_run(12, _HEX)}"

TOKENS = [
    ("github-token", "ghp_" + _run(36)),
    ("github-token", "gho_" + _run(36)),
    ("github-token", "ghs_" + _run(36)),
    ("github-token", "github_pat_" + _run(22) + "_" + _run(59)),
    ("gitlab-token", "glpat-" + _run(20)),
    ("gitlab-token", "glrt-" + _run(20)),
    ("npm-token", "npm_" + _run(36)),
    ("pypi-token", "pypi-AgEIcHlwaS5vcmc" + _run(120)),
    ("rubygems-token", "rubygems_" + _run(48, _HEX)),
    ("docker-token", "dckr_pat_" + _run(27)),
    ("atlassian-token", "ATATT3xFfGF0" + _run(180)),
    ("aws-access-key-id", "AKIA" + _run(16, _UPPER)),
    ("aws-access-key-id", "ASIA" + _run(16, _UPPER)),
    ("google-api-key", "AIza" + _run(35)),
    ("google-oauth-token", "ya29." + _run(80)),
    ("google-oauth-secret", "GOCSPX-" + _run(28)),
    ("azure-client-secret", _run(3) + "8Q~" + _run(34)),
    ("digitalocean-token", "dop_v1_" + _run(64, _HEX)),
    ("databricks-token", "dapi" + _run(32, _HEX)),
    ("supabase-key", "sbp_" + _run(40, _HEX)),
    ("netlify-token", "nfp_" + _run(36)),
    ("age-secret-key", "AGE-SECRET-KEY-1" + _run(58, "023456789ACDEFGHJKLMNPQRSTUVWXYZ")),
    ("vault-token", "hvs." + _run(90)),
    ("terraform-token", _run(14) + ".atlasv1." + _run(60)),
    ("pulumi-token", "pul-" + _run(40, _HEX)),
    ("doppler-token", "dp.pt." + _run(43)),
    ("tailscale-key", "tskey-auth-" + _run(17) + "-" + _run(32)),
    ("grafana-token", "glsa_" + _run(32) + "_" + _run(8, _HEX)),
    ("newrelic-key", "NRAK-" + _run(27, _UPPER)),
    ("sentry-token", "sntrys_" + _run(100)),
    ("anthropic-key", "sk-ant-api03-" + _run(93) + "AA"),
    ("openai-key", "sk-proj-" + _run(60)),
    ("openai-key", "sk-" + _run(20) + "T3BlbkFJ" + _run(20)),
    ("openrouter-key", "sk-or-v1-" + _run(64, _HEX)),
    ("model-api-key", "sk-" + _run(32, _HEX)),
    ("huggingface-token", "hf_" + _run(34, string.ascii_letters)),
    ("groq-key", "gsk_" + _run(52)),
    ("xai-key", "xai-" + _run(80)),
    ("perplexity-key", "pplx-" + _run(48)),
    ("replicate-token", "r8_" + _run(37)),
    ("nvidia-key", "nvapi-" + _run(64)),
    ("langsmith-key", "lsv2_pt_" + _run(32, _HEX) + "_" + _run(10, _HEX)),
    ("slack-token", f"xoxb-{_run(12, string.digits)}-{_run(13, string.digits)}-{_run(24)}"),
    ("slack-token", f"xapp-1-A{_run(10, _UPPER)}-{_run(13, string.digits)}-{_run(64, _HEX)}"),
    ("telegram-bot-token", "8661" + _run(6, string.digits) + ":AA" + _run(33)),
    ("discord-bot-token", "M" + _run(23) + "." + _run(6) + "." + _run(38)),
    ("sendgrid-key", "SG." + _run(22) + "." + _run(43)),
    ("mailgun-key", "key-" + _run(32, _HEX)),
    ("mailchimp-key", _run(32, _HEX) + "-us21"),
    ("twilio-key", "SK" + _run(32, _HEX)),
    ("stripe-key", "sk_live_" + _run(24)),
    ("stripe-key", "rk_test_" + _run(24)),
    ("webhook-secret", "whsec_" + _run(32)),
    ("square-token", "sq0csp-" + _run(43)),
    ("shopify-token", "shpat_" + _run(32, _HEX)),
    ("plaid-token", "access-sandbox-" + _UUID),
    ("airtable-token", "pat" + _run(14) + "." + _run(64, _HEX)),
    ("figma-token", "figd_" + _run(40)),
    ("linear-key", "lin_api_" + _run(40)),
    ("notion-token", "ntn_" + _run(46)),
    ("hubspot-token", "pat-na1-" + _UUID),
    ("postman-key", "PMAK-" + _run(24, _HEX) + "-" + _run(34, _HEX)),
    ("jwt", _jwt()),
    ("webhook-url", f"https://hooks.slack.com/services/T{_run(8, _UPPER)}/B{_run(10, _UPPER)}/{_run(24)}"),
    ("webhook-url", f"https://discord.com/api/webhooks/{_run(18, string.digits)}/{_run(68)}"),
    ("password-hash", "$6$" + _run(16) + "$" + _run(86)),
    ("password-hash", "$2b$12$" + _run(53)),
    ("password-hash", "$argon2id$v=19$m=65536,t=3,p=4$" + _run(22) + "$" + _run(43)),
    ("password-hash", "pbkdf2_sha256$600000$" + _run(22) + "$" + _run(43) + "="),
    (
        "extended-private-key",
        "xprv" + _run(107, "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"),
    ),
]
SURROUNDINGS = [
    "{}",
    "it's {} and it stopped working",
    "ERROR auth failed for key {} (status=401)",
    "`{}`",
    "({})",
    "a,{},b",
    "x\t{}\n",
    '{{"output": "first\\n{}\\nlast"}}',
    "\x1b[32m{}\x1b[0m",
]


@pytest.mark.parametrize("surrounding", SURROUNDINGS)
@pytest.mark.parametrize(("kind", "token"), TOKENS, ids=[f"{kind}-{token[:6]}" for kind, token in TOKENS])
def test_a_vendors_token_is_found_whole_anywhere(kind: str, token: str, surrounding: str) -> None:
    before, after = surrounding.format("\0").split("\0")
    result = redact(before + token + after)
    assert result.text == f"{before}‹secret:{kind}›{after}"
    assert [(item.kind, item.start, item.end) for item in result.findings] == [
        (kind, len(before), len(before) + len(token))
    ]


@pytest.mark.parametrize(
    "text",
    [
        "ghp_" + "x" * 36,
        "ghp_" + "a" * 36,
        "sk-1234567890abcdefghijklmnopqrstuvwxyz",
        "AKIAIOSFODNN7EXAMPLE",
        "xoxb-your-token-here",
        "hf_...",
        "sk_live_...",
        "eyJhbGciOiJIUzI1NiJ9",
        "pk_live_" + _run(24),
        "call_" + _run(24),
        "msg_01" + _run(22),
        "toolu_01" + _run(22),
        "chatcmpl-" + _run(29),
        "risk-" + _run(32),
        "arn:aws:iam::123456789012:role/AKIA",
        "0x" + _run(64, _HEX),
    ],
)
def test_fillers_identifiers_and_public_keys_are_left(text: str) -> None:
    assert redact(text).findings == ()


def _pem(kind: str, newline: str) -> str:
    lines = [_run(64, _BASE62 + "+/")[::-1] for _ in range(6)]
    return newline.join([f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----"])


@pytest.mark.parametrize(
    "kind",
    [
        "PRIVATE KEY",
        "RSA PRIVATE KEY",
        "EC PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "PGP PRIVATE KEY BLOCK",
    ],
)
@pytest.mark.parametrize(
    "newline", ["\n", "\r\n", "\\n", "\\\\n"], ids=["lf", "crlf", "escaped", "twice-escaped"]
)
def test_a_private_key_is_one_finding(kind: str, newline: str) -> None:
    key = _pem(kind, newline)
    result = redact(f"before {key} after")
    assert result.text == "before ‹secret:private-key› after"


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
