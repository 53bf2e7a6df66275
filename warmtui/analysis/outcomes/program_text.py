"""The words with which programs say that they failed, at the end of what they print."""

from __future__ import annotations

import re
from collections.abc import Sequence

from warmtui.analysis.patterns import any_of

_LOOKED_AT = 40
"""Lines at the end of an output that are read; crashes are followed by a stack, rarely by more."""
_LINE_LIMIT = 500

_CRASH = any_of(
    # crashes, by language
    r'Exception in thread "',
    r"(?:java|kotlin|scala)\.\S+(?:Exception|Error)\b",
    r"panic: ",
    r"thread '.*' (?:\(\d+\) )?panicked at ",
    r"(?:PHP )?Fatal error: ",
    r"Uncaught \S*(?:Error|Exception)",
    r"Unhandled (?:exception|promise rejection)",
    r"error: Uncaught",
    r"Node\.js v\d+",
    r"Error: Cannot find module",
    r"Execution halted$",
    r".*\.rb:\d+:in .*\(\S+\)$",
    r"terminate called",
    r".*(?:Segmentation fault|AddressSanitizer:|\(core dumped\)$)",
    r"Killed$|Aborted$|Bus error|Illegal instruction",
    # tests that did not run
    r"INTERNALERROR>",
    r"(?:=+ )?no tests ran\b",
    # command line parsers
    r"\S+: error: ",
    r"Try '.*(?:--help|-h)' for ",
    r"Error: (?:unknown|required|accepts|missing|invalid|No such|Got unexpected|Invalid|Missing)",
    # git
    r"fatal: ",
    r"error: (?:pathspec|failed to|Your local changes|patch failed|src refspec|The following)",
    r"error: (?:unknown option|unrecogni[sz]ed|no such|unexpected|invalid|cannot|could not|aborting)",
    # package managers
    r"npm (?:ERR!|error) ",
    r".*\b(?:ERR_PNPM_|ELIFECYCLE\b)",
    r"error (?:Command failed|Couldn't)",
    r"error: (?:subprocess-exited|externally-managed|package ID)",
    r"ERROR: (?:Could not|No matching|Failed|Cannot|Invalid|Command errored|Exception|Directory|Error)",
    r"ERROR: (?:file or directory not found|not found:|usage:)",
    r"E: ",
    # compilers and build tools
    r"(?:g?make|ninja)(?:\[\d+\])?: (?:\*\*\*|error|build stopped)",
    r"error: (?:could not compile|linker|linking)",
    r"error(?:\[E\d+\])?: aborting",
    r"collect2: (?:fatal )?error",
    r".*undefined reference to",
    r"\S+?:\d+:(?:\d+:)? (?:fatal )?error: ",
    r"\S+?\(\d+(?:,\d+)?\): (?:fatal )?error ",
    r"\S+\.go:\d+:\d+: ",
    r".*\bexit status [1-9]\d*$",
    r"FAILURE: Build failed|BUILD FAILED|\[ERROR\] |CMake Error",
    # clients of servers
    r"(?:docker: )?Error response from daemon|Error from server",
    r"error: (?:the server|You must be logged)",
    r"An error occurred \(|Unable to connect to the server|Cannot connect to the Docker daemon",
    # databases
    r"ERROR \d{4} \(\w{5}\)",
    r"(?:psql|pg_\w+|mysql): (?:error|FATAL)",
    r"(?:psql:\S* )?ERROR:  ",
    r"Error: (?:near [\"']|in prepare)|Parse error",
    # PowerShell
    r"\s*\+ (?:CategoryInfo|FullyQualifiedErrorId)",
)
"""Lines that only a failing program prints: crashes, and the fixed words of common tools."""

_LAST = any_of(r"(?:error|Error|ERROR|fatal|FATAL)(?:\[\w+\])?: \S", r"❌", r"(?:Command|Build) failed\b")
"""Words that a command line tool ends with when it fails, and that a script prints about anything."""

_INTERPRETERS = any_of(
    r"python[\d.]*|pypy3?|ipython|node|nodejs|deno|bun|tsx|ts-node|ruby|perl|php|java|Rscript|julia|lua",
    r"go|cargo|dotnet|bash|sh|zsh|dash|make|npm|yarn|pnpm",
    r".*\.(?:py|sh|js|ts|rb|pl)",
)


def program_failure(lines: Sequence[str], programs: Sequence[str]) -> str:
    """Return the line in which the program says that it failed, else an empty text.

    Args:
        lines: the output's lines that are not empty.
        programs: base names of the commands that decide the exit code. What a script or an interpreter
            prints is the script's own words, so only crashes and fixed words count there.
    """
    tail = lines[-_LOOKED_AT:]
    for line in tail:
        if _CRASH.match(line[:_LINE_LIMIT]):
            return line
    scripted = any(re.fullmatch(_INTERPRETERS, name) for name in programs)
    if tail and not scripted and _LAST.match(tail[-1]):
        return tail[-1]
    return ""
