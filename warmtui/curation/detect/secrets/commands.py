# ruff: noqa: E501 - a pattern is read and compared best on one line
"""Passwords that a command line gives by position or by a short option: `mysql -pX`, `curl -u bob:X`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from warmtui.curation.detect import values
from warmtui.curation.detect.rule import Extent, Rule, RuleTable, Search

_REST = re.compile(r"[^\n|;]{0,600}")
_COMMAND_END = re.compile(r"&&|(?<!\\)(?:\\\\){0,8}\\n|\\\\n")
_OPTION_BEFORE = re.compile(r"\s-{1,2}(?:name|type|iname|grep|path|f|v|l|s|C|n)\s{1,3}\Z")
_FLAG_WORD = re.compile(r"-{1,2}[a-zA-Z]")
_GAP = r"(?:\s{1,3}|\\{0,7}[\"'],\s{0,3}(?=\\{0,7}[\"']))"
_LONG_OPTIONS = (" --user", " --proxy-user", " --auth", " --access-token")


def _command(
    programs: tuple[str, ...],
    needs: tuple[str, ...],
    option: str,
    *,
    pair: str = "",
    kind: str = "password",
    says: str = "",
) -> Rule:
    """Make a rule for a family of programs.

    Args:
        programs: their names.
        needs: options (`-p`, `--`) or strings, one of which must be in the text; empty if the names suffice.
        option: a pattern, searched for in the rest of the command; the value begins where it ends.
        pair: the mark in `user:secret`, where only the secret is masked.
        kind: what the secret is.
        says: a string that the command holds besides.
    """
    # a program named in prose is frequent, its option is not
    hints = (hint for need in needs or programs for hint in _spellings(need))
    return Rule(
        name=f"command-{programs[0]}",
        pattern=_also_in_lists(option),
        hints=frozenset(hints),
        kind=kind,
        raw=True,
        search=_in_commands(programs, says),
        extent=_argument(pair),
    )


def _spellings(need: str) -> tuple[str, ...]:
    """Return how an option starts in a shell line or in a list of arguments, `["-p", "…"]`."""
    if need == "--":
        return _LONG_OPTIONS
    return (f" {need}", f'"{need}', f"'{need}") if need.startswith("-") else (need,)


def _also_in_lists(option: str) -> str:
    """Widen the pattern of an option so that it matches in a list of arguments too."""
    listed = option.replace(r"\s-", r"[\s\"']-").replace(r"\s(?:", r"[\s\"'](?:")
    for gap in (r"\s{1,3}", "[ =]{1,3}", "[ =]{0,3}"):
        listed = listed.replace(gap, f"(?:{_GAP}|{gap})")
    return listed.replace(r"\s{0,3}", f"(?:{_GAP})?")


def _in_commands(programs: tuple[str, ...], says: str) -> Search:
    """Return a search for an option in the commands that run one of some programs."""

    def search(option: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
        for program in programs:
            yield from _options(option, text, program, says)

    return search


def _options(option: re.Pattern[str], text: str, program: str, says: str) -> Iterator[re.Match[str]]:
    at = text.find(program)
    while at >= 0:
        after = at + len(program)
        if _begins_command(text, at) and (rest := _REST.match(text, after)):
            end = rest.end()
            qualifies = not says or text.find(says, after, end) >= 0
            found = option.search(text, after, end) if qualifies else None
            stop = _COMMAND_END.search(text, after, found.start() if found else end)
            if found and not stop:
                yield found
            # If this occurrence of the program has no option, a later one in the same rest has none either.
            after = stop.end() if stop else found.end() if found else end
        at = text.find(program, after)


def _begins_command(text: str, at: int) -> bool:
    before = text[at - 1 : at]
    if before == " ":
        return not _OPTION_BEFORE.search(text, max(0, at - 24), at)
    if not before or before in "\t\n\"'`;|&(=/$@+>:":
        return True
    return before == "n" and text[at - 2 : at - 1] == "\\"


def _argument(pair: str) -> Extent:
    """Return what reads the argument of an option, or of a pair its second half."""

    def extent(text: str, option: re.Match[str]) -> tuple[int, int] | None:
        value = values.quoted_value(text, option.end()) or values.bare_value(text, option.end())
        if value is None:
            return None
        start, end, _ = value
        if pair:
            user, mark, secret = text[start:end].partition(pair)
            if not mark or not user:
                return None
            start = end - len(secret)
        return (start, end) if _could_be_argument(text[start:end]) else None

    return extent


def _could_be_argument(word: str) -> bool:
    return values.could_be_secret(word) and not _FLAG_WORD.match(word)


def _is_argument(match: re.Match[str]) -> bool:
    return _could_be_argument(match["v"])


def _is_revealed(match: re.Match[str]) -> bool:
    return _could_be_argument(match["v"]) and values.is_strong(match["v"])


_PIPED = (
    r"\b(?:echo|printf)(?:\s-[neE]{1,3})?\s{1,3}(?:'%s(?:\\{1,4}n)?'\s{1,3})?(?:\\{0,7}[\"'])?(?:[\w.-]{1,64}:)?(?P<v>[^\s|;&<>\"'\\`]{4,200})(?:\\{1,4}n[^\s|;&<>\"'\\`]{0,200})?(?:\\{0,7}[\"'])?\s{0,3}\|\s{0,3}"
    r"(?:sudo\s(?:-\S{1,20}\s){0,3}-S|su\b|passwd\b|(?:sudo\s)?chpasswd|[^\n|;&]{0,120}?(?:--password-stdin|--with-token|--pass(?:word|phrase)?-(?:stdin|fd)"
    r"|secrets?\s(?:set|put|add|create|versions)|kinit|--token-stdin|vault\slogin))"
)
_HERE_STRING = r"(?:-stdin|--with-token|chpasswd|passwd|-S|kinit|\bsu)\b[^\n|;&<]{0,80}<<<\s{0,3}(?:\\{0,7}[\"'])?(?:[\w.-]{1,64}:)?(?P<v>[^\s\"'\\`$]{4,200})"
_REVEALED = (
    r"(?:\bpass\sshow|\bterraform\soutput\s[^\n]{0,30}(?:pass|token|secret|key)|\bcat\s[\"']?[\w~/.${}-]{0,80}(?:token|secret|passw|api_?key)|\bop\sread|find-generic-password|print-access-token|\bauth\stoken|\bkv\sget\s[^\n]{0,40}-field=|data\.[\w.\\-]{0,40}(?:pass|secret|token|key)\w{0,20}\}"
    r"|\b(?:printenv|echo)\s[\"']?\$?\{?\w{0,40}(?:PASSW|PWD|SECRET|TOKEN|API_?KEY|ACCESS_KEY|pass|token|secret))"
    r"[^\n]{0,60}?(?:\r?\n|(?:\\r)?\\n)(?P<v>[^\s\"'\\<>|]{8,500})(?=\s|\\n|\"|\Z)"
)
_ASKED_FOR = (
    r"(?:\A|\n|\\n)(?:>>>|\(Pdb\)|In \[\d{1,4}\]:|[>$#]|irb\S{0,20}>)\s[^\n]{0,80}?(?:PASSW|PWD|SECRET|TOKEN|API_?KEY|pass|token|secret|key)\w{0,20}"
    r"[\"'\]). ]{0,6}(?:\r?\n|\\n)(?:Out\[\d{1,4}\]:\s)?(?:=>\s)?[\"']?(?P<v>[^\s\"'\\<>|]{6,500})[\"']?(?=\s|\\n|\"|\Z)"
)
_SECRET_WORDS = frozenset(("pass", "token", "secret", "PASS", "TOKEN", "SECRET", "KEY"))
_REVEALING = frozenset((
    "pass show", "cat ", "terraform output", "op read", "printenv ", "echo ", "-token", "auth token", "-field=",
    "data.", "-password",
))  # fmt: skip

RULES = RuleTable((
    _command(("sshpass",), ("-p",), r"\s-p\s{0,3}"),
    _command(("mysql", "mariadb", "mycli", "xtrabackup"), ("-p",), r"\s-p(?=[^-\s])"),
    _command(("docker", "podman", "nerdctl", "skopeo", "helm"), ("login",), r"\s-p[ =]?(?=\S)", says="login"),
    _command(("az", "cf", "oc", "cqlsh", "mongo", "arangosh", "crackmapexec", "nxc", "evil-winrm", "xfreerdp", "rdesktop", "plink", "pscp", "mqtt", "psexec", "xcrun", "security"), ("-p", "login"), r"\s-pw?\s{1,3}"),
    _command(("ipmitool", "sqlcmd", "bcp", "isql", "tsql", "mosquitto_pub", "mosquitto_sub"), ("-P",), r"\s-P\s{0,3}"),
    _command(("redis-cli", "keydb-cli", "valkey-cli"), ("-a",), r"\s-a\s{1,3}"),
    _command(("ldapsearch", "ldapmodify", "ldapadd", "ldapwhoami", "ldappasswd", "ldapdelete"), ("-w",), r"\s-w\s{1,3}"),
    _command(("zip", "unzip"), ("-P",), r"\s-P\s{0,3}"),
    _command(("7z", "7za", "rar", "unrar"), ("-p", "-h"), r"\s-h?p(?=[^-\s])"),
    _command(("openssl",), ("pass", "-k", "-K"), r"\s-(?:pass|passin|passout)\s{1,3}['\"]?pass:|\s-k\s{1,3}|\s-K\s{1,3}"),
    _command(("curl", "http", "https", "xh"), ("-u", "-U", "-a", "-s", "--"), r"\s(?:-[a-zA-Z]{0,4}[uU]|--user|--proxy-user|-a|--auth)[ =]{0,3}", pair=":"),
    _command(("smbclient", "smbmap", "rpcclient", "winexe", "mount.cifs"), ("-U", "--"), r"\s(?:-U|--user)[ =]{0,3}", pair="%"),
    _command(("lftp", "ncftpput"), ("-u",), r"\s-u\s{1,3}", pair=","),
    _command(("ngrok",), ("token",), r"\b(?:add-)?authtoken\s{1,3}", kind="token"),
    _command(("gh", "glab", "vercel", "heroku"), ("secret",), r"\s(?:--body|-b|--value|-v)[ =]{1,3}", kind="secret", says=" set"),
    _command(("vault", "bao"), ("login", "token"), r"\b(?:login|token\s(?:lookup|renew|revoke))\s{1,3}(?:-no-print\s)?(?:token=)?(?!-)", kind="vault-token"),
    _command(("htpasswd",), ("pass",), r"\s-[a-zA-Z]{0,6}b[a-zA-Z]{0,6}\s{1,3}(?:\S{1,120}\s{1,3}){1,2}(?=\S{1,120}\s{0,3}(?:\Z|[\"'>]))"),
    _command(("mosquitto_passwd",), ("pass",), r"\s-b\s{1,3}\S{1,120}\s{1,3}\S{1,120}\s{1,3}"),
    _command(("snmpwalk", "snmpget", "snmpset"), ("-A", "-X"), r"\s-[AX]\s{1,3}"),
    _command(("cargo", "wandb"), ("login",), r"\blogin\s{1,3}(?!-)", kind="token"),
    _command(("poetry", "composer"), ("config",), r"\bconfig\s(?:--\S{1,20}\s)?\S{0,40}(?:token|oauth|password)\S{0,60}\s{1,3}", kind="token"),
    _command(("wpa_passphrase",), ("pass",), r"\s{1,3}(?:\"[^\"\n]{1,64}\"|'[^'\n]{1,64}'|\S{1,64})\s{1,3}"),
    _command(("rabbitmqctl",), ("_user", "change_password"), r"\b(?:add_user|change_password|authenticate_user)\s{1,3}\S{1,64}\s{1,3}"),
    _command(("net",), ("net user",), r"\suser\s{1,3}\S{1,64}\s{1,3}(?!/)"),
    _command(("rclone", "openssl"), ("pass", "obscure"), r"\b(?:obscure|pass|passwd(?:\s-\w{1,6}){0,3})\s{1,3}(?!-)"),
    _command(("ssh-keygen",), ("-N", "-P"), r"\s-[NP]\s{1,3}"),
    _command(("az",), ("secret",), r"\s--value[ =]{1,3}", kind="secret", says="keyvault secret set"),
    _command(("aws",), ("put-p",), r"\s--value[ =]{1,3}", kind="secret", says="SecureString"),
    _command(("aws",), ("secret",), r"\s--secret-string[ =]{1,3}", kind="secret"),
    _command(("doctl",), ("-t", "--"), r"\s(?:-t|--access-token)[ =]{1,3}", kind="token"),
    _command(("nmcli", "iwctl"), (), r"\b(?:password|psk|passphrase)[ =]{1,3}"),
    _command(("swaks", "sendemail"), ("-a", "-x"), r"\s-(?:ap|xp)\s{1,3}"),
    _command(("mc",), ("alias set",), r"\balias\s{1,3}set\s{1,3}\S{1,80}\s{1,3}\S{1,120}\s{1,3}\S{1,120}\s{1,3}", kind="secret-key"),
    _command(("sqlplus", "sqlldr", "impdp", "expdp"), (), r"\s(?=[A-Za-z]\w{0,40}/[^\s@/]{1,80}@)", pair="/"),
    Rule("password-piped", _PIPED, frozenset(("echo ", "printf ")), kind="password", raw=True, check=_is_argument),
    Rule("password-here-string", _HERE_STRING, frozenset(("<<<",)), kind="password", raw=True, check=_is_argument),
    Rule("revealed-by-command", _REVEALED, _SECRET_WORDS, _REVEALING, kind="password", raw=True, check=_is_revealed),
    Rule("revealed-by-command", _ASKED_FOR, frozenset((">>> ", "In [", "(Pdb) ", "process.env", "irb(")), kind="password", raw=True, check=_is_revealed),
))  # fmt: skip
