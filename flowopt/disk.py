"""The disk as the atomic writer meets it: its faults in words, its flushes, its hidden names."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from flowopt.errors import RequestError

_UNFINISHED = re.compile(r"\.flowopt-[0-9a-f]{16}")
_NO_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF, errno.EACCES)
_ELSEWHERE = "choose a place that is open to you"
_FULL = "free some space, or write to another disk"
_ADVICE = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _ELSEWHERE,
    errno.EPERM: _ELSEWHERE,
    errno.EROFS: _ELSEWHERE,
    errno.ENAMETOOLONG: "give a shorter name",
    errno.ENOTDIR: "give another place",
    errno.EEXIST: "give another place",
    errno.EIO: "the disk or the connection to it fails; use another",
    errno.EMFILE: "allow more open files (ulimit -n), or ask for fewer workers",
    errno.ENFILE: "close other programs, or ask for fewer workers",
    errno.ENOMEM: "close other programs, or ask for fewer workers",
    errno.EAGAIN: "close other programs, or ask for fewer workers",
    errno.ENOTEMPTY: "another program has just written there; give another name",
}


@contextmanager
def telling(place: Path, what: str = "written") -> Iterator[None]:
    """Turn a fault of the disk into a RequestError that names the place and the way round."""
    try:
        yield
    except OSError as error:
        raise RequestError(f"{place} can't be {what}: {reason_of(error)}") from error


def has_advice(error: OSError) -> bool:
    """Return True for a fault that lies with the machine, and not with the program."""
    return error.errno in _ADVICE


def reason_of(error: OSError) -> str:
    """Return what the system says, and the way round where there is one.

    >>> reason_of(OSError(28, "No space left on device"))
    'No space left on device; free some space, or write to another disk'
    """
    advice = _ADVICE.get(error.errno or 0, "")
    return f"{error.strerror or error}{'; ' * bool(advice)}{advice}"


def beside(place: Path) -> Path:
    """Return a hidden name on the same disk, which no other writer takes."""
    return place.with_name(f".flowopt-{os.urandom(8).hex()}")


def is_unfinished(name: str) -> bool:
    """Return True for a name that `beside` gave: what a killed process left behind."""
    return _UNFINISHED.fullmatch(name) is not None


def is_regular(path: Path) -> bool:
    """Return True for a regular file itself; a link to one is none."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def kind_of_file(mode: int) -> str:
    """Return the word for what is neither a regular file nor a folder."""
    kinds = {stat.S_IFLNK: "a link", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")


def place_of_folder(target: Path) -> Path:
    """Return where a folder stands or will stand, links followed.

    Raises
    ------
    RequestError
        When no folder can take the place.
    """
    place = Path(os.path.realpath(target))
    try:
        mode = target.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        if target.is_symlink():
            raise RequestError(
                f"{target} is a link to {os.readlink(target)}, which is not there; make that "
                "folder, or give another name"
            ) from None
        return place
    if stat.S_ISREG(mode):
        raise RequestError(f"{target} is a file; give the name of a folder")
    if not stat.S_ISDIR(mode):
        raise RequestError(f"{target} is {kind_of_file(mode)}, no folder; give another name")
    with suppress(FileNotFoundError):  # of the current folder, when somebody deleted it
        if Path.cwd().is_relative_to(place):
            raise RequestError(
                f"{target} holds the folder you are in, which can't be replaced; give the name of "
                "a new folder"
            )
    if os.path.ismount(place):
        raise RequestError(f"{target} is a disk of its own; give a new folder on it")
    return place


def check_writable(folder: Path) -> None:
    """Refuse a folder, or where it is not there yet the one above, that can't be written.

    Raises
    ------
    OSError
        When it is no folder, or is closed to this user.
    """
    while not os.path.lexists(folder):
        folder = folder.parent
    if not folder.is_dir():
        raise OSError(errno.ENOTDIR, f"{folder} is no folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OSError(errno.EACCES, f"you may not write in {folder}")


@contextmanager
def parents(place: Path) -> Iterator[None]:
    """Make the folders above a place; on an exception, those that were made go again."""
    missing = []
    above = place.parent
    while not above.is_dir() and above != above.parent:
        missing.append(above)
        above = above.parent
    made: list[Path] = []
    try:
        for each in reversed(missing):
            each.mkdir(exist_ok=True)
            made.append(each)
        yield
    except BaseException:
        for each in reversed(made):
            with suppress(OSError):
                each.rmdir()
        raise


def rename_all(steps: Sequence[tuple[Path, Path]]) -> None:
    """Rename one after another; if one fails, take those before it back.

    Raises
    ------
    RequestError
        When one can't be taken back. Then no later one is, so that nothing is lost.
    """
    begun: list[tuple[Path, Path]] = []
    try:
        for here, there in steps:
            begun.append((here, there))  # first, for an interrupt may follow the rename
            os.rename(here, there)
    except BaseException:
        for here, there in reversed(begun):
            if os.path.lexists(here) or not os.path.lexists(there):
                continue  # it never went
            try:
                os.rename(there, here)
            except OSError as error:
                why = error.strerror or error
                raise RequestError(
                    f"{here} can't be put back: {why}; it lies in {there}"
                ) from error
        raise


def flush_file(file: int) -> None:
    """Flush a file to the disk, where its file system can."""
    try:
        os.fsync(file)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise


def flush_files(folder: Path) -> None:
    """Flush a folder, the files in it, and the folders in it with theirs."""
    for path in folder.iterdir():
        if path.is_dir():
            flush_files(path)
            continue
        file = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        try:
            flush_file(file)
        finally:
            os.close(file)
    flush_folder(folder)


def flush_folder(folder: Path) -> None:
    """Flush the names in a folder; Windows opens no folder, and needs no flush."""
    with suppress(OSError):
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
