"""Destination of a network: a file, or a folder in which the files of others stay."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flowopt.atomic import Kind, check_file, check_folder, folder, write_file
from flowopt.disk import is_regular
from flowopt.errors import InputError, RequestError
from flowopt.network import schema
from flowopt.network.files.csv_folder import DESCRIPTOR, FACTS, facts_of

_OURS = {FACTS, DESCRIPTOR, *(f"{table}.csv" for table in schema.TABLES)}


def _holds_network(place: Path) -> bool:
    """Return True for a folder whose facts can be read and name a network."""
    try:
        return is_regular(place / FACTS) and isinstance(facts_of(place / FACTS)[0].get("id"), str)
    except InputError:
        return False


NETWORK = Kind("a network", known=_holds_network, owns=_OURS.__contains__, keeps=True)


def check_destination(target: Path, *, folder: bool, force: bool | None = False) -> None:
    """Refuse early a destination that `write_atomically` would refuse.

    Parameters
    ----------
    target
        Where something is to be written.
    folder
        Expect a folder of files; if False, one file.
    force
        Allow a file, or a network that stands there, to be replaced.

    Raises
    ------
    RequestError
        When something is there that may not be replaced, or the place can't be written.
    """
    if not folder:
        check_file(target, force=force)
        return
    check_folder(target, [NETWORK], force=force)
    held = [path.name for path in target.iterdir()] if target.is_dir() else []
    strange = sorted(n for n in held if n.lower().endswith(".csv") and n not in _OURS)
    if strange:
        raise RequestError(
            f"{target} holds {strange[0]}, which is no table of a network; move it away first"
        )


def write_atomically(
    target: Path, content: bytes | Mapping[str, bytes], *, force: bool | None = False
) -> None:
    """Write a file, or a folder of files, whole or not at all.

    Parameters
    ----------
    target
        Where; folders above it are made.
    content
        Bytes of the file, or of each file of the folder by name.
    force
        Allow a file, or a folder with a network, to be replaced. Files in the folder that are no
        part of a network, such as a README, stay.

    Raises
    ------
    RequestError
        When something is there that may not be replaced, or the place can't be written.
    """
    if isinstance(content, bytes):
        write_file(target, content, force=force)
        return
    check_destination(target, folder=True, force=force)
    with folder(target, [NETWORK], force=force) as fresh:
        for name, data in content.items():
            (fresh / name).write_bytes(data)
