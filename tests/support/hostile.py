"""What strangers may have written: text that must neither act on a terminal nor break a layout."""

from __future__ import annotations

LINES = (
    "\x1b]52;c;aGk=\x07 clipboard",
    "\x1b]0;title\x07\x1b[2J\x1b[31m red",
    "\x9b31m C1 \x90dcs\x9c",
    "[/]",
    "[@click=app.quit]quit[/]",
    "[link=https://example.org]x",
    "[bold red]",
    "\u202eesrever\u202c \u2066isolate\u2069 \u200bzero\u200c \ufeff \u00ad",
    "NUL \x00 BEL \x07 BS \x08 DEL \x7f tab\tand\rreturn\r\nbreak\nline\u2028sep\u2029para",
    "lone \ud800 surrogates \udfff",
    "tags \U000e0041\U000e007f",
    "日本語のとても長いタイトルがここに来ます" * 5,
    "e" + "\u0301" * 500 + " zalgo " + "o\u0336\u0337" * 90,
    "👩\u200d🚀 👨\u200d👩\u200d👧\u200d👦 " + "👩\u200d" * 300 + "🚀",
    "a\u200db\u200d" * 200,
    "\u200d",
    "",
    " ",
    "…" * 300,
    "x" * 5_000_000,
    "é" * 1_000_000,
    "語" * 1_000_000,
)
