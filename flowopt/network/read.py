"""Reading a network: parse the files into raw tables, then assemble and check them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from flowopt.errors import InputError, Problem, RequestError
from flowopt.garbage import no_collection
from flowopt.network import schema
from flowopt.network.assemble import assemble
from flowopt.network.files.csv_folder import FACTS
from flowopt.network.files.text import TOO_DEEP, unreadable
from flowopt.network.files.unsupported import way_round
from flowopt.network.formats import (
    FOLDER,
    Format,
    foreign_format,
    foreign_kinds,
    format_of,
    readable,
)
from flowopt.network.network import Network
from flowopt.network.raw_tables import RawNetwork

_NOT_THERE = "there is no such folder or file"


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
        A file or folder of a kind that `flowopt convert --help` lists as of another program, such
        as a DIMACS problem.
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

    source = Path(path)
    if not source.exists():
        raise InputError([Problem(str(source), None, None, _NOT_THERE)])
    found = foreign_format(source)
    if found is None:
        raise RequestError(f"{source} is no network of another program; give {foreign_kinds()}")
    return network_of(Network, found.plain_graph(source), chosen(choices))


def _parsed(path: Path) -> RawNetwork:
    """Return the raw tables, by the kind of file."""
    try:
        found = FOLDER if path.is_dir() else format_of(path)
        there = path.exists()
        if there and found is not None and found.is_read:
            return _raw_network(path, found)
    except RecursionError as error:
        raise InputError([Problem(path.name, None, None, TOO_DEEP)]) from error
    except OSError as error:
        raise InputError([unreadable(path, error)]) from error
    if not there:
        what = _NOT_THERE
    elif path.name == FACTS or (path.name[:-4] in schema.TABLES and path.suffix == ".csv"):
        what = "is one file of a network; give the folder it stands in"
    elif way := way_round(path):
        what = way
    else:
        what = f"is no network; give {readable()}"
    raise InputError([Problem(str(path), None, None, what)])


def _raw_network(path: Path, found: Format) -> RawNetwork:
    """Return the raw tables of a path; a graph's with the defaults for what it leaves open."""
    if found.parse_graph:
        from flowopt.network.foreign.graph_to_tables import raw_of
        from flowopt.network.foreign.plain_graph import Choices

        return raw_of(found.plain_graph(path), Choices())
    other = foreign_format(path) if found is FOLDER else None
    if other is not None and not (path / FACTS).exists():
        what = (
            f"is {other.name}; make it one of flowopt's: flowopt convert FOLDER DST --source ID "
            "--sink ID"
        )
        raise InputError([Problem(str(path), None, None, what)])
    return found.raw_network(path)
