"""Networks in a result's folder: `network.json`, or numbered ones of a comparison."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from flowopt.atomic import json_object
from flowopt.errors import InputError, RequestError
from flowopt.network.files.csv_folder import FACTS
from flowopt.network.formats import format_of
from flowopt.network.network import Network
from flowopt.network.read import not_there, read_network
from flowopt.planning.recheck.verdict import Check, Comparison

NETWORK = "network.json"
_NO_NETWORK = (
    f"{{folder}} holds no {NETWORK}: an earlier flowopt wrote it, or the file was taken out; "
    "give the network it was made from with --network, or make the result again"
)
_NUMBERED = re.compile(r"network-([1-9][0-9]*)\.json")


def numbered(number: int) -> str:
    """Return the name of the file of one of several networks, counted from 1."""
    return f"network-{number}.json"


def network_files(folder: Path) -> tuple[Path, ...]:
    """Return the files of a result's networks, in the order of its summary.

    A result about one network has `network.json`, a comparison of several `network-1.json`,
    `network-2.json` and so on.
    """
    if (folder / NETWORK).exists():
        return (folder / NETWORK,)
    if not folder.is_dir():
        return ()
    matches = ((_NUMBERED.fullmatch(path.name), path) for path in folder.iterdir())
    return tuple(path for _, path in sorted((int(m[1]), path) for m, path in matches if m))


def networks_at_hand(folder: Path, given: Sequence[Network]) -> list[Network]:
    """Return the networks that a result holds, or those given where it holds none.

    Raises
    ------
    RequestError
        When there are none.
    InputError
        When one in the folder can't be read.
    """
    held = [read_network(path) for path in network_files(folder)]
    if not held and not given:
        raise RequestError(_NO_NETWORK.format(folder=folder))
    return held or [*given]


def no_result(folder: Path) -> str:
    """Return the message for a path that is no folder of a result."""
    if not folder.exists():
        return f"{folder}: {not_there(folder)}"
    what = "is a network, not a result" if _is_network(folder) else "holds no summary.json"
    return f"{folder} {what}: give a folder that --out wrote"


def _is_network(path: Path) -> bool:
    return (path / FACTS).is_file() if path.is_dir() else format_of(path) is not None


def own_network_file(folder: Path) -> Path:
    """Return the file of the one network that a result is about.

    Raises
    ------
    RequestError
        When the folder holds no result, no network, or several.
    """
    files = network_files(folder)
    if len(files) == 1:
        return files[0]
    if not (folder / "summary.json").is_file():
        raise RequestError(no_result(folder))
    inner = (json_object(folder / "summary.json") or {}).get("folders")
    if isinstance(inner, list) and inner:
        raise RequestError(
            f"{folder} holds {len(inner)} frontiers: give the folder of one of them, such as "
            f"{folder / str(inner[0])}"
        )
    if files:
        listed = ", ".join(path.name for path in files)
        raise RequestError(
            f"{folder} is about {len(files)} networks ({listed}): give the one that is meant with "
            f"--network {files[0]}"
        )
    raise RequestError(_NO_NETWORK.format(folder=folder))


def as_in_result(folder: Path, network: Network) -> Network:
    """Return a network as the scenario that a result is about; itself where it is about none."""
    summary = json_object(folder / "summary.json") or {}
    frontiers = summary.get("frontiers")
    about = frontiers[0] if isinstance(frontiers, list) and frontiers else summary
    scenario = about.get("scenario") if isinstance(about, dict) else None
    known = [row.scenario for row in network.scenarios]
    return network.scenario(scenario) if scenario in known else network


def own_network(folder: Path) -> Network:
    """Return the one network that a result holds.

    Raises
    ------
    RequestError
        As `own_network_file`.
    InputError
        When the file is no sound network.
    """
    return read_network(own_network_file(folder))


def network_and_copy(folder: Path, copies: Sequence[Network]) -> tuple[Network, list[Check]]:
    """Return the one network that a result is checked against, and the check of the copy given.

    Parameters
    ----------
    folder
        The result's folder.
    copies
        The network as given, or nothing: then the folder's own is taken, and there is no check.

    Raises
    ------
    RequestError, InputError
        As `own_network`.
    """
    if not copies:
        return own_network(folder), []
    held = network_files(folder)
    return copies[0], [check_copy(held[0], copies[0])] if held else []


def check_copy(file: Path, network: Network) -> Check:
    """Compare the network in a result's folder with the copy that is given."""
    check = Comparison(f"{file.name} is the network that is given")
    try:
        own = read_network(file)
    except InputError as error:
        check.fault(f"it can't be read: {error}")
        return check.check()
    ours, theirs = own.tables(), network.tables()
    unlike = [name for name, rows in ours.items() if rows != theirs[name]]
    if unlike or own.info != network.info:
        names = unlike if own.info == network.info else ["network", *unlike]
        check.fault(f"the network given is another one: it differs in {', '.join(names)}")
    else:
        check.equal("the hash of its tables", own.sha256, network.sha256)
    return check.check()
