"""What redaction takes and gives: known values, findings, the redacted text."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Family = Literal["secret", "personal"]

SLOT = re.compile(r"‹(?:secret|personal):[a-z0-9-]+›")
"""A slot as it stands in redacted text."""


class Known(NamedTuple):
    """A secret known from elsewhere (`.env`, the environment, an auth file), found wherever it stands."""

    value: str
    kind: str = "known-value"
    """Kebab-case kind that its slot shall name."""


class Finding(NamedTuple):
    """One secret or personal datum in the original text."""

    kind: str
    """Kebab-case: `github-token`, `password`, `email`, …"""
    start: int
    """Offset in characters of the original text."""
    end: int
    """Offset past the last character."""
    rule: str
    """Kebab-case id of the rule that decided the extent."""
    slot: str
    """What stands in its place: `‹secret:github-token›`, `‹personal:email›`."""


class Redaction(NamedTuple):
    """A text with slots in place of what was recognised, and what that was."""

    text: str
    findings: tuple[Finding, ...]
    """In the order of the original text, never overlapping."""


class Span(NamedTuple):
    """What one rule found, before overlaps are resolved."""

    start: int
    end: int
    kind: str
    rule: str
    rank: int
    """How specific the rule is: the lower, the more; see the constants below."""
    family: Family = "secret"


KNOWN, VENDOR, STRUCTURE, NAMED, PERSONAL = range(5)
"""Ranks: an exact known value, a vendor's format, a structure, a telling name, personal data."""
