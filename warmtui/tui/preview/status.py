"""The lines below a preview: what it costs, who would refuse it, what is masked and what is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from warmtui.curation.editing import Problem, ReviewedPlace
from warmtui.exchange.checks import CheckTarget
from warmtui.model.chat import CheckFinding
from warmtui.tui.widgets.cells import clean
from warmtui.tui.widgets.glyphs import ASCII, Glyphs
from warmtui.tui.widgets.paint import ERROR, MUTED, OK, WARNING

REFUSERS = {"openai": "OpenAI", "anthropic": "Anthropic", "strict-template": "strict templates"}


def cost_line(tokens: int, requests: int, glyphs: Glyphs) -> Text:
    """Say what ours costs over a session.

    Args:
        tokens: of ours.
        requests: of the session; ours is sent with each.
        glyphs: the signs to draw with.
    """
    about = glyphs.about
    line = Text(
        f"{about} {tokens:,} tokens with every request, {about} {tokens * requests:,} over {requests:,}"
    )
    return line.append(" (+/-), cheap where cached", MUTED)


def broken_lines(broken: Sequence[Problem]) -> Iterator[Text]:
    """Say which text cannot be read, so that it is not in what is sent and saved.

    Args:
        broken: the problems with such texts.
    """
    if broken:
        more = f" and {len(broken) - 1} more" if len(broken) > 1 else ""
        yield Text(f"! not in the template (e mends it): {clean(broken[0].text[:300])}{more}", ERROR)


def check_lines(
    findings: Sequence[CheckFinding], refusers: Sequence[CheckTarget], glyphs: Glyphs
) -> Iterator[Text]:
    """Say who would take it, and the first thing that somebody would refuse.

    Args:
        findings: what is refused.
        refusers: whose refusals matter for the target.
        glyphs: the signs to draw with.
    """
    good = "+" if glyphs == ASCII else "✓"
    refused = {one.target for one in findings}
    line = Text()
    for one in refusers:
        if one not in refused:
            line.append(f"{good} {REFUSERS[one]}  ", OK)
    if line:
        yield line
    by_text: dict[tuple[int, str], list[str]] = {}
    for finding in findings:
        by_text.setdefault((finding.index, finding.text), []).append(REFUSERS[finding.target])
    for (index, words), who in list(by_text.items())[:1]:
        more = f"  (]: {len(by_text) - 1} more)" if len(by_text) > 1 else ""
        yield Text(f"! {', '.join(who)}, message {index + 1}: {words}{more}", ERROR)


def masked_lines(
    places: Sequence[ReviewedPlace], unmasked: str, flags: int, glyphs: Glyphs
) -> Iterator[Text]:
    """Say what is masked, what is not though it was, and what reads like an instruction.

    Args:
        places: every place.
        unmasked: what stands unmasked, in words.
        flags: how many texts read like an instruction.
        glyphs: the signs to draw with.
    """
    masked = [one for one in places if not one.unmasked]
    sign = "*" if glyphs == ASCII else "⚿"
    if unmasked:
        yield Text(f"! {unmasked}", ERROR)
    line = Text()
    if masked:
        seen = sum(one.standing == "accepted" for one in masked)
        kinds = ", ".join(sorted({one.kind for one in masked}))
        line.append(f"{sign} {len(masked)} masked, {seen} reviewed (m): {kinds}", MUTED)
    elif not unmasked:
        line.append(f"{sign} none recognised: read it before you share it", MUTED)
    if flags:
        line.append(f"   ! {flags} read{'s' * (flags == 1)} like an instruction", WARNING)
    if line:
        yield line
