"""The one atomic writer: a file or a folder takes its place whole, or all stays as it was.

What is new is written under a hidden name beside its place, flushed to the disk, and renamed. A
rename that fails is undone. Nothing but a regular file, or a folder that is known by its content
as one of ours, is ever replaced; links, devices and the files of others are refused by name.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowopt.disk import (
    beside,
    check_writable,
    flush_file,
    flush_files,
    flush_folder,
    is_regular,
    is_unfinished,
    kind_of_file,
    parents,
    place_of_folder,
    rename_all,
    telling,
)
from flowopt.errors import RequestError
from flowopt.reading import input_json

_FORCE = ", or use --force"
_SHOWN = 3  # names in a message


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of folder that the program writes, and may therefore replace.

    Attributes
    ----------
    name : str
        For sentences, as ``a result``.
    known : callable
        True for a folder that is of this kind, told by what its files say.
    owns : callable
        True for the name of a file that the program may have written into such a folder.
    keeps : bool
        Files of others stay in a folder that is replaced; if False, they refuse its replacement.
    inner : tuple of Kind
        Kinds of the folders that the program may have written into it.
    """

    name: str
    known: Callable[[Path], bool]
    owns: Callable[[str], object]
    keeps: bool = False
    inner: tuple[Kind, ...] = ()

    def ours(self, name: str) -> bool:
        """Return True for the name of a file of ours, one that was never finished included."""
        return is_unfinished(name) or bool(self.owns(name))

    def others(self, folder: Path) -> list[str]:
        """Return what the folder holds beside our files and folders; a link is never ours."""
        with os.scandir(folder) as entries:
            return sorted(
                name
                for entry in entries
                for name in (
                    self._others_in(entry)
                    if entry.is_dir(follow_symlinks=False)
                    else [entry.name]
                    if entry.is_symlink() or not self.ours(entry.name)
                    else []
                )
            )

    def _others_in(self, folder: os.DirEntry[str]) -> list[str]:
        """Return a folder in one of ours, or what of it is not ours."""
        kind = kind_of(Path(folder.path), self.inner) if self.ours(folder.name) else None
        if kind is None:
            return [folder.name]
        return [f"{folder.name}/{name}" for name in kind.others(Path(folder.path))]

    def in_the_way(self, folder: Path) -> list[str]:
        """Return the names of what would be lost if the folder were replaced."""
        others = self.others(folder)
        return [name for name in others if self.ours(name)] if self.keeps else others


def kind_of(place: Path, kinds: Iterable[Kind]) -> Kind | None:
    """Return the kind of a folder, told by its content; None for one that is none of ours."""
    return next((kind for kind in kinds if kind.known(place)), None)


def json_object(path: Path) -> dict[str, Any] | None:
    """Return the object in a JSON file, None where no regular file holds a whole one."""
    try:
        found = input_json(path) if is_regular(path) else None
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


# -- files ----------------------------------------------------------------------------------------


def check_file(target: Path, *, force: bool | None = False) -> None:
    """Refuse early what `write_file` would refuse.

    Parameters
    ----------
    target
        Where a file is to be written.
    force
        Allow a regular file to be replaced; None where no option --force can be given.

    Raises
    ------
    RequestError
        When something is there that may not be replaced, or the place can't be written.
    """
    with telling(target):
        try:
            mode = target.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            check_writable(target.parent)
            return
        if stat.S_ISDIR(mode):
            raise RequestError(f"{target} is a folder; give the name of a file")
        if not stat.S_ISREG(mode):
            raise RequestError(f"{target} is {kind_of_file(mode)}, no file; give another name")
        if not force:
            hint = _FORCE if force is False else ""
            raise RequestError(f"{target} is there already; give another name{hint}")
        check_writable(target.parent)


def write_file(
    target: Path, content: bytes | str, *, force: bool | None = False, durable: bool = True
) -> None:
    """Write a file, whole or not at all; folders above it are made.

    Parameters
    ----------
    target
        Where.
    content
        What it holds; text becomes UTF-8 with the line ends it has.
    force
        Allow a regular file to be replaced; None where no option --force can be given.
    durable
        Flush it to the disk before it takes its place, so that it outlives a crash.

    Raises
    ------
    RequestError
        As `check_file`, or when the disk is full or fails.
    """
    write_files({target: content}, force=force, durable=durable)


def write_files(
    files: Mapping[Path, bytes | str], *, force: bool | None = False, durable: bool = True
) -> None:
    """Write files that belong together: all of them or none; further as `write_file`."""
    for target in files:
        check_file(target, force=force)
    fresh = {target: beside(target) for target in files}
    with ExitStack() as made:
        try:
            for target, content in files.items():
                with telling(target):
                    made.enter_context(parents(target))
                    _write(fresh[target], content, durable=durable)
            for target in files:
                check_file(target, force=force)  # it may have come meanwhile
            _replace_all(fresh)
        finally:
            for new in fresh.values():
                with suppress(OSError):
                    new.unlink()
        if durable:
            for above in {target.parent for target in files}:
                flush_folder(above)


