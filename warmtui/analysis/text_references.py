"""The paths, URLs and names that running text mentions, and which paths are worth naming."""

from __future__ import annotations

import posixpath
import re

MAX_TEXT = 20_000
"""Characters of a text that are searched: what matters comes early, and pasted logs are long."""
MAX_PATH = 160
"""Nobody would read a longer path."""

_EXTENSIONS_OF: dict[str, str] = {
    "python": "py pyi pyx ipynb",
    "javascript": "js jsx mjs cjs",
    "typescript": "ts tsx",
    "go": "go",
    "rust": "rs",
    "java": "java",
    "kotlin": "kt",
    "scala": "scala",
    "ruby": "rb",
    "php": "php",
    "c": "c h",
    "c++": "cc cpp cxx hpp",
    "c#": "cs",
    "swift": "swift",
    "lua": "lua",
    "perl": "pl",
    "r": "r",
    "julia": "jl",
    "elixir": "ex exs",
    "erlang": "erl",
    "haskell": "hs",
    "ocaml": "ml",
    "clojure": "clj",
    "dart": "dart",
    "zig": "zig",
    "shell": "sh bash zsh",
    "sql": "sql",
    "html": "html",
    "css": "css scss",
    "vue": "vue",
    "svelte": "svelte",
    "terraform": "tf",
    "protobuf": "proto",
    "latex": "tex",
}
LANGUAGES: dict[str, str] = {
    extension: language for language, group in _EXTENSIONS_OF.items() for extension in group.split()
}
"""File extension → the language a person would name."""
_OTHER = """
    md rst txt log json jsonl yaml yml toml ini cfg conf env lock csv tsv xml svg png jpg jpeg gif pdf db
    sqlite parquet xlsx docx zip gz tar whl so dll bat ps1 mk cmake gradle properties service patch diff po
    pot mod sum graphql tmpl j2 plist
"""
EXTENSIONS = frozenset(LANGUAGES) | frozenset(_OTHER.split())
"""Extensions that mark a bare word as the name of a file."""
_BARE_FILES = frozenset(
    {"Makefile", "Dockerfile", "Justfile", "Rakefile", "Gemfile", "Procfile", "Jenkinsfile", "Vagrantfile"}
    | {".env", ".gitignore", ".dockerignore", ".editorconfig", ".bashrc", ".zshrc"}
)

