from __future__ import annotations

import pytest
from case_tables import cases

from warmtui.analysis.text_references import (
    code_spans,
    extension_of,
    language_of,
    lasting_path,
    names_in,
    paths_in,
    urls_in,
)


@pytest.mark.parametrize(
    ("path", "language"),
    [("src/a.py", "python"), ("A.TSX", "typescript"), ("README.md", None), (".py", None), ("", None)],
)
def test_language_of_a_path(path: str, language: str | None) -> None:
    assert language_of(path) == language


def test_a_dot_file_has_no_extension() -> None:
    assert [extension_of(path) for path in (".gitignore", "a/.env", "x.tar.gz", "d.d/file")] == [
        "",
        "",
        "gz",
        "",
    ]


@cases("analysis/data/lasting_paths.jsonl")
def test_one_form_of_a_path(written: str, normal: str | None) -> None:
    assert lasting_path(written, "/home/dev/shop/") == normal


def test_words_of_a_text() -> None:
    text = "Look at src/a.py:12, README.md and (app.log). See https://e.example/x.py, and/or `make test`?"
    assert paths_in(text) == ["src/a.py:12", "README.md", "app.log", "and/or"]
    assert urls_in(text) == ["https://e.example/x.py"]
    assert code_spans(text) == ["make test"]


def test_names_are_words_that_only_code_has() -> None:
    text = "The CartTotal class, whole_cents, _private and getItem; not Total, HTML, M20IZO, 3FRNFB or hello."
    assert names_in(text) == {"CartTotal", "whole_cents", "_private", "getItem"}
