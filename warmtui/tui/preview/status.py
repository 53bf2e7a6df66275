"""The lines below a preview: its cost, the providers that would refuse it, and what is masked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from warmtui.curation.editing import Problem, ReviewedPlace
from warmtui.exchange.checks import CheckTarget
from warmtui.model.chat import CheckFinding
from warmtui.tui.widgets.cells import clean
from warmtui.tui.widgets.glyphs import ASCII, Glyphs
from warmtui.tui.widgets.paint import ERROR, MUTED, OK, WARNING

PROVIDERS = {"openai": "OpenAI", "anthropic": "Anthropic", "strict-template": "strict templates"}


def cost_line(tokens: int, requests: int, glyphs: Glyphs) -> Text:
    """Return the cost of our messages over a session.

    Args:
        tokens: of our messages.
        requests: of the session; our messages are sent with each.
        glyphs: the signs to draw with.
    """
    about = glyphs.about
    line = Text(
        f"{about} {tokens:,} tokens with every request, {about} {tokens * requests:,} over {requests:,}"
    )
    return line.append(" (+/-), cheap where cached", MUTED)


def invalid_lines(problems: Sequence[Problem]) -> Iterator[Text]:
    """Yield a line about texts that are not valid, so that they are neither sent nor saved.

    Args:
        problems: one for each such text.
    """
    if problems:
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        yield Text(f"! not in the template (e mends it): {clean(problems[0].text[:300])}{more}", ERROR)


def check_lines(
    findings: Sequence[CheckFinding], refusers: Sequence[CheckTarget], glyphs: Glyphs
) -> Iterator[Text]:
    """Yield the providers that accept the messages, and the first reason why another refuses them.

    Args:
        findings: what is refused.
        refusers: the providers that matter for the target.
        glyphs: the signs to draw with.
    """
    good = "+" if glyphs == ASCII else "✓"
    refusing = {finding.target for finding in findings}
    line = Text()
    for provider in refusers:
        if provider not in refusing:
            line.append(f"{good} {PROVIDERS[provider]}  ", OK)
    if line:
        yield line
    by_text: dict[tuple[int, str], list[str]] = {}
    for finding in findings:
        by_text.setdefault((finding.index, finding.text), []).append(PROVIDERS[finding.target])
    for (index, words), who in list(by_text.items())[:1]:
        more = f"  (]: {len(by_text) - 1} more)" if len(by_text) > 1 else ""
        yield Text(f"! {', '.join(who)}, message {index + 1}: {words}{more}", ERROR)


def masked_lines(
    places: Sequence[ReviewedPlace], unmasked: str, flags: int, glyphs: Glyphs
) -> Iterator[Text]:
    """Yield what stands unmasked, what is masked, and how many texts read like an instruction.

    Args:
        places: every place.
        unmasked: what stands unmasked, in words.
        flags: the number of texts that read like an instruction.
        glyphs: the signs to draw with.
    """
    masked = [place for place in places if not place.restored]
    sign = "*" if glyphs == ASCII else "⚿"
    if unmasked:
        yield Text(f"! {unmasked}", ERROR)
    line = Text()
    if masked:
        reviewed = sum(place.standing == "accepted" for place in masked)
        kinds = ", ".join(sorted({place.kind for place in masked}))
        line.append(f"{sign} {len(masked)} masked, {reviewed} reviewed (m): {kinds}", MUTED)
    elif not unmasked:
        line.append(f"{sign} none recognised: read it before you share it", MUTED)
    if flags:
        line.append(f"   ! {flags} read{'s' * (flags == 1)} like an instruction", WARNING)
    if line:
        yield line
