from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from warmtui import files
from warmtui.errors import NotFoundError, UsageError, WarmtuiError
from warmtui.integrations.hermes.install import find_installed, install, uninstall
from warmtui.integrations.hermes.prefill import configured_prefill

ONE = b'[{"role": "user", "content": "one"}]\n'
TWO = b'[{"role": "user", "content": "two"}]\n'
CONFIG = b"# my settings\nmodel: {default: a}   # why\n\nagent:\n- 1\n-   2\n"


def clock() -> float:
    return 1_700_000_000.0


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "hermes"
    home.mkdir()
    return home


@pytest.fixture
def config(home: Path) -> Path:
    config = home / "config.yaml"
    config.write_bytes(CONFIG)
    config.chmod(0o640)
    return config


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def sent(home: Path) -> object:
    found = configured_prefill(home, {"HERMES_MANAGED_DIR": "/nonexistent"})
    return None if found is None else list(found.messages)


def test_install_is_what_hermes_reads_and_uninstall_leaves_nothing(home: Path, config: Path) -> None:
    done = install(home, ONE, "cart", clock=clock)
    assert sent(home) == json.loads(ONE)
    assert config.read_bytes() == CONFIG + b"prefill_messages_file: prefill/cart.json\n"
    assert config.stat().st_mode & 0o777 == 0o640
    assert done.path.stat().st_mode & 0o777 == 0o600
    assert done.path.parent.stat().st_mode & 0o777 == 0o700
    assert done.backup is not None
    assert done.backup.read_bytes() == CONFIG
    assert (done.previous, done.active) == (None, True)
    assert find_installed(home) == done
    gone = uninstall(home)
    assert tree(home) == {"config.yaml": CONFIG}
    assert not (home / "prefill").exists()
    assert config.stat().st_mode & 0o777 == 0o640
    assert set(gone.removed) == {done.path, done.backup}
    assert find_installed(home) is None


def test_without_a_config_one_is_made_and_removed_again(home: Path) -> None:
    done = install(home, ONE, "cart", clock=clock)
    assert sent(home) == json.loads(ONE)
    assert done.config.stat().st_mode & 0o777 == 0o600
    assert done.backup is None
    uninstall(home)
    assert tree(home) == {}


def test_a_config_that_we_made_stays_when_more_was_put_into_it(home: Path) -> None:
    done = install(home, ONE, "cart", clock=clock)
    done.config.write_bytes(done.config.read_bytes() + b"a: 1\n")
    uninstall(home)
    assert tree(home) == {"config.yaml": b"a: 1\n"}


@pytest.mark.parametrize("value", [b" 'mine.json'  # keep\n", b"\n", b" >-\n  mine.json\n"])
def test_the_previous_value_comes_back_as_it_was_written(home: Path, config: Path, value: bytes) -> None:
    before = b"prefill_messages_file:" + value + CONFIG
    config.write_bytes(before)
    done = install(home, ONE, "cart", clock=clock)
    assert done.previous == ("mine.json" if b"mine" in value else None)
    config.write_bytes(config.read_bytes() + b"z: 9\n")
    gone = uninstall(home)
    assert config.read_bytes() == before + b"z: 9\n"
    assert gone.previous == done.previous
    assert gone.kept == (done.backup,)


def test_installing_again_replaces_ours_and_keeps_the_first_value(home: Path, config: Path) -> None:
    before = b"prefill_messages_file: mine.json\n" + CONFIG
    config.write_bytes(before)
    install(home, ONE, "cart", clock=clock)
    config.write_bytes(config.read_bytes() + b"z: 9\n")
    done = install(home, TWO, "stock", clock=lambda: clock() + 60)
    assert sent(home) == json.loads(TWO)
    assert done.previous == "mine.json"
    assert sorted(path.name for path in (home / "prefill").iterdir()) == [
        ".warmtui-install.json",
        "stock.json",
    ]
    install(home, ONE, "stock", clock=clock)
    assert sent(home) == json.loads(ONE)
    uninstall(home)
    assert tree(home) == {"config.yaml": before + b"z: 9\n"}


