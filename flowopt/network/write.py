"""Writing of networks: as a folder of CSV tables, or as one file; both read back equal."""

from __future__ import annotations

import os
from pathlib import Path

from flowopt.network.files.destination import check_destination, write_atomically
from flowopt.network.formats import written_as
from flowopt.network.network import Network


def write_network(network: Network, path: str | os.PathLike[str], *, force: bool = False) -> None:
    """Write a network as a folder, a workbook or a JSON file, by the end of the name.

    A folder gets a CSV file per table and a `network.toml`. Blank stands for a default, and in a
    folder columns and tables without content are left out. What is written appears whole or not
    at all.

    Parameters
    ----------
    network
        The network.
    path
        A file that is not there yet (``.xlsx``, ``.json``), or a folder that is not there yet or
        is empty.
    force
        Replace a file, or a folder with a network. Other files of such a folder, a README for
        instance, stay.

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
    check_destination(target, folder=not found.suffixes, force=force)
    write_atomically(target, found.content(network), force=force)
