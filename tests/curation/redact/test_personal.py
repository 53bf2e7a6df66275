"""E-mail addresses, phone numbers, chat ids, and what only looks like them."""

import json

import pytest

from warmtui.curation.redact import redact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to jane.doe@corp.io please", "write to ‹personal:email› please"),
        ("Author: Jane Doe <jane+git@corp.co.uk>", "Author: Jane Doe <‹personal:email›>"),
        ("mailto:jane@corp.io.", "mailto:‹personal:email›."),
        ("?user=jane%40corp.io&x=1", "?user=‹personal:email›&x=1"),
        ('{"to": "first\\njane@corp.io\\nlast"}', '{"to": "first\\n‹personal:email›\\nlast"}'),
        ("call +49 30 9018204 now", "call ‹personal:phone-number› now"),
        ("call +1 (415) 867-2093.", "call ‹personal:phone-number›."),
        ("+447911853206", "‹personal:phone-number›"),
        ("signal:+4917683920417", "signal:‹personal:phone-number›"),
        ("phone: 415-867-2093", "phone: ‹personal:phone-number›"),
        ("Mobile number: (415) 867 2093", "Mobile number: ‹personal:phone-number›"),
        ('{"phoneNumber": "4158672093"}', '{"phoneNumber": "‹personal:phone-number›"}'),
        ("tel:4158672093", "tel:‹personal:phone-number›"),
        ("chat_id: -1001928374655", "chat_id: ‹personal:chat-id›"),
        ("chat_id=123456789", "chat_id=‹personal:chat-id›"),
        ('"chatId": "81923746"', '"chatId": "‹personal:chat-id›"'),
        ("TELEGRAM_ALLOWED_USERS=81923746,92837465", "TELEGRAM_ALLOWED_USERS=‹personal:chat-id›"),
        ("TELEGRAM_HOME_CHANNEL=-1001928374655", "TELEGRAM_HOME_CHANNEL=‹personal:chat-id›"),
        ("deliver to telegram:81923746", "deliver to telegram:‹personal:chat-id›"),
        ("guild_id=819237465019283746", "guild_id=‹personal:chat-id›"),
        ("<@819237465019283746> hi", "<@‹personal:chat-id›> hi"),
        (
            "https://discord.com/channels/819237465019283746/819237465019283747",
            "https://discord.com/channels/‹personal:chat-id›",
        ),
        ("from 4917683920417@s.whatsapp.net:", "from ‹personal:chat-id›:"),
        ("120363025246125486@g.us", "‹personal:chat-id›"),
        ('"chat": {"id": 81923746, "type": "x"}', '"chat": {"id": "‹personal:chat-id›", "type": "x"}'),
    ],
)
def test_personal_data_is_replaced(text: str, expected: str) -> None:
    assert redact(text).text == expected
    assert all(item.slot.startswith("‹personal:") for item in redact(text).findings)


@pytest.mark.parametrize(
    "text",
    [
        "user@example.com, dev@fake.example, a@b.test",
        "noreply@github.com and Co-Authored-By: Claude <noreply@anthropic.com>",
        "user@domain.com",
        "git@github.com:org/repo.git",
        "scp a.txt deploy@web1.corp.io:/srv/www",
        "ssh://git@gitlab.corp.io/a.git",
        "https://bob@bitbucket.corp.io/a.git",
        "root@localhost.localdomain",
        "logo@2x.png icon@3x.svg",
        "getty@tty1.service user@1000.service",
        "npm i left-pad@1.3.0 @scope/pkg@next react@18.2.0",
        "HEAD@{1} stash@{0} image@sha256:0f",
        "chacha20-poly1305@openssh.com",
        "@pytest.fixture @app.route",
        "weights@inputs.T",
        "phone +1 415 555 0183",
        "+44 7700 900123",
        "123-456-7890",
        "phone: 5",
        "telephone: 2026-11-20 10:22",
        "2026-11-20T09:00:00+0000",
        "a +12 -34 5678901",
        "diff\n@@ -1 +1 @@\n+1700000000123\n",
        "+52.5200+013.405",
        "user_id=42 channel_id: 7",
        "message_id=81923746501",
        "order 2648099738 pid 81923746",
        "chat_id: null",
        "Smartphone: 1801728040",
    ],
)
def test_what_only_looks_personal_is_left(text: str) -> None:
    assert redact(text).findings == ()


def test_personal_data_in_json_within_json_is_found_and_json_kept() -> None:
    text = json.dumps({"arguments": json.dumps({"to": "jane@corp.io", "chat_id": 81923746})})
    inner = json.loads(json.loads(redact(text).text)["arguments"])
    assert inner == {"to": "‹personal:email›", "chat_id": "‹personal:chat-id›"}
