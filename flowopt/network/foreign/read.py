"""Networks of other programs, told by their names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flowopt.errors import InputError, Problem, RequestError
from flowopt.network.foreign.plain_graph import Choices, Pure
from flowopt.reading import input_json

if TYPE_CHECKING:
    from flowopt.network.raw_tables import RawNetwork

SUFFIXES = (".max", ".min", ".graphml", ".json")
_KINDS = "a file that ends in .max, .min, .graphml or .json (node-link), or a folder with node.csv \
and link.csv (GMNS)"


def parse_foreign(path: Path) -> RawNetwork:
    """Return the raw tables of such a network, where the choices are the defaults."""
    from flowopt.network.foreign.graph_to_tables import raw_of

    return raw_of(read_plain(path), Choices())


def is_foreign(path: Path) -> bool:
    """Return whether a path is a network of another program; JSON is looked into."""
    if path.is_dir():
        from flowopt.network.foreign.gmns import is_gmns

        return is_gmns(path)
    if path.suffix.lower() != ".json":
        return path.suffix.lower() in SUFFIXES
    from flowopt.network.foreign.node_link import is_node_link

    try:
        return is_node_link(input_json(path))
    except (OSError, ValueError):
        return False  # whoever reads it as a network says what is wrong with it


def read_plain(path: Path) -> Pure:
    """Return the pure network of a path; raises like `flowopt.network.read.read_foreign`."""
    suffix = path.suffix.lower()
    if path.is_dir():
        from flowopt.network.foreign.gmns import is_gmns, read_gmns

        if is_gmns(path):
            return read_gmns(path)
    elif not path.exists():
        what = "there is no such folder or file"
        raise InputError([Problem(str(path), None, None, what)])
    elif suffix in (".max", ".min"):
        from flowopt.network.foreign.dimacs import read_dimacs

        return read_dimacs(path)
    elif suffix == ".graphml":
        from flowopt.network.foreign.graphml import read_graphml

        return read_graphml(path)
    elif suffix == ".json":
        from flowopt.network.foreign.node_link import read_node_link

        return read_node_link(path)
    raise RequestError(f"{path} is no network of another program; give {_KINDS}")
