"""What is typed to search the library: words, `tag:` and `type:`."""

from __future__ import annotations

from typing import NamedTuple, get_args

from warmtui.errors import UsageError
from warmtui.model.template import TemplateType

TYPES: tuple[TemplateType, ...] = get_args(TemplateType)


class Wanted(NamedTuple):
    """What a search asks for, as `Library.listing` takes it."""

    words: str
    tags: tuple[str, ...]
    type: TemplateType | None


def wanted(text: str) -> Wanted:
    """Read a search.

    Args:
        text: words, `tag:NAME` (several may stand) and `type:NAME`, with blanks between.

    Raises:
        UsageError: there is no such type.
    """
    words: list[str] = []
    tags: list[str] = []
    found: TemplateType | None = None
    for word in text.split():
        name, colon, value = word.partition(":")
        if colon and value and name == "tag":
            tags.append(value)
        elif colon and value and name == "type":
            # the beginning is enough, so that nothing is complained of while a person types
            found = next((one for one in TYPES if one.startswith(value)), None)
            if found is None:
                raise UsageError(f"there is no type {value}", f"there are: {', '.join(TYPES)}")
        elif word not in ("tag:", "type:"):
            words.append(word)
    return Wanted(" ".join(words), tuple(tags), found)
