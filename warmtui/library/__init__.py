"""What is kept: templates, versions, drafts, usage, figures. The only room that knows SQL for writing."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warmtui.library.drafts import KeptDraft as KeptDraft
    from warmtui.library.find import TemplateRef as TemplateRef
    from warmtui.library.kept_json import JsonListing as JsonListing
    from warmtui.library.library import Library as Library
    from warmtui.library.reading import DamagedTemplate as DamagedTemplate
    from warmtui.library.reading import Listing as Listing
    from warmtui.library.templates import Saved as Saved
    from warmtui.library.usage import Thumb as Thumb
    from warmtui.library.usage import Use as Use

_HOMES = {
    "DamagedTemplate": "reading",
    "JsonListing": "kept_json",
    "KeptDraft": "drafts",
    "Library": "library",
    "Listing": "reading",
    "Saved": "templates",
    "TemplateRef": "find",
    "Thumb": "usage",
    "Use": "usage",
}
__all__ = [
    "DamagedTemplate",
    "JsonListing",
    "KeptDraft",
    "Library",
    "Listing",
    "Saved",
    "TemplateRef",
    "Thumb",
    "Use",
]


def __getattr__(name: str) -> object:
    """Load a name when it is first asked for: figures are kept here too, and need none of the others."""
    if name in _HOMES:
        return getattr(import_module(f"warmtui.library.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
