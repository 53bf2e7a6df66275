"""The content of a version: canonical JSON, its hash, and its searchable text."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from warmtui.library.sqlite import storable
from warmtui.model.template import (
    Draft,
    MaskedPlace,
    Record,
    Seed,
    SourceSession,
    TemplateType,
    Version,
)

SEARCH_CHARACTERS = 200_000
"""Characters of a template that are searched: 25 times the default budget of 2,000 tokens."""
_NOT_SEARCHED = frozenset({"id", "provenance", "shown_as", "kind", "request_style", "feedback_style"})


class Content(NamedTuple):
    """The content of a version as it is kept."""

    text: str
    """Canonical JSON."""
    hash: str
    """SHA-256 of its UTF-8 bytes, 64 lower-case hexadecimal digits."""


class StoredContent(Record):
    """The fields of a version's JSON."""

    description: str
    masked: tuple[MaskedPlace, ...]
    seed: Seed
    sources: tuple[SourceSession, ...]
    task_type: TemplateType


def content_of(draft: Draft | Version) -> Content:
    r"""Write the canonical JSON of a draft or version, and its hash.

    The JSON is one object of exactly `description`, `masked`, `seed`, `sources` and `task_type`, so that
    name, tags, number and time have no part in the hash. Every field is written, defaults too; keys are
    sorted by code point at every level; no space outside strings; inside strings only `"`, `\` and what
    lies below U+0020 is escaped, as Python's `json.dumps(ensure_ascii=False)` does; a lone surrogate
    is U+FFFD; no newline at the end.
    """
    kept = StoredContent.model_construct(
        description=draft.description,
        masked=draft.masked,
        seed=draft.seed,
        sources=draft.sources,
        task_type=draft.task_type,
    ).model_dump()
    text = storable(json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":")))
    return Content(text, hash_of(text))


def hash_of(text: str) -> str:
    """Return the SHA-256 of the UTF-8 bytes of a text, in lower-case hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_content(text: str) -> StoredContent:
    """Parse a version's JSON.

    Raises:
        pydantic.ValidationError: it is not JSON, or not that of a version.
    """
    return StoredContent.model_validate_json(text)


def folded(text: str) -> str:
    """Return a text as the search compares it: case-folded, NFKC, without NUL."""
    return unicodedata.normalize("NFKC", storable(text)).casefold().replace("\0", " ")


def searched_text(name: str, tags: tuple[str, ...], description: str, seed: Seed) -> str:
    """Return the searchable text of a template: name, tags, description and the words of the seed, folded.

    Ids, provenance and closed word lists are left out; the text is cut at `SEARCH_CHARACTERS`.
    """
    parts: list[str] = []
    room = SEARCH_CHARACTERS
    for part in (name, *tags, description, *_words(seed.model_dump())):
        if room <= 0:
            break
        parts.append(part[:room])
        room -= len(part) + 1
    return folded("\n".join(parts))[:SEARCH_CHARACTERS]


def _words(value: object) -> Iterator[str]:
    """Yield every searchable string of a dumped seed, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in _NOT_SEARCHED:
                yield from _words(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _words(inner)
