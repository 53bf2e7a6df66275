"""Search templates: every word of the query is part of some word of the template, in any case.

The kept text itself decides; FTS5 with the trigram tokenizer only narrows down which texts are read. So a
SQLite without FTS5 gives the same answer, and no query is a syntax error.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from warmtui.library.sqlite import storable
from warmtui.library.store import Transaction
from warmtui.model.template import Seed

SEARCH_CHARACTERS = 200_000
"""Characters of a template that are searched: 25 times the default budget of 2,000 tokens."""
_NOT_SEARCHED = frozenset(
    {"id", "provenance", "also_seen", "shown_as", "kind", "request_style", "feedback_style"}
)
_TRIGRAM = 3
"""The tokenizer finds nothing shorter: https://sqlite.org/fts5.html#the_trigram_tokenizer."""
_NARROWING_WORDS = 8
_NARROWING_CHARACTERS = 64


def fold_text(text: str) -> str:
    """Return a text as the search compares it: case-fold_text, NFKC, without NUL."""
    # SQLite's text functions may end at NUL.
    return unicodedata.normalize("NFKC", storable(text)).casefold().replace("\0", " ")


def searchable_text(name: str, tags: tuple[str, ...], description: str, seed: Seed) -> str:
    """Return the searchable text of a template: name, tags, description and the words of the seed, fold_text.

    Ids, provenance and closed word lists are left out; the text is cut at `SEARCH_CHARACTERS`.
    """
    parts: list[str] = []
    room = SEARCH_CHARACTERS
    for part in (name, *tags, description, *_words(seed.model_dump())):
        if room <= 0:
            break
        parts.append(part[:room])
        room -= len(part) + 1
    return fold_text("\n".join(parts))[:SEARCH_CHARACTERS]


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


async def update(transaction: Transaction, template_id: str, text: str) -> None:
    """Keep the searchable text of a template, in the transaction that changes it.

    Args:
        transaction: one that writes.
        template_id: of a kept template.
        text: from `searchable_text`.
    """
    await transaction.rows(
        "INSERT INTO search_text (template_id, text) VALUES (?, ?) "
        "ON CONFLICT (template_id) DO UPDATE SET text = excluded.text",
        template_id,
        text,
    )
    if not transaction.fts:
        await transaction.rows("UPDATE search_state SET indexed = 0 WHERE indexed")
    elif not await _indexed(transaction):
        await _index_all(transaction)
    else:
        await transaction.rows(
            "DELETE FROM search_index WHERE rowid = (SELECT number FROM search_text WHERE template_id = ?)",
            template_id,
        )
        await transaction.rows(
            "INSERT INTO search_index (rowid, text) "
            "SELECT number, text FROM search_text WHERE template_id = ?",
            template_id,
        )


async def matching(transaction: Transaction, query: str) -> frozenset[str] | None:
    """Find the ids of the templates, deleted ones too, that contain every word of the query.

    Args:
        transaction: any.
        query: any text; white space separates its words.

    Returns:
        The ids; None when the query is blank.
    """
    if len(query) > SEARCH_CHARACTERS:
        return frozenset()
    words = sorted(set(fold_text(query).split()), key=len, reverse=True)
    if not words:
        return None
    long = [word[:_NARROWING_CHARACTERS] for word in words if len(word) >= _TRIGRAM]
    if long and transaction.fts and await _indexed(transaction):
        phrases = " ".join('"' + word.replace('"', '""') + '"' for word in long[:_NARROWING_WORDS])
        rows = await transaction.rows(
            "SELECT template_id, text FROM search_text "
            "WHERE number IN (SELECT rowid FROM search_index WHERE search_index MATCH ?)",
            phrases,
        )
    else:
        rows = await transaction.rows(
            "SELECT template_id, text FROM search_text WHERE instr(text, ?)", words[0]
        )
    return frozenset(template_id for template_id, text in rows if all(word in text for word in words))


async def _indexed(transaction: Transaction) -> bool:
    row = await transaction.row("SELECT indexed FROM search_state")
    return bool(row and row[0])


async def _index_all(transaction: Transaction) -> None:
    """Rebuild the index: there was none, or a SQLite without FTS5 has written since."""
    await transaction.rows("DROP TABLE IF EXISTS search_index")
    await transaction.rows(
        "CREATE VIRTUAL TABLE search_index USING fts5(text, tokenize = 'trigram case_sensitive 1')"
    )
    await transaction.rows("INSERT INTO search_index (rowid, text) SELECT number, text FROM search_text")
    await transaction.rows("UPDATE search_state SET indexed = 1")
