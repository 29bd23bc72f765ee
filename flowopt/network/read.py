"""Reading of networks: files are parsed into raw tables, then assembled and checked."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flowopt.atomic import json_object
from flowopt.errors import InputError, Problem, RequestError
from flowopt.garbage import no_collection
from flowopt.network import schema
from flowopt.network.assemble import assemble
from flowopt.network.files.csv_folder import FACTS
from flowopt.network.files.text import TOO_DEEP, unreadable
from flowopt.network.files.unsupported import workaround
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
from flowopt.similar_names import closest_path

NetworkOrPath = Network | str | os.PathLike[str]
_SHOWN = 5  # networks of a folder that a message lists


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
        With oddities in `warnings`.

    Raises
    ------
    InputError
        With everything that is wrong in the files, each with its file (or sheet) and row.
    """
    with no_collection():
        return assemble(_parsed(Path(path)), Network, spend=True)


def network_of(given: NetworkOrPath) -> Network:
    """Return the network that is given, or the one at the path that is.

    Raises
    ------
    InputError
        With everything that is wrong in the files.
    RequestError
        When it is neither a network nor a path.
    """
    if isinstance(given, Network):
        return given
    if isinstance(given, str | os.PathLike):
        return read_network(given)
    raise RequestError(
        f"a {type(given).__name__} stands where a network belongs; give what read_network returns, "
        "or the path of a network"
    )


def timed_network(given: NetworkOrPath, seconds: float) -> tuple[Network, float]:
    """Return the network of `network_of`, and the seconds so far with those of reading it."""
    began = time.perf_counter()
    network = network_of(given)
    return network, seconds if network is given else seconds + time.perf_counter() - began


def networks_of(given: NetworkOrPath | Iterable[NetworkOrPath]) -> tuple[Network, ...]:
    """Return one network or several, each given itself or by its path.

    Raises
    ------
    InputError, RequestError
        As `network_of`.
    """
    if isinstance(given, Iterable) and not isinstance(given, str | os.PathLike):
        return tuple(map(network_of, given))
    return (network_of(given),)


def read_foreign(path: str | os.PathLike[str], **options: Any) -> Network:
    """Read a network that was written for another program, and check it.

    Parameters
    ----------
    path
        A file or folder of a kind that `flowopt convert --help` lists as of another program, such
        as a DIMACS problem.
    **options
        Import options, as ``measures="every-arc"``; by default one commodity ``flow`` and no
        measures. See `flowopt.network.foreign.plain_graph.ImportOptions`.

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
        When an option is out of range or names what is not there, or when the path is of no such
        kind.
    """
    from flowopt.network.foreign.graph_to_tables import checked_network
    from flowopt.network.foreign.plain_graph import import_options

    source = Path(path)
    if not source.exists():
        raise InputError([Problem(str(source), None, None, not_there(source))])
    found = foreign_format(source)
    if found is None:
        raise RequestError(f"{source} is no network of another program; give {foreign_kinds()}")
    return checked_network(Network, found.plain_graph(source), import_options(options))


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
        message = not_there(path)
    elif path.name == FACTS or (path.name[:-4] in schema.TABLES and path.suffix == ".csv"):
        message = "is one file of a network; give the folder it stands in"
    elif advice := workaround(path):
        message = advice
    else:
        message = f"is no network; give {readable()}"
    raise InputError([Problem(str(path), None, None, message)])


def _raw_network(path: Path, found: Format) -> RawNetwork:
    """Return the raw tables of a path; a graph's with the defaults for what it leaves open."""
    if found.parse_graph:
        from flowopt.network.foreign.graph_to_tables import raw_tables_of
        from flowopt.network.foreign.plain_graph import ImportOptions

        return raw_tables_of(found.plain_graph(path), ImportOptions())
    bare = found is FOLDER and not (path / FACTS).exists()
    if bare and (other := foreign_format(path)) is not None:
        message = (
            f"is {other.name}; make it one of flowopt's: flowopt convert FOLDER DST --source ID "
            "--sink ID"
        )
        raise InputError([Problem(str(path), None, None, message)])
    if bare and (message := _other_folder(path)):
        raise InputError([Problem(str(path), None, None, message)])
    return found.raw_network(path)


def not_there(path: Path) -> str:
    """Return the message for a path that is not there, with the one that was probably meant."""
    near = closest_path(path)
    return "there is no such folder or file" + (f"; did you mean {near}?" if near else "")


def _other_folder(folder: Path) -> str:
    """Return the message for a folder of results or of networks, "" for another."""
    summary = json_object(folder / "summary.json")
    if summary is not None and "flowopt" in summary:
        own = folder / "network.json"
        copy = f", such as its own copy {own}" if own.is_file() else ""
        return f"is a result, not a network; give the network that it was made from{copy}"
    held = sorted(facts.parent for facts in folder.glob(f"*/{FACTS}"))
    if held:
        more = ", ..." * (len(held) > _SHOWN)
        listed = ", ".join(map(str, held[:_SHOWN]))
        return f"is a folder of networks and holds no {FACTS} of its own; give one: {listed}{more}"
    return ""
