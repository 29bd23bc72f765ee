"""Putting files in their place: whole or not at all, and never over something without leave."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flowopt.errors import RequestError
from flowopt.network import schema

DESCRIPTOR = "datapackage.json"
FACTS = "network.toml"
_OURS = {FACTS, DESCRIPTOR, *(f"{table}.csv" for table in schema.TABLES)}


def check_place(target: Path, *, folder: bool, force: bool = False) -> None:
    """Refuse early what `put` would refuse.

    Parameters
    ----------
    target
        Where something is to be written.
    folder
        Whether it is a folder of files.
    force
        Whether a network that stands there may be replaced.

    Raises
    ------
    RequestError
        When something is there that may not be replaced.
    """
    if not target.exists():
        return
    if not folder:
        if target.is_dir():
            raise RequestError(f"{target} is a folder; give the name of a file")
        if not force:
            raise RequestError(f"{target} is there already; give another name, or use --force")
        return
    held = {path.name for path in target.iterdir()} if target.is_dir() else set()
    if target.is_dir() and not held:
        return
    if not force or not target.is_dir():
        what = "is there already; give a new or an empty folder"
        raise RequestError(f"{target} {what}{', or use --force' * (FACTS in held)}")
    if FACTS not in held:
        raise RequestError(f"{target} holds no network; --force replaces nothing else")
    strange = sorted(n for n in held - _OURS if n.lower().endswith(".csv"))
    if strange:
        raise RequestError(
            f"{target} holds {strange[0]}, which is no table of a network; move it away first"
        )


def put(target: Path, content: bytes | Mapping[str, bytes], *, force: bool = False) -> None:
    """Write a file, or a folder of files, whole or not at all.

    Parameters
    ----------
    target
        Where; folders above it are made.
    content
        What the file holds, or what each file of the folder holds, by name.
    force
        Whether a file, or a folder with a network, may be replaced. Files in the folder that are
        no part of a network, such as a README, stay.

    Raises
    ------
    RequestError
        When something is there that may not be replaced, or the place can't be written.
    """
    folder = not isinstance(content, bytes)
    check_place(target, folder=folder, force=force)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _beside(target) as fresh:
            unfinished = fresh / target.name  # an inner one, with the usual permissions
            if isinstance(content, bytes):
                unfinished.write_bytes(content)
                unfinished.replace(target)
            else:
                _fill(unfinished, content, target if force else None)
                _swap(unfinished, target)
    except OSError as error:
        raise RequestError(f"{target} can't be written: {error.strerror or error}") from error


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Give a temporary folder on the same disk, which goes again."""
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _fill(folder: Path, files: Mapping[str, bytes], old: Path | None) -> None:
    """Make a folder of the files, and of what else an old one holds."""
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    for path in old.iterdir() if old is not None and old.exists() else ():
        if path.name in _OURS:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.copytree(path, folder / path.name, symlinks=True)
        else:
            shutil.copy2(path, folder / path.name, follow_symlinks=False)


def _swap(fresh: Path, target: Path) -> None:
    """Put `fresh` where `target` is; an old one goes only once the new one stands."""
    if target.exists() and not any(target.iterdir()):
        target.rmdir()
    if not target.exists():
        fresh.rename(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
    target.rename(aside / target.name)
    try:
        fresh.rename(target)
    except OSError:
        (aside / target.name).rename(target)
        aside.rmdir()
        raise
    shutil.rmtree(aside, ignore_errors=True)
