"""Writing a network: as a folder of CSV tables, or as one file; it reads back equal."""

from __future__ import annotations

import os
from pathlib import Path

from flowopt.network.files.destination import check_place, put
from flowopt.network.formats import written_as
from flowopt.network.network import Network


def write_network(network: Network, path: str | os.PathLike[str], *, force: bool = False) -> None:
    """Write a network as a folder, a workbook or a JSON file, told by the end of the name.

    A folder gets a CSV file per table and a `network.toml`. Blank stands for a default, and in a
    folder columns and tables that say nothing are left out. What is written appears whole or not
    at all.

    Parameters
    ----------
    network
        The network.
    path
        A file that is not there yet (``.xlsx``, ``.json``), or a folder that is not there yet or
        is empty.
    force
        Whether a file, or a folder with a network, may be replaced. What else such a folder holds,
        a README say, stays.

    Raises
    ------
    RequestError
        When something is there already, the place cannot be written, the suffix is unknown, or
        the extra `excel` is missing.
    InputError
        When a text is more than the format can hold: a NUL character, or in a workbook more than
        32,767 characters.
    """
    target = Path(path)
    found = written_as(target)
    check_place(target, folder=not found.suffixes, force=force)
    put(target, found.content(network), force=force)
