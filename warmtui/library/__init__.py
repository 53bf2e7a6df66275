"""What is kept: templates, versions, drafts, usage. The only room that knows SQL for writing."""

from __future__ import annotations

from warmtui.library.drafts import KeptDraft
from warmtui.library.find import TemplateRef
from warmtui.library.library import Library
from warmtui.library.reading import Listing
from warmtui.library.templates import Saved
from warmtui.library.usage import Thumb, Use

__all__ = ["KeptDraft", "Library", "Listing", "Saved", "TemplateRef", "Thumb", "Use"]
