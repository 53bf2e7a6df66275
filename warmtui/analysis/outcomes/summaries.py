"""The one-line summaries that Hermes leaves of results it pruned: "[todo] updated task list"."""

from __future__ import annotations

import re

from warmtui.analysis.outcomes.call_kind import Call
from warmtui.analysis.outcomes.exit_codes import of_exit
from warmtui.analysis.outcomes.rules import decide, ok, unknown
from warmtui.model.outcome import Verdict

_LIMIT = 1_000
_EXIT = re.compile(r"\[terminal\] ran `.*` -> exit (-?\d+|\?), \d+ lines output\Z", re.DOTALL)
_MATCHES = re.compile(r"\[search_files\] .* -> (\d+|\?) matches\Z", re.DOTALL)
_OTHER = re.compile(r"\[\w+\] .*(?:\([\d,]+ (?:chars|lines)[^()]*\)|\Z)", re.DOTALL)
_WITHOUT_SIZE = ("[memory] ", "[todo] updated task list", "[clarify] asked user", "[cronjob] ", "[process] ")


def of_summary(call: Call, text: str) -> Verdict | None:
    """Return the verdict of a pruned result, None for any other text.

    The summary of a command names its exit code, that of a search its count; of the others nothing is left
    that could decide.
    """
    if not text.startswith(f"[{call.tool}]") or len(text) > _LIMIT:
        return None
    ran = _EXIT.match(text)
    if ran is not None:
        return _of_code(ran[1], call)
    found = _MATCHES.match(text)
    if found is not None:
        return ok("summary-count") if found[1] != "?" else unknown("pruned")
    if text.startswith(_WITHOUT_SIZE) or _OTHER.match(text):
        return unknown("pruned")
    return None


def _of_code(digits: str, call: Call) -> Verdict:
    if digits == "?":
        return unknown("pruned")
    code = int(digits[:9])
    verdict = of_exit(code, "", call.command)
    if verdict.rule == "exit-code" and code < 100:
        # the summary does not say whether a checker reported findings
        return unknown("pruned")
    if verdict.rule in ("exit-zero", "exit-code"):
        return decide(verdict.outcome, "summary-exit", code=code, error_type=verdict.error_type)
    return verdict