_PASSING_ROOTS = ("/tmp", "/var/tmp", "/private/tmp", "/var/folders", "/private/var", "/dev", "/proc", "/sys")
_SYSTEM_ROOTS = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt/conda", "/opt/miniconda3")
_GENERATED = frozenset(
    {"__pycache__", "node_modules", ".git", "site-packages", "dist-packages", ".pytest_cache", ".mypy_cache"}
    | {".ruff_cache", ".venv", "venv", ".tox", ".nox", ".cache", ".ipynb_checkpoints", "tmp", "temp"}
)
_REFS = ("origin/", "upstream/", "refs/", "HEAD")
_HEXADECIMAL = re.compile(r"(?=[0-9a-fA-F-]{7,}\Z)(?=[a-fA-F-]*\d)[0-9a-fA-F-]+\Z")
_DATE = re.compile(r"\d{4}[-_]?\d{2}[-_]?\d{2}")
_SHAPE = re.compile(r"[\w.~@+/-][\w.~@+/ -]*\Z")
_LINE = re.compile(r"(?::\d{1,9}){1,2}\Z|#L?\d{1,9}\Z")
_WORD = re.compile(r"[\w.~@+/:#-]+")
_URL = re.compile(r"https?://[^\s<>\"'`{}|\\^\[\]“”‘’]{3,400}", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CAMEL = re.compile(r"[A-Z]?[a-z0-9]+(?:[A-Z][a-z0-9]*)+\Z")
_CODE_SPAN = re.compile(r"`([^`\n]{1,200})`")


def extension_of(path: str) -> str:
    """Return the extension of a path's last part in lower case; empty without one."""
    stem, _, extension = path.rsplit("/", 1)[-1].rpartition(".")
    return extension.lower() if stem.strip(".") else ""


def language_of(path: str) -> str | None:
    """Return the language of a path's extension, None if unknown."""
    return LANGUAGES.get(extension_of(path))


def is_file_name(word: str) -> bool:
    """Whether a bare word names a file: by a known extension, or as one of the well-known names."""
    return extension_of(word) in EXTENSIONS or word.rsplit("/", 1)[-1] in _BARE_FILES


def lasting_path(path: str, cwd: str = "") -> str | None:
    """Return the normal form of a path, under which its uses are counted, if the path is worth naming.

    `./a` becomes `a`; an absolute path under `cwd` becomes relative to it; line numbers, pytest's node ids
    and trailing slashes are dropped.

    Args:
        path: as written.
        cwd: the session's working directory, absolute; may be empty.

    Returns:
        The normal form; None for `.` and `..`, version numbers, lone extensions, ellipses, globs, dates,
        hexadecimal ids, and temporary, generated, system and version-control places.

    >>> lasting_path("./src/cart.py:12"), lasting_path("/home/dev/shop/README.md", "/home/dev/shop")
    ('src/cart.py', 'README.md')
    >>> [lasting_path(noise) for noise in ("./", "2.1.0", ".py", "...", "/tmp/x.py", "a/__pycache__/b.py")]
    [None, None, None, None, None, None]
    """
    if len(path) > 2 * MAX_PATH:
        return None
    path = _LINE.sub("", path.strip().split("::", 1)[0])
    if not _SHAPE.match(path) or ".." in path.replace("../", "") or path.startswith(("//", *_REFS)):
        return None
    path = posixpath.normpath(path)
    root = cwd.rstrip("/")
    if root and path.startswith(root + "/"):
        path = path[len(root) + 1 :]
    # `..` leads outside the session's folder, where its paths mean nothing
    if path == root or len(path) > MAX_PATH or path in ("/", ".", "~") or path.startswith(".."):
        return None
    if any(path == place or path.startswith(place + "/") for place in _PASSING_ROOTS + _SYSTEM_ROOTS):
        return None
    parts = path.strip("/").split("/")
    for part in parts:
        if part in _GENERATED or part.endswith((".egg-info", ".pyc")):
            return None
        if _HEXADECIMAL.match(part.split(".", 1)[0]) or _DATE.search(part):
            return None
    last = parts[-1]
    if not any(letter.isalpha() for letter in last):
        return None
    return None if last[0] == "." and last[1:] in EXTENSIONS and last not in _BARE_FILES else path


def paths_in(text: str) -> list[str]:
    """Return the words of a text that look like a file or a path with a slash, as written."""
    found = []
    for word in _WORD.findall(_URL.sub(" ", text[:MAX_TEXT])):
        word = word.rstrip(".:#-").lstrip(":#")
        if ("/" in word and not word.startswith("//")) or is_file_name(_LINE.sub("", word[-MAX_PATH:])):
            found.append(word)
    return found


def urls_in(text: str) -> list[str]:
    """Return the http and https addresses in a text, without punctuation that ends a sentence."""
    return [url.rstrip(".,;:!?)*_") for url in _URL.findall(text[:MAX_TEXT])]


def names_in(text: str) -> set[str]:
    """Return the identifiers in a text: words in snake_case or CamelCase."""
    return {name for name in _NAME.findall(_URL.sub(" ", text[:MAX_TEXT])) if _is_name(name)}


def _is_name(word: str) -> bool:
    if not 5 <= len(word) <= 60:
        return False
    bare = word.strip("_")
    return "_" in bare or word[0] == "_" or (_CAMEL.match(bare) is not None and not bare.isupper())


def code_spans(text: str) -> list[str]:
    """Return what is between backticks on the same line."""
    return _CODE_SPAN.findall(text[:MAX_TEXT])
