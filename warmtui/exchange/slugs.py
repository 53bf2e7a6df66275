"""Safe file names for template names, which are free text."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_LENGTH = 60


def slug(name: str) -> str:
    """Return a safe file name without extension: lower-case ASCII letters, digits and dashes.

    A name that loses characters gets a short hash of the whole name, so that two names never collide.

    >>> slug("shop-conventions")
    'shop-conventions'
    >>> slug("../../etc/passwd")
    'etc-passwd-3754d6cb'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    clean = re.sub(r"[^a-z0-9_]+", "-", plain).strip("-_")[:_LENGTH].strip("-_")
    if clean and clean == name:
        return clean
    return f"{clean or 'template'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
