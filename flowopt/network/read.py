"""Reading a network: parse the files into raw tables, then assemble and check them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from flowopt.errors import InputError, Problem
from flowopt.garbage import no_collection
from flowopt.network import schema
from flowopt.network.assemble import assemble
from flowopt.network.files.csv_folder import parse_folder
from flowopt.network.files.text import TOO_DEEP, unreadable
from flowopt.network.files.unsupported import way_round
from flowopt.network.formats import format_of, readable
from flowopt.network.network import Network
from flowopt.network.raw_tables import RawNetwork


def read_network(path: str | os.PathLike[str]) -> Network:
    """Read a network and check it.

    Parameters
    ----------
    path
        A folder of CSV tables with a `network.toml`, or one file: a workbook (``.xlsx``, which
        needs the extra `excel`) or ``.json``.

    Returns
    -------
    Network
        With what looks odd in `warnings`.

    Raises
    ------
    InputError
        With everything that is wrong in the files, each with its file (or sheet) and row.
    """
    with no_collection():
        return assemble(_parsed(Path(path)), Network, spend=True)


def read_foreign(path: str | os.PathLike[str], **choices: Any) -> Network:
    """Read a network that was written for another program, and check it.

    Parameters
    ----------
    path
        A DIMACS file (``.max``, ``.min``), GraphML (``.graphml``), node-link JSON (``.json``), or a
        GMNS folder (``node.csv`` and ``link.csv``).
    **choices
        What such files leave open, as ``measures="every-arc"``; by default one commodity ``flow``
        and no measures. See `flowopt.network.foreign.plain_graph.Choices`.

    Returns
    -------
    Network
        Checked like one in the project's own format.

    Raises
    ------
    InputError
        With everything that is wrong in the file, each with its line or the name of its node or
        arc.
    RequestError
        When a choice is out of range or names what is not there, or when the path is of no such
        kind.
    """
    from flowopt.network.foreign.graph_to_tables import network_of
    from flowopt.network.foreign.plain_graph import chosen
    from flowopt.network.foreign.read import read_plain

    return network_of(Network, read_plain(Path(path)), chosen(choices))


def _parsed(path: Path) -> RawNetwork:
    """Return the raw tables, by the kind of file."""
    try:
        if path.is_dir():
            return parse_folder(path)
        there = path.exists()
        found = format_of(path)
        if there and found is not None and found.parse is not None:
            return found.parse(path)
    except RecursionError as error:
        raise InputError([Problem(path.name, None, None, TOO_DEEP)]) from error
    except OSError as error:
        raise InputError([unreadable(path, error)]) from error
    if not there:
        what = "there is no such folder or file"
    elif path.name == "network.toml" or (path.name[:-4] in schema.TABLES and path.suffix == ".csv"):
        what = "is one file of a network; give the folder it stands in"
    elif way := way_round(path):
        what = way
    else:
        what = f"is no network; give {readable()}"
    raise InputError([Problem(str(path), None, None, what)])
