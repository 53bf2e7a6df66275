"""Validate the settings file: what is wrong, at which place, and what to write instead."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_core import ErrorDetails

from warmtui import registry
from warmtui.curation.tokens import Limits
from warmtui.workspace.settings import Paths, SettingProblem, Settings, SettingsRead

_STRICT = ConfigDict(strict=True, extra="forbid")
_Text = Annotated[str, Field(min_length=1, pattern=r"\S")]
_Count = Annotated[int, Field(ge=0, le=1_000)]
_DEFAULT = Limits()


class _Thresholds(BaseModel):
    model_config = _STRICT
    tokens: Annotated[int, Field(ge=100, le=1_000_000)] = _DEFAULT.tokens
    recoveries: _Count = _DEFAULT.recoveries
    examples: _Count = _DEFAULT.examples
    markers: _Count = _DEFAULT.markers
    notes: _Count = _DEFAULT.notes


class _Paths(BaseModel):
    model_config = _STRICT
    sources: list[_Text] = []
    library: _Text = ""


class _File(BaseModel):
    model_config = _STRICT
    theme: _Text = ""
    signs: Literal["auto", "unicode", "ascii"] = "auto"
    findings_are_errors: bool = False
    thresholds: _Thresholds = _Thresholds()
    paths: _Paths = _Paths()
    keys: dict[str, _Text] = {}


Sections = Mapping[str, type[BaseModel]]
"""The model of each table of the file; of the file itself under the empty name."""


def _sections() -> Sections:
    """Return the models of the file's tables; each agent that can be moved has a setting in `paths`."""
    homes: dict[str, Any] = {agent.home_setting: (_Text, "") for agent in _movable()}
    paths = create_model("_Paths", __base__=_Paths, **homes)
    paths_field: dict[str, Any] = {"paths": (paths, paths())}
    return {
        "": create_model("_File", __base__=_File, **paths_field),
        "thresholds": _Thresholds,
        "paths": paths,
    }


def _movable() -> list[registry.Agent]:
    return [agent for agent in registry.AGENTS if agent.home_variable]


_KINDS = {
    "int_type": "a whole number",
    "bool_type": "true or false",
    "string_type": "text in quotes",
    "list_type": 'a list of texts, as ["hermes"]',
    "dict_type": "a table of its own",
    "model_type": "a table of its own",
}


def parse(text: str, path: Path, home: str | None = None) -> SettingsRead:
    """Return the settings in a TOML text, each invalid one left at its default and reported.

    Args:
        text: what the file holds.
        path: the file; paths in it may be relative to its folder.
        home: what `~` stands for; the process's own home without it.
    """
    try:
        found: dict[str, Any] = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        what = f"it is not TOML: {error}" if isinstance(error, ValueError) else "it is nested too deeply"
        remedy = "mend it, or move it away to have the defaults"
        return SettingsRead(Settings(), (SettingProblem(str(path), "", what, remedy),))
    if isinstance(found.get("keys"), dict):
        # `sessions.sort = "o"` without quotes is a table in a table
        found["keys"] = _flat(found["keys"])
    problems: list[SettingProblem] = []
    sections = _sections()
    while True:
        try:
            file = sections[""].model_validate(found)
        except ValidationError as error:
            # this repeats while the file is wrong; each turn takes out at least one place
            for problem in error.errors(include_url=False, include_context=True):
                place = tuple(map(str, problem["loc"][:2]))
                if _take_out(found, place):
                    problems.append(_problem(path, place, problem, sections))
        else:
            assert isinstance(file, _File)
            return SettingsRead(_settings(file, path.parent, home), tuple(problems))


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f"{prefix}{name}."))
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _take_out(found: dict[str, Any], place: tuple[str, ...]) -> bool:
    """Take a setting out, so that it has its default; False when another of its problems did already."""
    *sections, name = place
    for section in sections:
        found = found.get(section, {})
    return found.pop(name, _STRICT) is not _STRICT


def _problem(path: Path, place: tuple[str, ...], error: ErrorDetails, sections: Sections) -> SettingProblem:
    *above, name = place
    section = ".".join(above)
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    where = ".".join(place) if section != "keys" else f'keys."{name}"'
    if kind == "extra_forbidden":
        known = list(sections[section].model_fields)
        elsewhere = [heading for heading, model in sections.items() if heading and name in model.model_fields]
        if elsewhere:
            return SettingProblem(
                str(path), where, "it does not belong here", f"write it below [{elsewhere[0]}]"
            )
        near = get_close_matches(name, known, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
        return SettingProblem(str(path), where, f"there is no setting {name!r}", remedy)
    if kind in _KINDS:
        text = f"it is to be {_KINDS[kind]}, not {_shown(given)}"
    elif kind == "greater_than_equal":
        text = f"it is to be at least {context['ge']}, not {given}"
    elif kind == "less_than_equal":
        text = f"it is to be at most {context['le']:,}, not {given}"
    elif kind == "literal_error":
        text = f"it is to be {context['expected']}, not {_shown(given)}"
    elif kind in ("string_too_short", "string_pattern_mismatch"):
        text = "it is empty"
    else:
        text = error["msg"]
    return SettingProblem(str(path), where, text, _remedy(section, name, sections))


def _remedy(section: str, name: str, sections: Sections) -> str:
    if section == "keys":
        return "write a key, as x, f5 or ctrl+e"
    default = sections[section].model_fields[name].default
    if isinstance(default, BaseModel):
        return f"write it as [{name}], its settings below"
    if default in ("", []):
        return "mend it, or take it out"
    shown = str(default).lower() if isinstance(default, bool | int) else f'"{default}"'
    return f"mend it, or take it out to have the default, {shown}"


def _shown(given: object) -> str:
    text = repr(given)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _settings(file: _File, folder: Path, home: str | None) -> Settings:
    def resolved(path: str) -> str:
        if path == "~" or path.startswith("~/"):
            path = f"{home or Path.home()}{path[1:]}"
        return str(folder / path)

    names = registry.source_names()
    homes = {agent.home_setting: str(getattr(file.paths, agent.home_setting)) for agent in _movable()}
    return Settings(
        theme=file.theme,
        signs=file.signs,
        findings_are_errors=file.findings_are_errors,
        thresholds=Limits(**file.thresholds.model_dump()),
        paths=Paths(
            sources=tuple(source if source in names else resolved(source) for source in file.paths.sources),
            library=resolved(file.paths.library) if file.paths.library else "",
            homes={name: resolved(home) for name, home in homes.items() if home},
        ),
        keys=dict(file.keys),
    )