def test_a_key_changed_by_hand_is_left_alone(home: Path, config: Path) -> None:
    install(home, ONE, "cart", clock=clock)
    config.write_bytes(config.read_bytes().replace(b"prefill/cart.json", b"mine.json"))
    before = tree(home)
    with pytest.raises(WarmtuiError, match=r"changed since the install, to 'mine\.json'"):
        uninstall(home)
    assert tree(home) == before
    state = find_installed(home)
    assert state is not None
    assert not state.active


def test_a_key_changed_by_hand_is_the_previous_value_of_the_next_install(home: Path, config: Path) -> None:
    install(home, ONE, "cart", clock=clock)
    by_hand = CONFIG + b"prefill_messages_file: mine.json\n"
    config.write_bytes(by_hand)
    assert install(home, TWO, "stock", clock=clock).previous == "mine.json"
    uninstall(home)
    assert tree(home) == {"config.yaml": by_hand}


def test_a_key_that_was_put_back_by_hand_is_cleaned_up_after(home: Path, config: Path) -> None:
    install(home, ONE, "cart", clock=clock)
    config.write_bytes(CONFIG + b"z: 9\n")
    uninstall(home)
    assert config.read_bytes() == CONFIG + b"z: 9\n"
    assert not (home / "prefill").exists()


def test_an_edited_prefill_is_kept(home: Path, config: Path) -> None:
    done = install(home, ONE, "cart", clock=clock)
    done.path.write_bytes(TWO)
    with pytest.raises(WarmtuiError, match="not what warmtui wrote"):
        install(home, ONE, "cart", clock=clock)
    gone = uninstall(home)
    assert gone.kept == (done.path,)
    assert tree(home) == {"config.yaml": CONFIG, "prefill/cart.json": TWO}


def test_somebody_elses_prefill_is_never_overwritten(home: Path, config: Path) -> None:
    (home / "prefill").mkdir()
    (home / "prefill" / "cart.json").write_bytes(ONE)
    (home / "prefill" / "link.json").symlink_to("nowhere")
    (home / "prefill" / "folder.json").mkdir()
    before = tree(home)
    for slug in ("cart", "link", "folder"):
        with pytest.raises(WarmtuiError, match="not what warmtui wrote"):
            install(home, ONE, slug, clock=clock)
    assert tree(home) == before
    install(home, ONE, "other", clock=clock)
    uninstall(home)
    assert tree(home) == before


def test_a_link_is_followed_and_stays_a_link(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "dotfiles.yaml"
    target.write_bytes(CONFIG)
    (home / "config.yaml").symlink_to(target)
    done = install(home, ONE, "cart", clock=clock)
    assert done.config == target
    assert b"prefill/cart.json" in target.read_bytes()
    assert (home / "config.yaml").is_symlink()
    uninstall(home)
    assert target.read_bytes() == CONFIG
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dotfiles.yaml", "hermes"]


def link_to_nothing(config: Path) -> None:
    config.unlink()
    config.symlink_to("nowhere.yaml")


def make_folder(config: Path) -> None:
    config.unlink()
    config.mkdir()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda config: config.write_bytes(b"a: [1\n"), r"config\.yaml: it is not YAML: line 2"),
        (lambda config: config.write_bytes(b"- 1\n"), r"config\.yaml: its top level"),
        (lambda config: config.write_bytes(b"a: \xff\n"), r"config\.yaml is not UTF-8: byte 3"),
        (lambda config: config.chmod(0o444), r"config\.yaml is read-only"),
        (link_to_nothing, r"config\.yaml is a symbolic link to a file that does not exist"),
        (make_folder, r"config\.yaml is not a file"),
        (lambda config: (config.parent / "prefill").write_bytes(b""), "prefill: "),
    ],
)
def test_a_home_that_cannot_be_written_is_left_as_it_was(
    home: Path, config: Path, spoil: Callable[[Path], object], said: str
) -> None:
    spoil(config)
    before = tree(home)
    with pytest.raises(WarmtuiError, match=said):
        install(home, ONE, "cart", clock=clock)
    assert tree(home) == before
    assert not (home / "prefill").is_dir()


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("step", range(1, 5))
def test_a_full_disk_at_any_step_changes_nothing(
    home: Path, config: Path, monkeypatch: pytest.MonkeyPatch, step: int, again: bool
) -> None:
    if again:
        install(home, ONE, "cart", clock=clock)
        config.write_bytes(config.read_bytes() + b"z: 9\n")
    before = tree(home)
    replace, count = os.replace, 0

    def full(source: str, target: Path) -> None:
        nonlocal count
        count += 1
        if count == step:
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(WarmtuiError, match="No space left on device"):
        install(home, TWO, "stock", clock=clock)
    monkeypatch.undo()
    assert tree(home) == before
    install(home, TWO, "stock", clock=clock)
    uninstall(home)
    assert tree(home) == {"config.yaml": CONFIG + (b"z: 9\n" if again else b"")}


