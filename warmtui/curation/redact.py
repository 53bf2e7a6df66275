"""Secrets and personal data: found, and replaced by typed slots. Pure: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterable

from warmtui.curation.detect.span import SLOT, Finding, Known, Redaction
from warmtui.curation.long_texts import LongTexts

__all__ = ["SLOT", "Finding", "Known", "Redaction", "redact"]
_long: LongTexts[Redaction] = LongTexts()


def redact(text: str, known: Iterable[str | Known] = ()) -> Redaction:
    """Put a typed slot in place of every secret and personal datum that is recognised.

    Four layers: exact known values in their encodings; vendors' formats and structures (PEM, URL userinfo,
    headers, cookies); values under a name that asks for a secret; personal data. Nothing of a value is kept.
    JSON stays valid: a slot replaces what stands inside the quotes, and is quoted where a bare number stood.
    Redacting the result again finds nothing more. That nothing is found never means that nothing is there.

    Args:
        text: any text: a message, a tool result, JSON, JSON within JSON.
        known: values known to be secrets, as plain strings or with their kind.

    Returns:
        The redacted text, and the findings in order with offsets into the original text.
    """
    # Some two hundred patterns are compiled on this import, so it waits for the first text.
    from warmtui.curation.detect.secrets.engine import run

    values = tuple(known)
    return _long.of(text, values, lambda: run(text, values))
