"""Folders of frontiers side by side: the one that is about a network, for pages and live pages."""

from __future__ import annotations

from pathlib import Path

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.planning.recheck.json_values import MalformedError, read_json
from flowopt.planning.recheck.several_checks import frontier_folders, is_of_several
from flowopt.result_names import SUMMARY


def folder_about(folder: Path, network: Network) -> Path:
    """Return the folder of the frontier about a network; any other result as it is.

    Raises
    ------
    RequestError
        When none is about it, or several are, one for each objective.
    """
    if not is_of_several(folder):
        return folder
    try:
        found = {each: _networks(each) for each in frontier_folders(folder)}
    except MalformedError as error:
        raise RequestError(f"{folder} can't be read: {error}") from error
    own = [each for each, ids in found.items() if network.info.id in ids]
    if not own:
        known = ", ".join(dict.fromkeys(name for ids in found.values() for name in ids))
        raise RequestError(f"{folder} is not about {network.info.id!r}, but about {known}")
    if len(own) > 1:
        listed = ", ".join(each.name for each in own)
        raise RequestError(
            f"the result has a frontier of {network.info.id!r} for each objective ({listed}): give "
            f"the folder of one of them, such as {own[0]}"
        )
    return own[0]


def _networks(folder: Path) -> list[str]:
    summary = read_json(folder / SUMMARY)
    parts = summary.get("frontiers") or [summary]
    return [str(part.get("network")) for part in parts]