KILLED = """
import os, sys
from pathlib import Path
from warmtui.integrations.hermes.install import install

replace, step = os.replace, int(sys.argv[2])
def kill(source, target):
    global step
    step -= 1
    if step == 0:
        os._exit(9)
    replace(source, target)
os.replace = kill
install(Path(sys.argv[1]), sys.stdin.buffer.read(), "stock", clock=lambda: 1_700_000_000.0)
"""


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("step", range(1, 6))
def test_a_kill_at_any_step_can_be_undone(home: Path, config: Path, step: int, again: bool) -> None:
    if again:
        install(home, ONE, "cart", clock=clock)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(home), str(step)], input=TWO, check=False, timeout=60
    )
    assert killed.returncode == (0 if again and step == 5 else 9)
    if find_installed(home) is not None:
        uninstall(home)
    assert config.read_bytes() == CONFIG
    assert sent(home) is None
    left = {name for name in tree(home) if not name.endswith(".tmp")}
    assert left <= {"config.yaml", "config.yaml.warmtui-20231114T221320Z.bak"}


def test_a_config_written_by_somebody_else_meanwhile_wins(
    home: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = files.write_file

    def slow(path: Path, data: bytes, *, mode: int = 0o600, within: Path | None = None) -> None:
        config.write_bytes(CONFIG + b"new: 1\n")
        write(path, data, mode=mode, within=within)

    monkeypatch.setattr("warmtui.integrations.hermes.install.write_file", slow)
    with pytest.raises(WarmtuiError, match="changed by somebody else"):
        install(home, ONE, "cart", clock=clock)
    assert tree(home) == {"config.yaml": CONFIG + b"new: 1\n"}


@pytest.mark.parametrize("record", [b"", b"{}", b"[]", b"\xff", b'{"slug": 1}'])
def test_a_damaged_record_is_named(home: Path, config: Path, record: bytes) -> None:
    (home / "prefill").mkdir()
    (home / "prefill" / ".warmtui-install.json").write_bytes(record)
    before = tree(home)
    for use in (lambda: install(home, ONE, "cart"), lambda: find_installed(home), lambda: uninstall(home)):
        with pytest.raises(WarmtuiError, match=r"warmtui-install\.json is damaged"):
            use()
    assert tree(home) == before


@pytest.mark.parametrize(
    "slug", ["", "../x", "a/b", ".hidden", "A", "a b", "a\n", "a\0", "é", "a.", "a" * 101]
)
def test_a_name_that_is_a_path_is_refused(home: Path, slug: str) -> None:
    with pytest.raises(UsageError, match="no safe file name"):
        install(home, ONE, slug, clock=clock)
    assert tree(home) == {}


def test_without_a_home_or_an_install_it_says_so(home: Path) -> None:
    with pytest.raises(WarmtuiError, match="not a folder"):
        install(home / "missing", ONE, "cart", clock=clock)
    with pytest.raises(NotFoundError):
        uninstall(home)
    assert find_installed(home) is None


def test_two_backups_in_one_second_have_two_names(home: Path, config: Path) -> None:
    (home / "config.yaml.warmtui-20231114T221320Z.bak").write_bytes(b"older")
    done = install(home, ONE, "cart", clock=clock)
    assert done.backup is not None
    assert done.backup.name == "config.yaml.warmtui-20231114T221320Z-2.bak"
    uninstall(home)
    assert (home / "config.yaml.warmtui-20231114T221320Z.bak").read_bytes() == b"older"
