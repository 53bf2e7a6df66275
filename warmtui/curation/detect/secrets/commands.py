# ruff: noqa: E501 - a pattern is read and compared best on one line
"""Passwords that a command line gives by position or by a short option: `mysql -pX`, `curl -u bob:X`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from warmtui.curation.detect import values
from warmtui.curation.detect.quoting import Value, bare_value, quoted_value
from warmtui.curation.detect.span import STRUCTURE, Span


class _Command(NamedTuple):
    """Where a family of programs takes a secret.

    `option` is searched for in the rest of the command; the value begins where its match ends. With `pair`
    the value is `user:secret` (or `user,secret`, `user%secret`) and only what follows the mark is masked.
    """

    programs: tuple[str, ...]
    needs: tuple[str, ...]
    """Options or texts of which one must occur anywhere before the programs are looked for; none: always."""
    option: str
    pair: str = ""
    kind: str = "password"
    says: str = ""
    """What the command must hold besides."""


_COMMANDS: tuple[_Command, ...] = (
    _Command(("sshpass",), ("-p",), r"\s-p\s{0,3}"),
    _Command(("mysql", "mariadb", "mycli", "xtrabackup"), ("-p",), r"\s-p(?=[^-\s])"),
    _Command(("docker", "podman", "nerdctl", "skopeo", "helm"), ("login",), r"\s-p[ =]?(?=\S)", says="login"),
    _Command(("az", "cf", "oc", "cqlsh", "mongo", "arangosh", "crackmapexec", "nxc", "evil-winrm", "xfreerdp", "rdesktop", "plink", "pscp", "mqtt", "psexec", "xcrun", "security"), ("-p", "login"), r"\s-pw?\s{1,3}"),
    _Command(("ipmitool", "sqlcmd", "bcp", "isql", "tsql", "mosquitto_pub", "mosquitto_sub"), ("-P",), r"\s-P\s{0,3}"),
    _Command(("redis-cli", "keydb-cli", "valkey-cli"), ("-a",), r"\s-a\s{1,3}"),
    _Command(("ldapsearch", "ldapmodify", "ldapadd", "ldapwhoami", "ldappasswd", "ldapdelete"), ("-w",), r"\s-w\s{1,3}"),
    _Command(("zip", "unzip"), ("-P",), r"\s-P\s{0,3}"),
    _Command(("7z", "7za", "rar", "unrar"), ("-p", "-h"), r"\s-h?p(?=[^-\s])"),
    _Command(("openssl",), ("pass", "-k", "-K"), r"\s-(?:pass|passin|passout)\s{1,3}['\"]?pass:|\s-k\s{1,3}|\s-K\s{1,3}"),
    _Command(("curl", "http", "https", "xh"), ("-u", "-U", "-a", "-s", "--"), r"\s(?:-[a-zA-Z]{0,4}[uU]|--user|--proxy-user|-a|--auth)[ =]{0,3}", ":"),
    _Command(("smbclient", "smbmap", "rpcclient", "winexe", "mount.cifs"), ("-U", "--"), r"\s(?:-U|--user)[ =]{0,3}", "%"),
    _Command(("lftp", "ncftpput"), ("-u",), r"\s-u\s{1,3}", ","),
    _Command(("ngrok",), ("token",), r"\b(?:add-)?authtoken\s{1,3}", kind="token"),
    _Command(("gh", "glab", "vercel", "heroku"), ("secret",), r"\s(?:--body|-b|--value|-v)[ =]{1,3}", kind="secret", says=" set"),
    _Command(("vault", "bao"), ("login", "token"), r"\b(?:login|token\s(?:lookup|renew|revoke))\s{1,3}(?:-no-print\s)?(?:token=)?(?!-)", kind="vault-token"),
    _Command(("htpasswd",), ("pass",), r"\s-[a-zA-Z]{0,6}b[a-zA-Z]{0,6}\s{1,3}(?:\S{1,120}\s{1,3}){1,2}(?=\S{1,120}\s{0,3}(?:\Z|[\"'>]))"),
    _Command(("mosquitto_passwd",), ("pass",), r"\s-b\s{1,3}\S{1,120}\s{1,3}\S{1,120}\s{1,3}"),
    _Command(("snmpwalk", "snmpget", "snmpset"), ("-A", "-X"), r"\s-[AX]\s{1,3}"),
    _Command(("cargo", "wandb"), ("login",), r"\blogin\s{1,3}(?!-)", kind="token"),
    _Command(("poetry", "composer"), ("config",), r"\bconfig\s(?:--\S{1,20}\s)?\S{0,40}(?:token|oauth|password)\S{0,60}\s{1,3}", kind="token"),
    _Command(("wpa_passphrase",), ("pass",), r"\s{1,3}(?:\"[^\"\n]{1,64}\"|'[^'\n]{1,64}'|\S{1,64})\s{1,3}"),
    _Command(("rabbitmqctl",), ("_user", "change_password"), r"\b(?:add_user|change_password|authenticate_user)\s{1,3}\S{1,64}\s{1,3}"),
    _Command(("net",), ("net user",), r"\suser\s{1,3}\S{1,64}\s{1,3}(?!/)"),
    _Command(("rclone", "openssl"), ("pass", "obscure"), r"\b(?:obscure|pass|passwd(?:\s-\w{1,6}){0,3})\s{1,3}(?!-)"),
    _Command(("ssh-keygen",), ("-N", "-P"), r"\s-[NP]\s{1,3}"),
    _Command(("az",), ("secret",), r"\s--value[ =]{1,3}", kind="secret", says="keyvault secret set"),
    _Command(("aws",), ("put-p",), r"\s--value[ =]{1,3}", kind="secret", says="SecureString"),
    _Command(("aws",), ("secret",), r"\s--secret-string[ =]{1,3}", kind="secret"),
    _Command(("doctl",), ("-t", "--"), r"\s(?:-t|--access-token)[ =]{1,3}", kind="token"),
    _Command(("nmcli", "iwctl"), (), r"\b(?:password|psk|passphrase)[ =]{1,3}"),
    _Command(("swaks", "sendemail"), ("-a", "-x"), r"\s-(?:ap|xp)\s{1,3}"),
    _Command(("mc",), ("alias set",), r"\balias\s{1,3}set\s{1,3}\S{1,80}\s{1,3}\S{1,120}\s{1,3}\S{1,120}\s{1,3}", kind="secret-key"),
    _Command(("sqlplus", "sqlldr", "impdp", "expdp"), (), r"\s(?=[A-Za-z]\w{0,40}/[^\s@/]{1,80}@)", "/"),
)  # fmt: skip
_ASKED_FOR = re.compile(
    r"(?:\A|\n|\\n)(?:>>>|\(Pdb\)|In \[\d{1,4}\]:|[>$#]|irb\S{0,20}>)\s[^\n]{0,80}?(?:PASSW|PWD|SECRET|TOKEN|API_?KEY|pass|token|secret|key)\w{0,20}"
    r"[\"'\]). ]{0,6}(?:\r?\n|\\n)(?:Out\[\d{1,4}\]:\s)?(?:=>\s)?[\"']?(?P<v>[^\s\"'\\<>|]{6,500})[\"']?(?=\s|\\n|\"|\Z)"
)
_PROMPTS = (">>> ", "In [", "(Pdb) ", "process.env", "irb(")
_GAP = r"(?:\s{1,3}|\\{0,7}[\"'],\s{0,3}(?=\\{0,7}[\"']))"
_LISTED = re.compile(r"[\"'](-[pPuUawkKsxtNhAXb])")
_OPTIONS = re.compile(r" (-[pPuUawkKsxtNhAXb]|--(?=user|proxy-user|auth|access-token))")
_WORDS = tuple(
    {need for command in _COMMANDS for need in command.needs if not need.startswith("-")}
    | {"PASS", "TOKEN", "SECRET", "KEY"}
)
_ALWAYS = tuple(command for command in _COMMANDS if not command.needs)
_REVEALING = {"pass", "token", "secret", "PASS", "TOKEN", "SECRET", "KEY"}
_REST = re.compile(r"[^\n|;]{0,600}")
_COMMAND_END = re.compile(r"&&|(?<!\\)(?:\\\\){0,8}\\n|\\\\n")
_OPTION_BEFORE = re.compile(r"\s-{1,2}(?:name|type|iname|grep|path|f|v|l|s|C|n)\s{1,3}\Z")
_FLAG_WORD = re.compile(r"-{1,2}[a-zA-Z]")
_PIPED = re.compile(
    r"\b(?:echo|printf)(?:\s-[neE]{1,3})?\s{1,3}(?:'%s(?:\\{1,4}n)?'\s{1,3})?(?:\\{0,7}[\"'])?(?:[\w.-]{1,64}:)?(?P<v>[^\s|;&<>\"'\\`]{4,200})(?:\\{1,4}n[^\s|;&<>\"'\\`]{0,200})?(?:\\{0,7}[\"'])?\s{0,3}\|\s{0,3}"
    r"(?:sudo\s(?:-\S{1,20}\s){0,3}-S|su\b|passwd\b|(?:sudo\s)?chpasswd|[^\n|;&]{0,120}?(?:--password-stdin|--with-token|--pass(?:word|phrase)?-(?:stdin|fd)"
    r"|secrets?\s(?:set|put|add|create|versions)|kinit|--token-stdin|vault\slogin))"
)
_HERE_STRING = re.compile(
    r"(?:-stdin|--with-token|chpasswd|passwd|-S|kinit|\bsu)\b[^\n|;&<]{0,80}<<<\s{0,3}(?:\\{0,7}[\"'])?(?:[\w.-]{1,64}:)?(?P<v>[^\s\"'\\`$]{4,200})"
)
_LINE_AFTER = r"[^\n]{0,60}?(?:\r?\n|(?:\\r)?\\n)(?P<v>[^\s\"'\\<>|]{8,500})(?=\s|\\n|\"|\Z)"
_REVEALED = re.compile(
    r"(?:\bpass\sshow|\bterraform\soutput\s[^\n]{0,30}(?:pass|token|secret|key)|\bcat\s[\"']?[\w~/.${}-]{0,80}(?:token|secret|passw|api_?key)|\bop\sread|find-generic-password|print-access-token|\bauth\stoken|\bkv\sget\s[^\n]{0,40}-field=|data\.[\w.\\-]{0,40}(?:pass|secret|token|key)\w{0,20}\}"
    r"|\b(?:printenv|echo)\s[\"']?\$?\{?\w{0,40}(?:PASSW|PWD|SECRET|TOKEN|API_?KEY|ACCESS_KEY|pass|token|secret))"
    + _LINE_AFTER
)


@cache
def _option(pattern: str) -> re.Pattern[str]:
    """Compile an option so that it is found in a shell line and in a list of arguments, `["-p", "…"]`, alike."""
    listed = pattern.replace(r"\s-", r"[\s\"']-").replace(r"\s(?:", r"[\s\"'](?:")
    for gap in (r"\s{1,3}", "[ =]{1,3}", "[ =]{0,3}"):
        listed = listed.replace(gap, f"(?:{_GAP}|{gap})")
    return re.compile(listed.replace(r"\s{0,3}", f"(?:{_GAP})?"))


def find(text: str, lowered: str) -> Iterator[Span]:
    """Yield the secrets that commands, SQL statements and login calls give by position.

    Args:
        text: any text.
        lowered: the same text in lower case, character for character.

    Yields:
        Spans of rank STRUCTURE.
    """
    present = {*_OPTIONS.findall(text), *_LISTED.findall(text), *(word for word in _WORDS if word in text)}
    for command in _COMMANDS if present else _ALWAYS:
        if not command.needs or not present.isdisjoint(command.needs):
            for program in command.programs:
                yield from _of_program(text, program, command)
    if "echo " in text or "printf " in text:
        yield from _matches(text, _PIPED, "password-piped")
    if "<<<" in text:
        yield from _matches(text, _HERE_STRING, "password-here-string")
    if present & _REVEALING and any(
        command in text
        for command in (
            "pass show",
            "cat ",
            "terraform output",
            "op read",
            "printenv ",
            "echo ",
            "-token",
            "auth token",
            "-field=",
            "data.",
            "-password",
        )
    ):
        yield from _matches(text, _REVEALED, "revealed-by-command")
    if any(prompt in text for prompt in _PROMPTS):
        yield from _matches(text, _ASKED_FOR, "revealed-by-command")


def _of_program(text: str, program: str, command: _Command) -> Iterator[Span]:
    at = text.find(program)
    while at >= 0:
        after = at + len(program)
        if _begins_command(text, at) and (rest := _REST.match(text, after)):
            end = rest.end()
            option = None
            if not command.says or text.find(command.says, after, end) >= 0:
                option = _option(command.option).search(text, after, end)
            stop = _COMMAND_END.search(text, after, option.start() if option else end)
            span = _argument(text, option.end(), command) if option and not stop else None
            if span is not None:
                yield span
            # Where this word of the command has no option, a later one has none either.
            after = stop.end() if stop else option.end() if option else end
        at = text.find(program, after)


def _begins_command(text: str, at: int) -> bool:
    before = text[at - 1 : at]
    if before == " ":
        return not _OPTION_BEFORE.search(text, max(0, at - 24), at)
    if not before or before in "\t\n\"'`;|&(=/$@+>:":
        return True
    return before == "n" and text[at - 2 : at - 1] == "\\"


def _argument(text: str, at: int, command: _Command) -> Span | None:
    value = quoted_value(text, at) or bare_value(text, at)
    if value is None:
        return None
    if command.pair:
        user, mark, secret = text[value.start : value.end].partition(command.pair)
        if not mark or not user:
            return None
        value = value._replace(start=value.end - len(secret))
    if not _could_be(text, value):
        return None
    return Span(value.start, value.end, command.kind, f"command-{command.programs[0]}", STRUCTURE)


def _could_be(text: str, value: Value) -> bool:
    word = text[value.start : value.end]
    if len(word) < 4 or any(map(str.isspace, word)) or _FLAG_WORD.match(word):
        return False
    return not (values.is_placeholder(word) or values.is_location(word) or values.is_measure(word))


def _matches(text: str, pattern: re.Pattern[str], rule: str) -> Iterator[Span]:
    for match in pattern.finditer(text):
        value = Value(*match.span("v"), False)
        if _could_be(text, value) and (
            rule != "revealed-by-command" or values.is_strong(text[value.start : value.end])
        ):
            yield Span(value.start, value.end, "password", rule, STRUCTURE)
