"""The last words of programs that failed: crashes, and fixed messages of programs of wide use.

Each pattern is the program's own wording. The surer it is, the more is searched for it: `_CRASH` counts near
the end of any output, `_OF_PROGRAM` in the output of that program alone, `_LAST` and `_FIRST` as the last and
the first line of a tool that is no script, for a script may print such a line about anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from warmtui.analysis.outcomes.command_line import Stage
from warmtui.analysis.patterns import any_of, word_set

_TAIL_LINES = 40
"""Lines at the end of an output that are read: a stack follows a crash, rarely more."""
_LINE_LIMIT = 500
_FEW_LINES = 12
"""A longer output is more than a complaint."""

_CRASH = any_of(
    # crashes, by language
    r'Exception in thread "',
    r"(?:java|kotlin|scala)\.\S+(?:Exception|Error)\b",
    r"panic: ",
    r"thread '.*' (?:\(\d+\) )?panicked at ",
    r"(?:PHP )?(?:Fatal|Parse) error: ",
    r"Uncaught \S*(?:Error|Exception)",
    r"Unhandled (?:exception|promise rejection)",
    r"error: Uncaught",
    r"Node\.js v\d+",
    r"Bun v\d+\.\d+\.\d+ \(",
    r"(?:Error: )?Cannot find module",
    r"Execution halted$",
    r".*\.rb:\d+:in .*\(\S+\)$",
    r"\S+ aborted!$",
    r"\*\* \(\w[\w.]*(?:Error|\) )",
    r"terminate called",
    r".*(?:Segmentation fault|AddressSanitizer:|\(core dumped\)$)",
    r"Killed$|Aborted$|Bus error|Illegal instruction",
    r"Backtrace omitted\. Run with RUST_BACKTRACE",
    r"(?:Expecting .{1,80}|Extra data|Invalid .{1,40}|Unterminated string .{1,40}): line \d+ column \d+ "
    r"\(char \d+\)$",
    r"(?:Error|ERROR|error): \[Errno \d+\] ",
    r"BEGIN failed--compilation aborted|Execution of \S+ aborted due to compilation errors",
    # programs that are not there
    r"(?:\S*/)?python[\d.]*(?:\.exe)?: (?:No module named|can't open file|Error while finding module)",
    r"Command '\S+' not found, ",
    r"The program '\S+' is currently not installed",
    r"(?:bundler: command not found|Could not locate Gemfile|Could not open input file: )",
    r"Error: (?:Could not find or load main class|Unable to access jarfile)",
    # tests that did not run
    r"INTERNALERROR>",
    r"(?:=+ )?no tests ran\b",
    r"ImportError while loading conftest",
    r"No tests? (?:files? )?found, exiting with code [1-9]",
    r"FAIL\s+\S+ \[(?:build|setup) failed\]",
    # command line parsers
    r"\S+: error: ",
    r"Try '.*(?:--help|-h)' for ",
    r"╭─+ Error ─",
    r"Error: (?:unknown|required|accepts|missing|invalid|No such|Got unexpected|Invalid|Missing)",
    # git
    r"fatal: ",
    r"error: (?:pathspec|failed to|Your local changes|patch failed|src refspec|The following)",
    r"error: (?:unknown option|unrecogni[sz]ed|no such|unexpected|invalid|cannot|could not|aborting)",
    r"CONFLICT \(|Automatic merge failed",
    r"\d+ out of \d+ hunks? FAILED",
    # package managers
    r"npm (?:ERR!|error)(?: |$)",
    r".*\b(?:ERR_PNPM_|ELIFECYCLE\b)",
    r"error (?:Command failed|Couldn't)",
    r"error: script \"[^\"]+\" (?:exited|was terminated)",
    r"(?:Usage|Internal) Error: ",
    r"error: (?:subprocess-exited|externally-managed|package ID)",
    r"ERROR: (?:Could not|No matching|Failed|Cannot|Invalid|Command errored|Exception|Directory|Error)",
    r"ERROR: (?:file or directory not found|not found:|usage:|failed to)",
    r"\s*× (?:No solution found|Failed to )",
    r"\w*Conda\w*Error: |PackagesNotFoundError: |EnvironmentLocationNotFound: ",
    r"E: ",
    # compilers and build tools
    r"(?:g?make|ninja)(?:\[\d+\])?: (?:\*\*\*|error|build stopped)",
    r"error: (?:could not compile|linker|linking)",
    r"error(?:\[E\d+\])?: aborting",
    r"collect2: (?:fatal )?error|compilation terminated\.$",
    r"(?:\S*/)?ld(?:\.\w+)?: (?:cannot find|symbol\(s\) not found|undefined)",
    r".*undefined reference to",
    r"\S+?:\d+:(?:\d+:)? (?:fatal )?error: ",
    r"\S+?\(\d+(?:,\d+)?\): (?:fatal )?error ",
    r"(?:MSBUILD|CSC) : error ",
    r"\S+\.go:\d+:\d+: ",
    r"go: (?:cannot|no |unknown|go\.mod file not found|\S+@\S+: |module \S+: |error )",
    r"no Go files in |no required module provides package",
    r".*\bexit status [1-9]\d*$",
    r"FAILURE: Build failed|(?:\*\* )?BUILD FAILED|Build FAILED\.|\[(?:ERROR|error)\] |CMake Error",
    r"-- Configuring incomplete, errors occurred",
    r"error during build:|Failed to compile\.|.* compiled with [1-9]\d* errors?",
    # clients of servers
    r"(?:docker: )?Error response from daemon|Error from server",
    r"error: (?:the server|You must be logged)",
    r".{0,200}?\bAn error occurred \(\w+\) when calling",
    r"An error occurred \(|Unable to connect to the server|Cannot connect to the Docker daemon",
    r"Unable to locate credentials|Could not connect to the endpoint URL|You must specify a region",
    r"ERROR: \(gcloud\.|Please run 'az login'",
    r"[│|] Error: ",
    r"Host key verification failed\.|.{0,80}: Permission denied \(publickey|kex_exchange_identification",
    # databases
    r"ERROR \d{4} \(\w{5}\)",
    r"(?:psql|pg_\w+|mysql): (?:error|FATAL)",
    r"(?:psql:\S* )?(?:ERROR|FATAL):  ",
    r"Error: (?:near [\"']|in prepare)|Parse error",
    r"Received exception from server|Code: \d+\. DB::",
    r"Mongo\w*Error: |Could not connect to Redis at |(?:Catalog|Parser|Binder|Conversion) Error: ",
    # PowerShell
    r"\s*\+ (?:CategoryInfo|FullyQualifiedErrorId)",
)
"""Lines that only a failing program prints."""

_OF_PROGRAM: tuple[tuple[frozenset[str], re.Pattern[str]], ...] = (
    (
        word_set("git"),
        any_of(
            r"error: ",
            r"The following (?:paths are ignored|untracked working tree files would be)",
            r"(?:.*[Pp]re-commit|.*hook).{0,40} failed\b|husky - \S+ (?:hook|script) (?:exited|failed)",
            r"merge: |There is no tracking information|You need to |Please (?:specify|commit)",
            r"\*\*\* Please tell me who you are",
            r" ! \[(?:rejected|remote rejected)\]|No stash entries found",
        ),
    ),
    (frozenset({"git commit"}), any_of(r"nothing (?:added )?to commit\b|no changes added to commit")),
    (
        word_set("gh glab hub"),
        any_of(
            r"GraphQL: |X |Unknown JSON field|HTTP [45]\d\d|gh: ",
            r"(?:accepts|requires) (?:at (?:most|least) )?\d+ arg|unknown (?:flag|command|shorthand)",
            r"no (?:pull requests|git remotes|checks|open|default|runs|matches)\b|none of the git remotes",
            r"(?:could not|failed to|must (?:be|provide)|cannot|unable to|invalid) ",
            r"(?:pull request \w+ failed|a pull request for branch)",
            r"To get started with GitHub CLI, please run|run \d+ is still in progress; logs",
        ),
    ),
    (
        word_set("docker docker-compose podman nerdctl"),
        any_of(
            r"unknown (?:shorthand )?flag|no configuration file provided|no such service|service \"\S+\" ",
            r"permission denied while trying to connect|unable to |denied: |unauthorized: |invalid ",
        ),
    ),
    (
        word_set("kubectl helm oc terraform tofu ansible-playbook ansible"),
        any_of(r"error: |Error: |The connection to the server|ERROR! |fatal: |The \w+ \"\S+\" is invalid"),
    ),
    (
        word_set("aws gsutil gcloud az bq s3cmd"),
        any_of(
            r"(?:upload|download|copy|move|delete|make_bucket|remove_bucket) failed: |fatal error: ",
            r"The user-provided path |The config profile|Unknown options: |Parameter validation failed",
            r"Partial credentials found",
            r"ERROR: |(?:CommandException|AccessDeniedException|BadRequestException|ServiceException): ",
            r"'\S+' is (?:misspelled or )?not (?:in|recognized)",
        ),
    ),
    (
        word_set("npm yarn pnpm"),
        any_of(r"Unknown command: |To see a list of supported npm commands|Usage Error: "),
    ),
    (word_set("cargo rustc rustup rustfmt"), any_of(r"error(?:\[E\d+\])?: ")),
    (word_set("curl"), any_of(r".{0,160}curl: \(\d+\) |Warning: Failed to (?:create|open) the file")),
    (word_set("ip ifconfig"), any_of(r"Device \"|Cannot find device|RTNETLINK answers: ")),
    (word_set("man"), any_of(r"No manual entry for ")),
    (word_set("jq yq"), any_of(r"(?:jq: )?(?:parse )?error\b|Error: ")),
    (
        word_set("wget"),
        any_of(r".*ERROR [45]\d\d: |.*failed: (?:Connection|Name|Temporary|No route)|Giving up\."),
    ),
    (
        word_set("ssh scp sftp rsync"),
        any_of(r"ssh: |scp: |rsync(?: error)?: |lost connection|Connection (?:closed|reset)"),
    ),
    (word_set("perl"), any_of(r".{1,300} at \S+ line \d+\.$|Can't (?:locate|open) ")),
    (word_set("R Rscript"), any_of(r"Error(?: in .{1,200})?: ?")),
    (word_set("lua luajit"), any_of(r"lua\w*: ")),
    (
        word_set("php composer"),
        any_of(r"\s{2}\[\w*(?:Exception|Error)\]|In \S+\.php line \d+:|Composer could not find"),
    ),
    (
        word_set("systemctl service crontab launchctl tmux screen"),
        any_of(
            r"Failed to |Unit \S+ (?:could not be|not) found|System has not been booted|no crontab for ",
            r".{1,80}: unrecognized service|no server running on|no sessions$|can't find \w+",
            r"error connecting to ",
            r"open terminal failed|Must be connected to a terminal|No screen session found",
        ),
    ),
    (
        word_set("apt apt-get dpkg yum dnf brew apk pacman snap pip pip3 uv conda mamba poetry gem bundle"),
        any_of(
            r"(?:Error|ERROR|error): |dpkg(?:-query)?: |WARNING: Package|No (?:match for|package) ",
            r"Could not find ",
            r"Poetry could not find|The command \"[^\"]+\" is not defined|Could not locate Gemfile",
        ),
    ),
    (
        word_set(
            """
            sqlite3 psql mysql mariadb duckdb clickhouse-client clickhouse mongosh mongo redis-cli sqlcmd
            cqlsh
            """
        ),
        any_of(r"(?:Error|ERROR|Runtime error|FATAL)\b.{0,40}: |\(error\) |Msg \d+, Level|Could not connect"),
    ),
    (
        word_set("ffmpeg ffprobe convert magick pandoc pdflatex xelatex tesseract gs"),
        any_of(
            r"Conversion failed!|Error opening |Invalid data found|! (?:LaTeX|Emergency)",
            r".{0,200}: Unrecognized",
        ),
    ),
    (
        word_set("openssl gpg"),
        any_of(r"Can't open |unable to load |gpg: (?:no valid|decryption failed)|\w+:error:"),
    ),
    (word_set("mix elixir iex"), any_of(r"\*\* \(|== Compilation error")),
    (
        word_set("unzip zip 7z tar gzip"),
        any_of(r"\s*End-of-central-directory|.*cannot find or open|zip error: |.*ERROR: "),
    ),
)
"""Programs, or a program and its subcommand if that comes last → lines with which they report a failure."""

_ERROR = r"(?:(?:fatal|Fatal|internal|Internal) )?(?:error|Error|ERROR|fatal|FATAL)(?:\[\w+\])?: ?\S"
_LAST = any_of(
    _ERROR,
    r"(?:Command|Build|Compilation|Installation|Deployment) failed\b",
    r".{0,200}: (?:No such file or directory|[Pp]ermission denied|[Cc]onnection refused|Is a directory"
    r"|Not a directory|File exists|Operation not permitted|No space left on device|Exec format error"
    r"|no such file or directory|no such host|i/o timeout|context deadline exceeded|executable file not found"
    r"(?: in \$PATH)?)\.?(?: \(os error \d+\))?$",
    r"(?:\w+Error|\w+Exception): \S",
)
"""Last lines of a failing command-line tool."""
_FIRST = any_of(
    _ERROR,
    r"(?:Failed|Unable|unable|failed) to \w|(?:Could not|Cannot|cannot|could not|Can't|can't) \w",
    r"(?:[Uu]nknown|[Ii]nvalid|[Uu]nrecognized|Unsupported) "
    r"(?:command|option|flag|argument|subcommand|parameter|value|target|field|input)\b",
    r"(?:Missing|missing) (?:required )?(?:argument|option|parameter|operand|flag)",
    r"(?:Access|Permission) denied",
    r"(?:Authentication|Authorization|Connection|Login|Request) (?:failed|refused|denied)",
    r"(?:You are )?[Nn]ot (?:logged in|authenticated|authorized)\b|Unauthorized\b|Forbidden\b",
    r"[Uu]sage: (?!.*\d%)",
    r"No such (?:file|command|option|container|image|service)",
)
"""First lines of a tool that only complains."""
_OF_RUNNER = any_of(r"(?:error|fatal)(?:\[\w+\])?: \S")
"""How the program that should run a script complains; scripts that caught an exception write `Error: `."""
_ONLY_ERRORS = any_of(r"\[?(?:error|Error|ERROR|fatal|FATAL)\]?(?:\[\w+\])?(?: \(\w+\))?: ?\S")
"""Lines of an output that is nothing but a program's last words, whichever program it is."""
_BELONGS = any_of(
    r"\s",
    r"(?:Caused by|hint|Hint|note|tip|help|usage|Usage|For more information|Run |See |Try )",
    r"[│╰╭|}\])]",
)
"""Lines that go on with such words."""
_MARK = re.compile(r"\s{0,8}(?:(?P<bad>[✗✘✖❌])|[✓✔✅])\ufe0f?\s")
"""The sign with which a tool begins a line that tells how a step went."""

