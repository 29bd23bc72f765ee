"""New networks to start from: the template, or a copy of a network that is shipped."""

from __future__ import annotations

import os
from pathlib import Path

from flowopt.errors import RequestError
from flowopt.network.files.destination import check_destination, write_atomically
from flowopt.network.formats import format_of
from flowopt.network.read import read_network
from flowopt.network.template import first_steps, template_files, template_network
from flowopt.similar_names import closest

_PACKAGE = Path(__file__).resolve().parents[1]
# In an installed package, and in a clone.
_PLACES = (_PACKAGE / "data" / "networks", _PACKAGE.parent / "networks")


def new_network(path: str | os.PathLike[str], *, source: str | None = None) -> None:
    """Write a network to start from.

    Parameters
    ----------
    path
        A folder that is not there yet, or is empty; or a file that is not there yet, whose name
        ends in ``.xlsx`` or ``.json``.
    source
        Name of a network that is shipped, to copy; None for the template.

    Raises
    ------
    RequestError
        When there is no such network, when something is there already, or when it can't be
        written.
    """
    target = Path(path)
    found = None if target.is_dir() else format_of(target)
    if found is not None and found.encode:
        check_destination(target, folder=False, force=None)
        network = template_network() if source is None else read_network(_shipped(source))
        write_atomically(target, found.content(network), force=None)
    else:
        files = template_files(target) if source is None else _copy(target, source)
        write_atomically(target, files, force=None)


def shipped_networks() -> dict[str, Path]:
    """Return the folders of the networks that are shipped, by name."""
    for place in _PLACES:
        found = {path.parent.name: path.parent for path in sorted(place.glob("*/network.toml"))}
        if found:
            return found
    return {}


def _shipped(source: str) -> Path:
    """Return the folder of a network that is shipped."""
    known = shipped_networks()
    if source not in known:
        near = closest(source, known)
        hint = f"did you mean {near}?" if near else f"there are {', '.join(known) or 'none'}"
        raise RequestError(f"no network {source!r} is shipped; {hint}")
    return known[source]


def _copy(target: Path, source: str) -> dict[str, bytes]:
    files = {path.name: path.read_bytes() for path in _shipped(source).iterdir() if path.is_file()}
    about = files.get("README.md", b"").decode()
    origin = f"A copy of the network `{source}`, as it was shipped."
    if about:
        origin += " What it is, and where its numbers come\nfrom, stands below."
    first = first_steps(target, origin, budget=20 if source == "peru-2014" else 4)
    files["README.md"] = f"{first}\n---\n\n{about}".removesuffix("\n---\n\n").encode()
    return files
