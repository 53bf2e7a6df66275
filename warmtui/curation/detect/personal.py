# ruff: noqa: E501 - a pattern is read and compared best on one line
"""Personal data: e-mail addresses, phone numbers, chat ids.

Left out on purpose, because they identify no one: addresses in the domains that RFC 2606, RFC 6761 and RFC 8375
reserve (`example.com`, `.example`, `.test`, `.invalid`, `.localhost`, …), automatic senders (`noreply@…`), the
stock addresses of documentation (`user@domain.com`), telephone numbers that are reserved for fiction (North
America's 555, Ofcom's drama numbers), and what only looks like an address (`logo@2x.png`, `git@github.com:…`,
`getty@tty1.service`, `chacha20-poly1305@openssh.com`). Home folders are masked as places, not here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from warmtui.curation.detect.rule import PERSONAL, Check, Rule, RuleTable, Span
from warmtui.curation.detect.values import at_left_edge, is_filler, words

_DOMAIN = re.compile(r"(?:[A-Za-z0-9-]{1,63}\.){1,6}(?P<top>[A-Za-z]{2,24})(?![A-Za-z0-9-])(?!\.[A-Za-z0-9])")
_LOCAL_REVERSED = re.compile(r"[A-Za-z0-9._%+'-]{1,64}")
_AT = re.compile(r"@|%40|\\u0040")
_IN_URL = re.compile(r"://[^\s\"'<>@]{0,120}\Z")
_RESERVED = re.compile(
    r"(?:^|\.)(?:example|test|invalid|localhost|local|localdomain|internal|lan|home\.arpa|openssh\.com|libssh\.org|example\.(?:com|net|org|edu|co\.uk|de|io))\Z"
)
_AUTOMATIC = re.compile(
    r"(?:no-?reply|do-?not-?reply|mailer-daemon|postmaster|git|npm|hg|svn)\Z|.{0,40}\[bot\]\Z"
)
_STOCK_LOCALS = words(
    """
    user you your me name someone foo test example username email yourname first.last
    your.email
    """
)
_STOCK_DOMAINS = words(
    """
    domain company email bar test yourdomain yourcompany mycompany mail foo host server here
    doe site website
    """
)
_NO_TOP = words(
    """
    png jpg jpeg gif svg webp ico css js mjs ts tsx jsx json html htm txt pdf mp4 tgz tar gz zip whl jar
    war rpm deb service socket timer target mount slice scope path device yaml yml toml lock xml csv sql
    cfg ini conf log exe dll py rb rs go java cpp hpp php
    """
)
_TOPS = words(
    """
    com org net edu gov mil int info biz name pro dev app xyz online site shop store tech cloud email
    live life world agency studio design digital solutions systems software network services group team
    work works company global space website blog news media money bank health care club fun top vip icu
    icloud page codes engineering ventures capital consulting partners finance legal law academy school
    university institute foundation ngo international berlin london paris tokyo nyc hamburg koeln wien
    amsterdam zone run sh ac museum travel jobs mobi tel asia cat coop aero post security science earth
    social one gmbh swiss
    """
)

_NOT_BEFORE_PLUS = frozenset("+.,/=-")
_BEFORE_PHONE = ("tele", "cell", "home", "work", "user", "mobile", "contact", "office", "business")
_FICTION = re.compile(
    r"1?(?:555\d{7}|\d{3}555\d{4})|(?:44|0)(?:7700900\d{3}|1632960\d{3}|2079460\d{3}|8081570\d{3}|1\d{2}4960\d{3})|61(?:491570\d{3}|[2378]5550\d{4})"
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")

_NUMBER = re.compile(r"\d{3}(?:\d\d|[ ().-]{1,2}\d{3})")
_JID_SERVERS = ("@s.whatsapp.net", "@g.us", "@c.us", "@lid", "@newsletter")


def _begins_token(match: re.Match[str]) -> bool:
    return at_left_edge(match.string, match.start())


def _is_international(match: re.Match[str]) -> bool:
    text, start = match.string, match.start()
    return (
        text[start - 1 : start] not in _NOT_BEFORE_PLUS
        and at_left_edge(text, start)
        and _is_phone(match["digits"])
        and not _in_diff(text, start)
    )


def _is_labelled_phone(match: re.Match[str]) -> bool:
    number = match["v"]
    before = match.string[max(0, match.start() - 8) : match.start()]
    if before[-1:].isalpha() and not before.endswith(_BEFORE_PHONE):
        return False
    labelled = match["label"] is not None or any(mark in match["sep"] for mark in ":=#")
    digits = sum(map(str.isdigit, number))
    return (7 if labelled else 10) <= digits <= 15 and _is_phone(number) and not _DATE.match(number)


def _is_phone(text: str) -> bool:
    digits = "".join(filter(str.isdigit, text))
    if not 7 <= len(digits) <= 15 or _FICTION.fullmatch(digits) or is_filler(digits):
        return False
    # a number is written with one kind of separator; mixed ones are a table or a version
    return len({mark for mark in text if mark in " .-"} - ({" "} if "(" in text else set())) <= 1


def _in_diff(text: str, at: int) -> bool:
    return (at == 0 or text[at - 1] == "\n") and "@@ " in text


def _rule(
    kind: str,
    name: str,
    hints: tuple[str, ...],
    pattern: str,
    check: Check | None = None,
    *,
    raw: bool = False,
) -> Rule:
    """Make a rule of a pattern, of lower-cased text unless it is raw, for a datum."""
    return Rule(
        name=name,
        pattern=pattern,
        hints=frozenset(hints),
        kind=kind,
        rank=PERSONAL,
        family="personal",
        raw=raw,
        check=check,
    )


_RULES = RuleTable((
    _rule(
        "chat-id", "whatsapp-id", _JID_SERVERS,
        r"\d{6,20}(?:-\d{9,11})?(?::\d{1,3})?@(?:s\.whatsapp\.net|g\.us|c\.us|lid|newsletter)\b",
        _begins_token, raw=True,
    ),
    _rule(
        "phone-number", "phone-international", ("+",),
        r"\+(?P<digits>[1-9]\d{0,3}(?:(?:[ .-]| ?\(|\)[ -]?)\d{1,8}){1,6}|[1-9]\d{9,14})(?![\d:]|\.\d)",
        _is_international, raw=True,
    ),
    _rule(
        "phone-number", "phone-by-name", ("phone", "mobile", "telefon", "tel", "fax", "whatsapp", "msisdn", "cell", "handy", "sms"),
        r"(?:phone|mobile|telefon|tel|fax|whatsapp|msisdn|cell|handy|sms)(?P<label>[ _-]?(?:number|no\.?|nr\.?|num))?"
        r"(?P<sep>\\{0,7}[\"']?\s{0,3}[:=#]?\s{0,3}\\{0,7}[\"']?)(?P<v>\+?\(?\d[\d ().-]{5,20}\d)(?![\w.]*\w)",
        _is_labelled_phone,
    ),
    _rule(
        "chat-id", "chat-id-by-name", ("chat", "telegram", "tg_", "tg-", "discord", "whatsapp", "signal", "peer"),
        r"(?:(?:chat|peer)[_-]?ids?|(?:telegram|\btg|discord|whatsapp|signal)[_-](?:[a-z]{2,10}[_-]){0,3}(?:ids?|users?|channels?|chats?|groups?|owners?|admins?))"
        r"\\{0,7}[\"']?\]?\s{0,3}(?:[:=]|=>|\bis\b)\s{0,3}\[?\s{0,3}\\{0,7}[\"']?(?P<v>-?\d{5,20}(?:\s?,\s?-?\d{5,20}){0,40})(?![\w.])",
    ),
    _rule(
        "chat-id", "snowflake-by-name", ("guild", "channel", "server", "user", "author", "owner", "member", "recipient", "thread"),
        r"(?:guild|channel|server|user|author|owner|member|recipient|thread)[_-]?ids?"
        r"\\{0,7}[\"']?\]?\s{0,3}(?:[:=]|=>)\s{0,3}\[?\s{0,3}\\{0,7}[\"']?(?P<v>\d{17,20})(?![\w.])",
    ),
    _rule(
        "chat-id", "chat-target", ("telegram:", "discord:", "whatsapp:", "signal:"),
        r"(?:telegram|discord|whatsapp|signal):(?://)?(?P<v>-?\d{5,20}|group:[\w+/=-]{8,60})(?![\w.])",
    ),
    _rule("chat-id", "mention", ("<@", "<#"), r"<[@#][!&]?(?P<v>\d{17,20})>"),
    _rule("chat-id", "chat-link", ("/channels/", "t.me/c/"), r"(?:discord(?:app)?\.com/channels/|\bt\.me/c/)(?P<v>\d{5,20}(?:/\d{5,20})?)"),
    _rule(
        "chat-id", "chat-update", ("chat", '"from', '\\"from'),
        r"\"(?:chat|from|sender_chat|forward_from)\\{0,7}\"\s{0,3}:\s{0,3}\{\s{0,20}\\{0,7}\"id\\{0,7}\"\s{0,3}:\s{0,3}(?P<v>-?\d{5,20})(?!\d)",
    ),
))  # fmt: skip


def find(text: str, lowered: str) -> Iterator[Span]:
    """Yield e-mail addresses, phone numbers and chat ids, from a text and its lower-cased form.

    A phone number needs the international form or a label; a chat id needs a label, except in WhatsApp's own
    form (`…@s.whatsapp.net`).
    """
    if "@" in text or "%40" in text or "\\u0040" in text:
        yield from _emails(text)
    if _NUMBER.search(text) is not None:
        yield from _RULES.scan(text, lowered)


def _emails(text: str) -> Iterator[Span]:
    done = 0
    for at in _AT.finditer(text):
        domain = _DOMAIN.match(text, at.end(), at.end() + 256)
        if domain is None or not _is_mail_domain(domain[0].lower(), domain["top"].lower()):
            continue
        local = _LOCAL_REVERSED.match(text[max(done, at.start() - 64) : at.start()][::-1])
        if local is None:
            continue
        start = at.start() - len(local.group().rstrip(".'%-"))
        before = text[start - 1 : start]
        if before == "\\" and text[start] in "nrtbf" and at.start() - start > 1:
            start += 1
        name = text[start : at.start()].lower()
        follows = text[domain.end() : domain.end() + 2]
        # a path, a handle, a template, a call or a remote is not an address
        elsewhere = (
            before in {"/", "@", "$", "{"}
            or follows[:1] in {"(", "/"}
            or (follows[:1] == ":" and follows[1:].strip(" \n\"'\\") != "")
        )
        if (
            elsewhere
            or _is_nobody(name, domain[0].lower())
            or _IN_URL.search(text, max(0, start - 140), start)
        ):
            continue
        done = domain.end()
        yield Span(start, done, "email", "email", PERSONAL, "personal")


def _is_mail_domain(domain: str, top: str) -> bool:
    if top in _NO_TOP or (len(top) > 2 and top not in _TOPS) or domain[0] in "-.":
        return False
    return not re.match(r"\d+\.\d|\d+x\.", domain) and _RESERVED.search(domain) is None


def _is_nobody(local: str, domain: str) -> bool:
    if f"@{domain}" in _JID_SERVERS or _AUTOMATIC.match(local) or not any(map(str.isalnum, local)):
        return True
    if local in _STOCK_LOCALS and domain.split(".")[0] in _STOCK_DOMAINS:
        return True
    return len(local) == 1 and len(domain.split(".")[0]) <= 2