_INTERPRETERS = any_of(
    r"python[\d.]*|pypy3?|ipython|node|nodejs|deno|bun|tsx|ts-node|ruby|perl|php|java|Rscript|julia|lua",
    r"go|cargo|dotnet|bash|sh|zsh|dash|make|npm|yarn|pnpm|npx|mise|just|task|rake|mix|mvn|gradle|gradlew",
    r"pytest|jest|vitest|mocha|tox|nox|playwright|ctest",
    r".*\.(?:py|sh|js|ts|rb|pl|mjs|cjs)",
)
"""Programs that run what somebody wrote, which can print anything."""


def program_failure(lines: Sequence[str], stages: Sequence[Stage]) -> str:
    """Return the line in which a program says that it failed, else an empty text.

    Args:
        lines: the non-empty lines of the output, without colours.
        stages: the commands that decide the exit code.
    """
    if not lines:
        return ""
    tail = lines[-_TAIL_LINES:]
    crash = crash_line(tail)
    if crash:
        return crash
    names = frozenset().union(*(stage.names for stage in stages))
    if stages and stages[-1].arguments:
        names |= {f"{stages[-1].name} {stages[-1].arguments[0]}"}
    near = [*lines[:5], *tail]
    for programs, words in _OF_PROGRAM:
        if not programs.isdisjoint(names):
            for line in near:
                if words.match(line[:_LINE_LIMIT]):
                    return line
    # a script can print anything, so only crashes and fixed messages count for it
    scripted = any(re.fullmatch(_INTERPRETERS, stage.name) for stage in stages)
    if _only_errors(lines) and (not scripted or _OF_RUNNER.match(lines[0])):
        return lines[0]
    if scripted:
        return ""
    if _LAST.match(tail[-1][:_LINE_LIMIT]):
        return tail[-1]
    if len(lines) <= _FEW_LINES and _FIRST.match(lines[0][:_LINE_LIMIT]):
        return lines[0]
    return _last_mark(lines)


def crash_line(lines: Sequence[str]) -> str:
    """Return the first of the lines that only a failing program prints, else an empty text."""
    return next((line for line in lines[-_TAIL_LINES:] if _CRASH.match(line[:_LINE_LIMIT])), "")


def _only_errors(lines: Sequence[str]) -> bool:
    """Whether the lines are an error message and what belongs to it, and nothing else."""
    if len(lines) > _FEW_LINES or not _ONLY_ERRORS.match(lines[0]):
        return False
    return all(_ONLY_ERRORS.match(line) or _BELONGS.match(line) for line in lines[1:])


def _last_mark(lines: Sequence[str]) -> str:
    """Return the line of the last mark if it says that a step failed, else an empty text."""
    for line in reversed(lines):
        mark = _MARK.match(line)
        if mark is not None:
            return line if mark["bad"] else ""
    return ""