def _write(path: Path, content: bytes | str, *, durable: bool) -> None:
    data = content if isinstance(content, bytes) else content.encode(errors="backslashreplace")
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        if durable:
            flush_file(file.fileno())


def _replace_all(fresh: Mapping[Path, Path]) -> None:
    """Put files in their places; those that stood there go once all new ones stand."""
    first, *more = fresh
    aside = {target: beside(target) for target in fresh if target.exists()} if more else {}
    with telling(first):
        if more:
            rename_all([*aside.items(), *((new, target) for target, new in fresh.items())])
        else:
            os.replace(fresh[first], first)  # in one step
    for target, old in aside.items():
        with _leaving_nothing(target, old):
            old.unlink()


# -- folders --------------------------------------------------------------------------------------


def check_folder(target: Path, kinds: Sequence[Kind], *, force: bool | None = False) -> None:
    """Refuse early what `folder` would refuse, such as before hours of work.

    Parameters
    ----------
    target
        Where a folder is to be written.
    kinds
        What may be replaced.
    force
        Allow a folder of these kinds to be replaced; None where no option --force can be given.

    Raises
    ------
    RequestError
        When something is there that may not be replaced, or the place can't be written.
    """
    with telling(target):
        place = place_of_folder(target)
        check_writable(place.parent)
        if not place.exists():
            return
        held = sorted(os.listdir(place))
        if not held:
            return
        kind = kind_of(place, kinds)
        if kind is None:
            names = _listed(held)
            raise RequestError(f"{target} holds other files: {names}; give a new or empty folder")
        lost = kind.in_the_way(place)
        if not force:
            hint = _FORCE if force is False and not lost else ""
            raise RequestError(f"{target} already holds {kind.name}; give another folder{hint}")
        _refuse(target, lost)
        check_writable(place)


@contextmanager
def folder(target: Path, kinds: Sequence[Kind], *, force: bool | None = False) -> Iterator[Path]:
    """Give an empty folder that takes the place of `target` once everything in it is written.

    Parameters
    ----------
    target
        Where; folders above it are made. A link to a folder is followed.
    kinds
        What may be replaced.
    force
        Allow a folder of these kinds to be replaced; None where no option --force can be given.

    Yields
    ------
    Path
        The folder to fill. On an exception it goes, and all stays as it was.

    Raises
    ------
    RequestError
        As `check_folder`, or when the disk is full or fails.
    """
    check_folder(target, kinds, force=force)
    with telling(target):
        place = place_of_folder(target)
        fresh = beside(place)
        with parents(place):
            try:
                fresh.mkdir()  # by the user's umask, as are the files in it
                yield fresh
                flush_files(fresh)
                check_folder(target, kinds, force=force)  # it may have come meanwhile
                _swap(fresh, place, kinds)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
            flush_folder(place.parent)


def remove_folder(target: Path, kinds: Sequence[Kind]) -> None:
    """Delete a folder of ours, if it holds nothing else.

    Raises
    ------
    RequestError
        When it is no folder of these kinds, holds files of others, or can't be deleted.
    """
    with telling(target, "deleted"):
        place = place_of_folder(target)
        kind = kind_of(place, kinds)
        if kind is None:
            names = _listed(sorted(os.listdir(place)))
            raise RequestError(f"{target} holds other files: {names}; delete it yourself")
        _refuse(target, kind.others(place))
        _delete(place, kind)


def _swap(fresh: Path, place: Path, kinds: Sequence[Kind]) -> None:
    """Put `fresh` where `place` is; what stood there goes only once the new one stands."""
    if not place.exists():
        os.rename(fresh, place)
        return
    kind, aside = kind_of(place, kinds), beside(place)
    kept = kind.others(place) if kind is not None else ()
    rename_all([(place, aside), (fresh, place), *((aside / name, place / name) for name in kept)])
    with _leaving_nothing(place, aside):
        _delete(aside, kind)


@contextmanager
def _leaving_nothing(place: Path, aside: Path) -> Iterator[None]:
    """Say where what was replaced lies, if it can't be deleted."""
    try:
        yield
    except OSError as error:
        raise RequestError(
            f"{place} is written, but what stood there before can't be deleted: "
            f"{error.strerror or error}; it lies in {aside}"
        ) from error


def _delete(place: Path, kind: Kind | None) -> None:
    """Delete a folder and our files in it; one that holds anything else stays."""
    for name in os.listdir(place) if kind is not None else ():
        if kind is None or not kind.ours(name):
            continue
        path = place / name
        if path.is_dir() and not path.is_symlink():
            _delete(path, kind_of(path, kind.inner))
        else:
            path.unlink()
    place.rmdir()


def _refuse(target: Path, names: Sequence[str]) -> None:
    if names:
        raise RequestError(
            f"{target} holds {_listed(names)}, which flowopt did not write; move that away, or "
            "give another folder"
        )


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
