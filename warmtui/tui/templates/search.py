"""The search of the library: words, `tag:NAME` and `type:NAME`."""

from __future__ import annotations

from typing import NamedTuple, get_args

from warmtui.errors import UsageError
from warmtui.model.template import TemplateType

TYPES: tuple[TemplateType, ...] = get_args(TemplateType)


class Search(NamedTuple):
    """What to look for, as `Library.listing` takes it."""

    words: str
    tags: tuple[str, ...]
    type: TemplateType | None


def parse_search(text: str) -> Search:
    """Parse a search.

    Args:
        text: words, any number of `tag:NAME` and `type:NAME`, separated by blanks.

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
            # A prefix is enough, so that there is no complaint while a person types.
            found = next((type_name for type_name in TYPES if type_name.startswith(value)), None)
            if found is None:
                raise UsageError(f"there is no type {value}", f"there are: {', '.join(TYPES)}")
        elif word not in ("tag:", "type:"):
            words.append(word)
    return Search(" ".join(words), tuple(tags), found)
