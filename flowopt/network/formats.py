"""The kinds of file that a network can stand in, told by the end of the name.

A new kind is one more `Format` in `FORMATS`: a function that parses a file into a `RawNetwork`, one
that turns a network into bytes, or both. They load their libraries when they are called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flowopt.errors import RequestError

if TYPE_CHECKING:
    from flowopt.network.network import Network
    from flowopt.network.raw_tables import RawNetwork


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file.

    Attributes
    ----------
    name : str
        For sentences, as ``a workbook``.
    suffixes : tuple of str
        How such files' names end, in lower case; the first one is the usual one.
    parse : callable or None
        From a path to raw tables, nothing judged; None if such files are only written.
    encode : callable or None
        From a network to what the file holds, or to the files of a folder by name; None if such
        files are only read.
    lost : str
        What writing leaves out, for people; "" if what is written reads back equal.
    """

    name: str
    suffixes: tuple[str, ...]
    parse: Callable[[Path], RawNetwork] | None = None
    encode: Callable[[Network], bytes | Mapping[str, bytes]] | None = None
    lost: str = ""


def _parse_workbook(path: Path) -> RawNetwork:
    from flowopt.network.files.workbook import parse_workbook

    return parse_workbook(path)


def _encode_workbook(network: Network) -> bytes:
    from flowopt.network.files.workbook_write import workbook_bytes

    return workbook_bytes(network)


def _parse_json(path: Path) -> RawNetwork:
    from flowopt.network.files.json_file import parse_json

    return parse_json(path)


def _encode_json(network: Network) -> bytes:
    from flowopt.network.files.json_file import json_bytes

    return json_bytes(network)


def _encode_folder(network: Network) -> Mapping[str, bytes]:
    from flowopt.network.files.csv_folder import folder_files

    return folder_files(network)


def _parse_foreign(path: Path) -> RawNetwork:
    from flowopt.network.foreign.read import parse_foreign

    return parse_foreign(path)


def _encode_graphml(network: Network) -> bytes:
    from flowopt.network.foreign.graphml import graphml_bytes

    return graphml_bytes(network)


def _encode_node_link(network: Network) -> bytes:
    from flowopt.network.foreign.node_link import node_link_bytes

    return node_link_bytes(network)


_BESIDE_THE_GRAPH = (
    "recipes, sites, measures, effects, resources, uses, rules, reforms, earnings, sources; the "
    "names of commodities; source, grade and note of commodities, supplies and demands; of the "
    "network's own facts period, description, license, mass_unit and currency"
)
# A folder has no suffix of its own: `read.py` knows one when it sees it.
FOLDER = Format("a folder", (), encode=_encode_folder)
FORMATS: tuple[Format, ...] = (
    Format("a workbook", (".xlsx",), parse=_parse_workbook, encode=_encode_workbook),
    Format("a workbook with macros", (".xlsm",), parse=_parse_workbook),
    Format("a JSON file", (".json",), parse=_parse_json, encode=_encode_json),
    Format(
        "a node-link file",
        (".nodelink.json",),
        parse=_parse_foreign,
        encode=_encode_node_link,
        lost=_BESIDE_THE_GRAPH,
    ),
    Format(
        "a GraphML file",
        (".graphml",),
        parse=_parse_foreign,
        encode=_encode_graphml,
        lost=_BESIDE_THE_GRAPH,
    ),
    Format("a DIMACS problem", (".max", ".min"), parse=_parse_foreign),
)


def format_of(path: Path, formats: Iterable[Format] = FORMATS) -> Format | None:
    """Return the format that a file's name ends in, or None.

    >>> format_of(Path("peru.XLSX")).name
    'a workbook'
    >>> format_of(Path("networks/peru-2014")) is None
    True
    """
    name = path.name.lower()
    ends = [(s, f) for f in formats for s in f.suffixes if name.endswith(s) and name != s]
    return max(ends, key=lambda end: len(end[0]), default=(".", None))[1]


def readable(formats: Iterable[Format] = FORMATS) -> str:
    """Return the kinds of file that can be read, for a sentence.

    >>> readable()
    'a folder of CSV tables with a network.toml, or a file that ends in .xlsx, .xlsm, \
.json, .nodelink.json, .graphml, .max or .min'
    """
    suffixes = _either([suffix for f in formats if f.parse for suffix in f.suffixes])
    return f"a folder of CSV tables with a network.toml, or a file that ends in {suffixes}"


def written_as(path: Path, formats: Iterable[Format] = FORMATS) -> Format:
    """Return the format in which a network is written to a place, told by its name.

    A place that is a folder already, or whose name has no suffix, becomes a folder.

    Raises
    ------
    RequestError
        When no format that can be written has this suffix.
    """
    formats = tuple(formats)
    if path.is_dir():
        return FOLDER
    found = format_of(path, formats)
    if found is not None and found.encode is not None:
        return found
    # Only letters: a folder may well be called peru-1.2
    if found is None and not path.suffix[1:].isalpha():
        return FOLDER
    suffixes = [suffix for f in formats if f.encode for suffix in f.suffixes]
    known = _either([*suffixes, "a name without one for a folder"])
    raise RequestError(f"{path}: nothing can be written as {path.suffix}; end it in {known}")


def _either(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]])
