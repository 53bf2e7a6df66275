"""Secrets and personal data: found, and replaced by typed slots. Pure: no I/O, no clock."""

from __future__ import annotations

from warmtui.curation.redact.engine import redact
from warmtui.curation.redact.records import SLOT, Finding, Known, Redaction

__all__ = ["SLOT", "Finding", "Known", "Redaction", "redact"]
