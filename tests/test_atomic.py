"""Whole or not at all, and nothing of others: the one writer, with a disk that fails at each step.

A stand-in makes one call after another fail as a full disk does; `test_full_disk.py` fills a real
one.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flowopt.atomic import Kind, folder, json_object, write_file, write_files
from flowopt.errors import RequestError

BOX = Kind(
    "a box",
    lambda place: json_object(place / "box.json") == {"box": 1},
    {"box.json", "a"}.__contains__,
)
SHELF = Kind("a shelf", BOX.known, BOX.owns, keeps=True)
posix = pytest.mark.skipif(sys.platform == "win32", reason="no such files")


def fill(target: Path, text: str, kind: Kind = BOX, *, force: bool = False) -> None:
    with folder(target, [kind], force=force) as fresh:
        (fresh / "box.json").write_text('{"box": 1}')
        (fresh / "a").write_text(text)


def tree(place: Path) -> dict[str, bytes | None]:
    """Return all that stands in a folder: files with what they hold, folders with None."""
    return {
        path.relative_to(place).as_posix(): path.read_bytes() if path.is_file() else None
        for path in place.rglob("*")
    }


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, names: str, at: int, code: int) -> Iterator[list[str]]:
    """Let the call of that number, of the named functions of `os`, fail; give the calls made."""
    calls: list[str] = []

    def wrapped(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            calls.append(name)
            if len(calls) == at:
                raise OSError(code, os.strerror(code))
            return real(*arguments, **named)

        return call

    with monkeypatch.context() as patch:
        for name in names.split():
            patch.setattr(os, name, wrapped(name, getattr(os, name)))
        yield calls


# -- what is written ------------------------------------------------------------------------------


def test_files_and_folders_appear_with_the_folders_above(tmp_path: Path) -> None:
    write_file(tmp_path / "x" / "y" / "file", "a\nä")
    fill(tmp_path / "x" / "z" / "box", "1")
    assert tree(tmp_path / "x") == {
        "y": None,
        "y/file": "a\nä".encode(),
        "z": None,
        "z/box": None,
        "z/box/box.json": b'{"box": 1}',
        "z/box/a": b"1",
    }


@posix
@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_permissions_are_those_of_the_umask_which_is_not_touched(
    mask: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.umask(mask)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(os, "umask", None)  # threads beside this one would write with another
            write_file(tmp_path / "file", "1")
            fill(tmp_path / "box", "1")
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((tmp_path / n).stat().st_mode) for n in ("file", "box/a", "box")]
    assert modes == [0o666 & ~mask, 0o666 & ~mask, 0o777 & ~mask]


def test_what_a_name_may_not_hold_in_utf_8_is_written_as_an_escape(tmp_path: Path) -> None:
    write_file(tmp_path / "file", "a\udcffb")
    assert (tmp_path / "file").read_text() == r"a\udcffb"


def test_a_folder_replaces_an_empty_one_and_on_request_one_of_its_kind(tmp_path: Path) -> None:
    (tmp_path / "box").mkdir()
    fill(tmp_path / "box", "1")
    with pytest.raises(RequestError, match="already holds a box; give another folder, or use --f"):
        fill(tmp_path / "box", "2")
    assert (tmp_path / "box" / "a").read_text() == "1"
    fill(tmp_path / "box", "2", force=True)
    assert (tmp_path / "box" / "a").read_text() == "2"
    assert os.listdir(tmp_path) == ["box"]


def test_a_fault_of_the_caller_leaves_nothing_and_stays_what_it_is(tmp_path: Path) -> None:
    def fill_half() -> None:
        with folder(tmp_path / "x" / "box", [BOX]) as fresh:
            (fresh / "a").write_text("1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fill_half()
    assert os.listdir(tmp_path) == []


# -- a disk that fails ----------------------------------------------------------------------------

_STEPS = "rename replace mkdir fsync"


@pytest.mark.parametrize("at", range(1, 12))
@pytest.mark.parametrize("kind", [BOX, SHELF])
def test_a_full_disk_at_any_step_leaves_the_old_or_the_new(
    at: int, kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "box", "old")
    if kind.keeps:
        (tmp_path / "box" / "notes").mkdir()
        (tmp_path / "box" / "notes" / "mine").write_text("mine")
        (tmp_path / "box" / "mine").write_text("mine")
    old = tree(tmp_path)
    said = ""
    with failing(monkeypatch, _STEPS, at, errno.ENOSPC) as calls:
        try:
            fill(tmp_path / "box", "new", kind, force=True)
        except RequestError as error:
            said = str(error)
    assert tree(tmp_path) == (old if said else {**old, "box/a": b"new"})
    # What is needed: a folder, two files flushed, two renames, and one for each thing kept.
    flushed = calls[:4] == ["mkdir", "fsync", "fsync", "fsync"]  # the last, of a folder, is extra
    needed = {1, 2, 3, 5, 6, 7, 8} if kind.keeps else {1, 2, 3, 5, 6}
    assert flushed or at < 4
    assert bool(said) == (at in needed)
    assert not said or "box can't be written: No space left on device; free some" in said


@pytest.mark.parametrize("at", range(1, 6))
@pytest.mark.parametrize("place", ["file", "x/y/file"])
def test_a_full_disk_leaves_the_old_file_or_the_new(
    at: int, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if place == "file":
        (tmp_path / place).write_text("old")
    old = tree(tmp_path)
    said = ""
    with failing(monkeypatch, _STEPS, at, errno.ENOSPC) as calls:
        try:
            write_file(tmp_path / place, "new", force=True)
        except RequestError as error:
            said = str(error)
    last = calls[at - 1 : at]  # the call that failed, if it came to that
    folders = "mkdir" in calls or last == ["mkdir"]
    assert bool(said) == (at <= (2 if place == "file" else 4))
    assert (place != "file") == folders
    assert not list(tmp_path.rglob(".*"))
    if said:
        assert "can't be written: No space left on device; free some space" in said
        assert tree(tmp_path) == old
    else:
        assert (tmp_path / place).read_text() == "new"


@pytest.mark.parametrize("at", range(1, 12))
def test_a_full_disk_leaves_all_of_several_files_or_none(
    at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "b").write_text("old")
    old = tree(tmp_path)
    said = ""
    with failing(monkeypatch, _STEPS, at, errno.ENOSPC):
        try:
            write_files({tmp_path / name: "new" for name in "abc"}, force=True)
        except RequestError as error:
            said = str(error)
    assert tree(tmp_path) == (old if said else dict.fromkeys("abc", b"new"))
    assert bool(said) == (at <= 8)  # three files flushed, two set aside, three put in place
    assert not said or "can't be written: No space left on device; free some space" in said


def test_what_cannot_be_put_back_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "box", "old")
    rename, calls = os.rename, []

    def second_and_third_fail(here: Path, there: Path) -> None:
        calls.append(here)
        if len(calls) in (2, 3):
            raise OSError(errno.EIO, "Input/output error")
        rename(here, there)

    monkeypatch.setattr(os, "rename", second_and_third_fail)
    with pytest.raises(RequestError, match="can't be put back: Input/output error; it li") as said:
        fill(tmp_path / "box", "new", force=True)
    aside = Path(str(said.value).rpartition("it lies in ")[2])
    assert (aside / "a").read_text() == "old"
    assert [tmp_path / name for name in os.listdir(tmp_path)] == [aside]


def test_an_old_folder_that_cannot_be_deleted_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "box", "old")
    with (
        failing(monkeypatch, "unlink", 1, errno.EACCES),
        pytest.raises(RequestError, match="box is written, but what stood there before") as said,
    ):
        fill(tmp_path / "box", "new", force=True)
    assert (tmp_path / "box" / "a").read_text() == "new"
    assert Path(str(said.value).rpartition("it lies in ")[2]).is_dir()


def test_an_interrupt_between_two_renames_puts_the_old_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "box", "old")
    old, rename = tree(tmp_path), os.rename
    first = iter([True])

    def interrupted(here: Path, there: Path) -> None:
        rename(here, there)
        if next(first, False):
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fill(tmp_path / "box", "new", force=True)
    assert tree(tmp_path) == old


def test_a_file_system_that_cannot_flush_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with failing(monkeypatch, "fsync", 1, errno.EINVAL) as calls:
        write_file(tmp_path / "file", "1")
    assert calls
    assert (tmp_path / "file").read_text() == "1"
