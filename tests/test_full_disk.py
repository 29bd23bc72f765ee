"""A disk that is really full: a small one in memory, filled so that each command runs out of it.

Only who may mount disks can run these; the same is told with a stand-in in `test_atomic.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import run
from tests.networks import SHIPPED
from tests.test_atomic import tree

TINY, OTHER = str(SHIPPED / "tiny"), str(SHIPPED / "two-bridges")
_SIZE = 16 * 2**20
_EVERY = (0, 4_096, 20_480, 40_960)  # bytes left: none, and for a part of the files
# What stood there before, and what is asked with too little room, by name.
COMMANDS = {
    "solve": ("solve {OTHER} --budget 1 --out {0}/out", "solve {TINY} --budget 4 --out {0}/out"),
    "flow": ("flow {OTHER} --out {0}/out", "flow {TINY} --out {0}/out"),
    "evaluate": (
        "flow {OTHER} --out {0}/out",
        "evaluate {TINY} --measures m_strip --alone --out {0}/out",
    ),
    "compare": (
        "compare {OTHER} --budgets 0 --workers 1 --out {0}/out",
        "compare {TINY} --budgets 0,2,4 --workers 1 --out {0}/out",
    ),
    "convert to a folder": ("convert {OTHER} {0}/net", "convert {TINY} {0}/net"),
    "convert to a file": ("convert {OTHER} {0}/net.json", "convert {TINY} {0}/net.json"),
    "export": ("export {OTHER} {0}/x.lp --budget 1", "export {TINY} {0}/x.lp --budget 4"),
    "new": ("", "new {0}/net"),
    "report": ("solve {TINY} --budget 4 --out {0}/out", "report {0}/out"),
}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of 16 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    if sys.platform != "linux" or os.geteuid():
        pytest.skip("only root may mount a small disk")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine mounts no small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(disk: Path, left: int) -> None:
    """Fill the disk, but for so many bytes."""
    with (disk / "filler").open("wb", buffering=0) as file:
        while (free := os.statvfs(disk).f_bavail * 4096 - left) > 0:
            file.write(b"x" * min(free, 2**20))


def run_all(line: str, disk: Path, *more: str) -> tuple[int, str]:
    if not line:
        return 0, ""
    words = line.format(disk, TINY=TINY, OTHER=OTHER).split()
    done = run(*words, *more, "--quiet")
    return done.returncode, done.stderr


def test_rows_that_were_finished_outlive_a_full_disk(disk: Path) -> None:
    ask = f"compare {TINY} --budgets 0,2,4 --workers 1 --out {{0}}/out"
    fill(disk, 28_672)  # for the question and the rows, but not for the result
    code, said = run_all(ask, disk)
    assert code == 2
    assert "out can't be written: No space left on device; free some space" in said
    assert f"failed; 3 finished rows are kept in {disk}/out.partial: the same command" in said
    assert sorted(path.name for path in disk.iterdir()) == ["filler", "out.partial"]
    (disk / "filler").unlink()
    assert run_all(ask, disk, "--resume") == (0, "")
    assert [path.name for path in disk.iterdir()] == ["out"]


@pytest.mark.parametrize("command", COMMANDS)
def test_what_finds_no_room_leaves_what_was_there_and_says_so(command: str, disk: Path) -> None:
    before, asked = COMMANDS[command]
    force = () if command == "new" else ("--force",)
    assert run_all(before, disk) == (0, "")
    old = tree(disk)
    for left in _EVERY if command != "report" else (0, 2**16):
        fill(disk, left)
        code, said = run_all(asked, disk, *force)
        (disk / "filler").unlink()
        if code == 0:  # a small result may find room
            assert left
            break
        assert code == 2, said
        assert "can't be written: No space left on device; free some space, or write to" in said
        # Rows of a comparison that were finished are kept, which the message says.
        kept = {name: text for name, text in tree(disk).items() if "out.partial" not in name}
        assert kept == old
        assert not [name for name in kept if name.rpartition("/")[2].startswith(".")]
    assert run_all(asked, disk, *force) == (0, "")
    assert tree(disk) != old
