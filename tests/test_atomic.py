"""Whole or not at all, and nothing of others: the one writer, with a disk that fails at each step.

A stand-in makes one call after another fail as a full disk does; `test_full_disk.py` fills a real
one.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

import pytest

from flowopt.atomic import (
    Kind,
    check_file,
    check_folder,
    folder,
    json_object,
    remove_folder,
    write_file,
    write_files,
)
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


# -- what is never replaced -----------------------------------------------------------------------


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(
    "other", ["thesis.tex", "thesis/keep", "b", "box.json.bak", ".flowopt-thesis"]
)
def test_a_folder_with_anything_else_stays(other: str, force: bool, tmp_path: Path) -> None:
    box = tmp_path / "box"
    fill(box, "1")
    (box / other).parent.mkdir(exist_ok=True)
    (box / other).write_text("years of work")
    before = tree(tmp_path)
    name = other.partition("/")[0]
    words = f"holds {re.escape(name)}, which flowopt did not write" if force else "already holds"
    refusals: tuple[Callable[[], object], ...] = (
        lambda: check_folder(box, [BOX], force=force),
        lambda: fill(box, "2", force=force),
    )
    for refused in refusals:
        with pytest.raises(RequestError, match=words) as said:
            refused()
        assert "--force" not in str(said.value)
    with pytest.raises(RequestError, match="which flowopt did not write"):
        remove_folder(box, [BOX])
    assert tree(tmp_path) == before


@pytest.mark.parametrize("text", ["{}", "", "[1]", '{"box": 2}', "[" * 200_000, "\x00\xff"])
def test_a_folder_is_known_by_what_its_file_says(text: str, tmp_path: Path) -> None:
    box = tmp_path / "box"
    box.mkdir()
    (box / "box.json").write_text(text)
    before = tree(tmp_path)
    with pytest.raises(RequestError, match=r"holds other files: box\.json; give a new or empty"):
        fill(box, "1", force=True)
    with pytest.raises(RequestError, match=r"holds other files: box\.json; delete it yourself"):
        remove_folder(box, [BOX])
    assert tree(tmp_path) == before


def test_a_folder_of_many_others_names_the_first(tmp_path: Path) -> None:
    for name in "edcba":
        (tmp_path / name).write_text("")
    with pytest.raises(RequestError, match="holds other files: a, b, c and 2 more; give"):
        check_folder(tmp_path, [BOX], force=True)


def test_a_folder_of_ours_is_deleted_with_what_a_killed_process_left(tmp_path: Path) -> None:
    fill(tmp_path / "box", "1")
    (tmp_path / "box" / f".flowopt-{'0f' * 8}").write_text("half a file")
    remove_folder(tmp_path / "box", [BOX])
    assert os.listdir(tmp_path) == []


@posix
def test_links_with_our_names_are_not_ours(tmp_path: Path) -> None:
    (tmp_path / "thesis").write_text("years of work")
    for kind in (BOX, SHELF):
        box = tmp_path / kind.name
        fill(box, "1")
        (box / "a").unlink()
        (box / "a").symlink_to(tmp_path / "thesis")
        with pytest.raises(RequestError, match="holds a, which flowopt did not write"):
            fill(box, "2", kind, force=True)
        assert (box / "a").is_symlink()


def test_files_of_others_stay_where_the_kind_says_so(tmp_path: Path) -> None:
    fill(tmp_path / "box", "1")
    (tmp_path / "box" / "mine").mkdir()
    (tmp_path / "box" / "mine" / "b").write_text("b")
    number = (tmp_path / "box" / "mine" / "b").stat().st_ino
    fill(tmp_path / "box", "2", SHELF, force=True)
    assert (tmp_path / "box" / "a").read_text() == "2"
    assert (tmp_path / "box" / "mine" / "b").stat().st_ino == number  # not even copied


def test_a_file_is_replaced_only_on_request(tmp_path: Path) -> None:
    write_file(tmp_path / "file", "1")
    with pytest.raises(RequestError, match="is there already; give another name, or use --force"):
        write_file(tmp_path / "file", "2")
    write_file(tmp_path / "file", "2", force=True)
    assert (tmp_path / "file").read_text() == "2"
    with pytest.raises(RequestError, match="is a folder; give the name of a file"):
        write_file(tmp_path, "2", force=True)
    with pytest.raises(RequestError, match="is a file; give the name of a folder"):
        fill(tmp_path / "file", "2", force=True)
    with pytest.raises(RequestError, match="file is no folder; give another place"):
        write_file(tmp_path / "file" / "x" / "below", "2")


@posix
def test_what_is_no_regular_file_is_never_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    with chdir(tmp_path), socket.socket(socket.AF_UNIX) as made:
        made.bind("socket")
    before = {path.name: path.lstat().st_ino for path in tmp_path.iterdir()}
    for name, words in (
        ("pipe", "is a pipe, no f"),
        ("socket", "is a socket, no f"),
        ("link", "is a (link|file)"),
        ("dangling", "is a link"),
        ("loop", "is a link, no file|can't be written: Too many levels of symbolic links"),
    ):
        with pytest.raises(RequestError, match=words):
            write_file(tmp_path / name, "1", force=True)
        with pytest.raises(RequestError, match=words):
            fill(tmp_path / name, "1", force=True)
    refusals: tuple[Callable[[], object], ...] = (
        lambda: check_file(Path(os.devnull), force=True),
        lambda: check_folder(Path(os.devnull), [BOX], force=True),
    )
    for refused in refusals:
        with pytest.raises(RequestError, match=r"is a device, no (file|folder); give another name"):
            refused()
    assert {path.name: path.lstat().st_ino for path in tmp_path.iterdir()} == before
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@posix
def test_a_link_to_a_folder_leads_to_it(tmp_path: Path) -> None:
    (tmp_path / "disk" / "boxes").mkdir(parents=True)
    (tmp_path / "box").symlink_to(tmp_path / "disk" / "boxes")
    fill(tmp_path / "box", "1")
    fill(tmp_path / "box", "2", force=True)
    assert (tmp_path / "box").is_symlink()
    assert (tmp_path / "disk" / "boxes" / "a").read_text() == "2"
    assert os.listdir(tmp_path / "disk") == ["boxes"]


# -- places that none can take --------------------------------------------------------------------


@pytest.mark.parametrize("place", [".", "..", "../here", ""])
def test_the_folder_one_is_in_is_refused(place: str, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    with (
        chdir(tmp_path / "here"),
        pytest.raises(RequestError, match="holds the folder you are in, which can't be replaced"),
    ):
        fill(Path(place), "1")
    assert tree(tmp_path) == {"here": None}


@pytest.mark.parametrize("below", ["", "/x"])
def test_a_name_that_is_too_long_is_said(below: str, tmp_path: Path) -> None:
    place = tmp_path / ("x" * 300 + below)
    for write in (write_file, fill):
        with pytest.raises(RequestError, match="can't be written: File name too long; give a sho"):
            write(place, "1")
    assert os.listdir(tmp_path) == []
    longest = tmp_path / ("x" * 255)
    fill(longest, "1")
    fill(longest, "2", force=True)
    write_file(longest / ("y" * 255), "1")


def test_a_place_one_may_not_write_is_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root every place can be written, so the system's answer has a stand-in."""
    (tmp_path / "closed").mkdir()
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).name != "closed")
    words = "can't be written: you may not write in .*closed; choose a place that is open to you"
    for place in ("x", "x/y"):
        for check in (check_file, lambda at: check_folder(at, [BOX])):
            with pytest.raises(RequestError, match=words):
                check(tmp_path / "closed" / place)
    fill(tmp_path / "box", "1")
    os.rename(tmp_path / "box", tmp_path / "closed" / "box")
    monkeypatch.setattr(os, "access", lambda path, _: Path(path).name != "box")
    with pytest.raises(RequestError, match=r"you may not write in .*box"):
        check_folder(tmp_path / "closed" / "box", [BOX], force=True)


@posix
def test_a_disk_of_its_own_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path).name == "disk")
    with pytest.raises(RequestError, match="is a disk of its own; give a new folder on it"):
        check_folder(tmp_path / "disk", [BOX])
    fill(tmp_path / "disk" / "box", "1")
