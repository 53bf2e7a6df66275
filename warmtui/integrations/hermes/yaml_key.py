"""Read and change one key of a YAML file without touching a byte of the rest.

Even ruamel's round-trip mode re-indents lists, folds long lines and moves comments. So the text is spliced
where the parser says the key is, and the result is parsed again to prove that only the key changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from warmtui.errors import WarmtuiError

EMPTY_SCALARS = frozenset({"", "~", "null", "false", "no", "off", "0"})
"""Unquoted scalars, in lower case, that YAML 1.1 turns into a value that counts as not set."""


class Edit(NamedTuple):
    """A changed text, and what undoes the change."""

    text: str
    previous: str | None
    """The source text that was after the key's colon; None when there was no such key."""
    inserted: str
    """The source text that was inserted for a new key; empty when the key was there."""


class _KeySpan(NamedTuple):
    """Where a key of the root mapping stands, as indexes into the text."""

    start: int
    after_colon: int
    end: int


def read_scalar(text: str, *path: str) -> str:
    """Read one text of a YAML document.

    Args:
        text: the whole file; may be empty.
        path: the keys that lead to it from the root.

    Returns:
        The text, stripped; empty when a key is missing or its value is empty or not a scalar. The last of
        several equal keys counts.

    Raises:
        WarmtuiError: the text is not YAML.
    """
    node: Node | None = _compose(text)
    for key in path:
        pairs = node.value if isinstance(node, MappingNode) else []
        values = [value for name, value in pairs if isinstance(name, ScalarNode) and name.value == key]
        node = values[-1] if values else None
    if not isinstance(node, ScalarNode):
        return ""
    value = str(node.value).strip()
    return "" if node.style is None and value.lower() in EMPTY_SCALARS else value


def source_of(text: str, key: str) -> str | None:
    """Return the source text after the colon of a key of the root mapping; None without such a key.

    Raises:
        WarmtuiError: the text is not YAML or not a mapping, or the key occurs twice or is not a scalar.
    """
    span = _span(text, _root(text), key)
    return None if span is None else text[span.after_colon : span.end]


def set_key(text: str, key: str, value: str) -> Edit:
    """Set one key of the root mapping.

    Args:
        text: the whole file; may be empty.
        key: the key, a plain YAML scalar.
        value: its new value, a plain YAML scalar.

    Raises:
        WarmtuiError: the text is not YAML or not a mapping, or the edit would change something else.
    """
    root = _root(text)
    span = _span(text, root, key)
    if span is not None:
        new = f"{text[: span.after_colon]} {value}{text[span.end :]}"
        if _rest(new, key) != _rest(text, key) or read_scalar(new, key) != value:
            raise WarmtuiError(f"{key} cannot be changed without changing something else")
        return Edit(new, text[span.after_colon : span.end], "")
    before = _rest(text, key)
    # No place fits every document, so each is tried until nothing else changes.
    for index, inserted in _insertions(text, root, f"{key}: {value}"):
        new = text[:index] + inserted + text[index:]
        if _is_same_but(new, key, value, before):
            return Edit(new, None, inserted)
    raise WarmtuiError(f"there is no place where {key} could be added without changing something else")


def restore_key(text: str, key: str, previous: str | None, inserted: str) -> str:
    """Undo `set_key`, also after other lines of the text were changed.

    Args:
        text: the text as it is now.
        key: the key that was set.
        previous: `Edit.previous`.
        inserted: `Edit.inserted`.

    Raises:
        WarmtuiError: the text is not YAML, the key is gone, or undoing would change something else.
    """
    span = _span(text, _root(text), key)
    if span is None:
        raise WarmtuiError(f"{key} is not set any more")
    if previous is not None:
        undone = [text[: span.after_colon] + previous + text[span.end :]]
    else:
        # What was inserted may begin with the line break of the line before, and another line may follow now.
        line = text.rfind("\n", 0, span.start) + 1
        end = text.find("\n", span.end)
        undone = [text[:line] + (text[end + 1 :] if end >= 0 else "")]
        start = span.start - inserted.index(key)
        if start >= 0 and text.startswith(inserted, start):
            undone.insert(0, text[:start] + text[start + len(inserted) :])
    rest = _rest(text, key)
    for new in undone:
        if _keeps(new, key, rest):
            return new
    raise WarmtuiError(f"{key} cannot be taken out without changing something else")


def _insertions(text: str, root: MappingNode | None, line: str) -> Iterator[tuple[int, str]]:
    newline = "\r\n" if "\r\n" in text else "\n"
    if root is not None and root.flow_style:
        closing = text.rindex("}", 0, root.end_mark.index)
        yield closing, f", {line}" if root.value else line
        return
    column = root.value[0][0].start_mark.column if root is not None else 0
    whole = " " * column + line + newline
    yield len(text), whole if not text or text.endswith("\n") else newline + whole
    if root is not None:
        # The end does not work after a text block without a closing newline or after a document's dots.
        # The place before the first key always does.
        first = root.value[0][0].start_mark.index
        yield text.rfind("\n", 0, first) + 1, whole


def _span(text: str, root: MappingNode | None, key: str) -> _KeySpan | None:
    pairs = root.value if root is not None else []
    found = [(k, v) for k, v in pairs if isinstance(k, ScalarNode) and k.value == key]
    if not found:
        return None
    if len(found) > 1:
        raise WarmtuiError(f"{key} stands in it {len(found)} times", "leave one of them")
    name, value = found[0]
    if not isinstance(value, ScalarNode):
        raise WarmtuiError(f"{key} in it is not a text", "set it to a file name or remove it")
    after_colon = text.index(":", name.end_mark.index) + 1
    end = after_colon
    if value.end_mark.index > value.start_mark.index:  # an empty value is reported at the next token
        end += len(text[after_colon : value.end_mark.index].rstrip())
    return _KeySpan(name.start_mark.index, after_colon, end)


def _root(text: str) -> MappingNode | None:
    node = _compose(text)
    if node is None or (isinstance(node, ScalarNode) and not node.value):
        return None
    if not isinstance(node, MappingNode):
        raise WarmtuiError("its top level is not a mapping of settings to values")
    return node


def _reader() -> YAML:
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 1)  # what PyYAML, and so Hermes, reads
    reader.allow_duplicate_keys = True
    return reader


def _compose(text: str) -> Node | None:
    try:
        node: Node | None = _reader().compose(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark is not None else ""
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise WarmtuiError(f"it is not YAML: {place}{reason}") from error
    except RecursionError as error:
        raise WarmtuiError("it is nested too deeply to be read") from error
    return node


def _keeps(text: str, key: str, rest: str) -> bool:
    try:
        return _rest(text, key) == rest
    except WarmtuiError:
        return False


def _is_same_but(text: str, key: str, value: str, rest: str) -> bool:
    return _keeps(text, key, rest) and read_scalar(text, key) == value


def _rest(text: str, key: str) -> str:
    """Serialize the document without the key; two equal results prove that an edit changed nothing else."""
    root = _root(text)
    if root is None:
        return ""
    root.value = [
        pair for pair in root.value if not (isinstance(pair[0], ScalarNode) and pair[0].value == key)
    ]
    if not root.value:
        return ""
    said = StringIO()
    try:
        _reader().serialize(root, said)
    except (YAMLError, RecursionError) as error:
        raise WarmtuiError("it is nested too deeply to be read") from error
    return said.getvalue()
