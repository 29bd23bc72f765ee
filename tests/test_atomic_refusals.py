"""Files and folders of others, and places that none can take, are refused and stay as they are."""

from __future__ import annotations

import os
import re
import socket
import stat
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

import pytest

from flowopt.atomic import check_file, check_folder, remove_folder, write_file
from flowopt.errors import RequestError
from tests.test_atomic import BOX, SHELF, fill, posix, tree


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
