from __future__ import annotations

import pytest

from warmtui.analysis.filters import describe, parse


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "all sessions"),
        ("errors< chanel:x", "all sessions"),
        ("errors<5%", "error rate below 5 %"),
        ("errors>=2.5%", "error rate at least 2.5 %"),
        ("errors>5 errors<=1", "more than 5 errors, at most 1 error"),
        ("errors:0", "exactly 0 errors"),
        ("messages>1,000 calls<20", "more than 1,000 messages, fewer than 20 calls"),
        ("-messages>1000", "not more than 1000 messages"),
        ("score>90 score<=95%", "score above 90, score at most 95"),
        ("tool:terminal,patch -tool:web_x", "uses tool terminal or patch, uses no tool “web_x”"),
        ('tool:"" -tool:""', "uses no tool, uses a tool"),
        ("-channel:cron,api agent:hermes", "channel not cron or api, agent hermes"),
        ('title:"two words" -title:""', "title “two words”, title not missing"),
        ("since:7d until:1h", "active in the last 7 days, last active 1 hour ago or before"),
        ("since:today", "active since today"),
        ("-since:2026-11-20", "not active since 2026-11-20"),
        ("until:2026-11", "last active until the end of 2026-11"),
        ("cwd:~/shop type:code", "in folder “~/shop”, type code"),
        ('messages>1 coupon "two words"', "more than 1 message, text “coupon two words”"),
    ],
)
def test_a_filter_in_words(text: str, words: str) -> None:
    assert describe(parse(text, now=0)) == words
