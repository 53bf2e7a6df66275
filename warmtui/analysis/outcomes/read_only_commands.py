"""Commands that only show what is there: what they print is content, not their own report."""

from __future__ import annotations

from collections.abc import Sequence

from warmtui.analysis.outcomes.command_line import Stage
from warmtui.analysis.patterns import words

READERS = words(
    """
    cat tac nl head tail less more bat zcat strings xxd hexdump od base64 file stat
    sed awk gawk mawk grep egrep fgrep zgrep rg ag ack jq yq xmllint
    find fd ls eza tree du df wc basename dirname realpath readlink which type
    sort uniq cut tr column paste comm rev fold fmt tee diff cmp md5sum sha1sum sha256sum
    echo printf env printenv history date id whoami pwd uname hostname ps top free
    cd pushd popd export set source . test [ [[ true : for in sleep
    mkdir touch cp mv ln rm rmdir chmod chown gunzip
    """
)
"""Commands that print files, names or what was piped into them: an exception or `error:` in what they print
is content, only their own failure lines count."""
_GIT_READERS = words(
    """
    show log diff blame grep status branch ls-files ls-tree cat-file shortlog reflog tag remote describe
    rev-parse
    """
)


def only_reads(stages: Sequence[Stage]) -> bool:
    """Whether these commands, of which there is at least one, are all readers."""
    return bool(stages) and all(map(_is_reader, stages))


def _is_reader(stage: Stage) -> bool:
    if stage.name == "git":
        return any(word in _GIT_READERS for word in stage.arguments[:4])
    return stage.name in READERS
