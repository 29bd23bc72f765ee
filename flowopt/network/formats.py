"""Register of the kinds of file and folder that a network can stand in.

A new kind is a file in `files/`, or in `foreign/` if it holds a graph alone, and a row in
`FORMATS`. Reading, writing, refusals and the help of `flowopt convert` follow from the row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowopt.errors import RequestError

if TYPE_CHECKING:
    from flowopt.network.foreign.plain_graph import PlainGraph
    from flowopt.network.network import Network
    from flowopt.network.raw_tables import RawNetwork


@dataclass(frozen=True, slots=True)
class Format:
    """Kind of file or folder.

    Functions are named as ``module:function`` and load when they are called, so that the register
    costs nothing; "" where there is none.

    Attributes
    ----------
    name : str
        For sentences, as ``a workbook``.
    suffixes : tuple of str
        Ends of such files' names, in lower case, the usual one first; none for a folder.
    parse : str
        From a path to raw tables, nothing judged.
    parse_graph : str
        From a path to a plain graph, for kinds that leave open what `ImportOptions` fill in.
    encode : str
        From a network to what the file holds, or to the files of a folder by name.
    sniff : str
        From a path to True where the content is of this kind, which the name does not show.
    shared : tuple of str
        Ends of names that are another kind's too; only `sniff` tells the two apart.
    lost : str
        Content that writing leaves out, for people; "" if what is written reads back equal.
    help : str
        For the help of `flowopt convert`; `name` where it is blank.
    """

    name: str
    suffixes: tuple[str, ...]
    parse: str = ""
    parse_graph: str = ""
    encode: str = ""
    sniff: str = ""
    shared: tuple[str, ...] = ()
    lost: str = ""
    help: str = ""

    @property
    def is_read(self) -> bool:
        """True where `read_network` takes it."""
        return bool(self.parse or self.parse_graph)

    def raw_network(self, path: Path) -> RawNetwork:
        """Return the raw tables of a path."""
        raw: RawNetwork = _function(self.parse)(path)
        return raw

    def plain_graph(self, path: Path) -> PlainGraph:
        """Return the plain graph of a path."""
        graph: PlainGraph = _function(self.parse_graph)(path)
        return graph

    def content(self, network: Network) -> bytes | Mapping[str, bytes]:
        """Return what a file holds, or each file of a folder by name."""
        content: bytes | Mapping[str, bytes] = _function(self.encode)(network)
        return content

    def recognises(self, path: Path) -> bool:
        """Return True unless the content shows that a path is of another kind."""
        return not self.sniff or bool(_function(self.sniff)(path))


def _function(text: str) -> Any:
    """Return the function of a ``module:function`` text."""
    module, _, name = text.partition(":")
    return getattr(import_module(module), name)


_BESIDE_THE_GRAPH = (
    "recipes, sites, measures, effects, resources, uses, rules, reforms, earnings, scenarios, "
    "changes, ranges, periods, openings, trends, campaigns, sources; the names of commodities; "
    "source, grade and note of commodities, supplies and demands; of the network's own facts "
    "period, description, license, mass_unit, currency, scenario and discount"
)
FOLDER = Format(
    "a folder",
    (),
    parse="flowopt.network.files.csv_folder:parse_folder",
    encode="flowopt.network.files.csv_folder:folder_files",
    help="a folder of CSV tables with a data package descriptor",
)
FORMATS: tuple[Format, ...] = (
    Format(
        "a workbook",
        (".xlsx",),
        parse="flowopt.network.files.workbook:parse_workbook",
        encode="flowopt.network.files.workbook_write:workbook_bytes",
        help="a workbook with a sheet per table (needs the extra `excel`)",
    ),
    Format(
        "a workbook with macros",
        (".xlsm",),
        parse="flowopt.network.files.workbook:parse_workbook",
    ),
    Format(
        "a JSON file",
        (".json",),
        parse="flowopt.network.files.json_file:parse_json",
        encode="flowopt.network.files.json_file:json_bytes",
    ),
    Format(
        "a node-link file",
        (".nodelink.json",),
        parse_graph="flowopt.network.foreign.node_link:read_node_link",
        encode="flowopt.network.foreign.node_link:node_link_bytes",
        sniff="flowopt.network.foreign.node_link:sniff_node_link",
        shared=(".json",),
        lost=_BESIDE_THE_GRAPH,
        help="a node-link graph",
    ),
    Format(
        "a GraphML file",
        (".graphml",),
        parse_graph="flowopt.network.foreign.graphml:read_graphml",
        encode="flowopt.network.foreign.graphml:graphml_bytes",
        lost=_BESIDE_THE_GRAPH,
        help="a GraphML graph",
    ),
    Format(
        "a DIMACS problem",
        (".max", ".min"),
        parse_graph="flowopt.network.foreign.dimacs:read_dimacs",
    ),
    Format(
        "a GMNS network",
        (),
        parse_graph="flowopt.network.foreign.gmns:read_gmns",
        sniff="flowopt.network.foreign.gmns:is_gmns",
        help="a GMNS folder (node.csv and link.csv)",
    ),
)


def format_of(path: Path) -> Format | None:
    """Return the format that a file's name ends in, or None.

    >>> format_of(Path("peru.XLSX")).name
    'a workbook'
    >>> format_of(Path("networks/peru-2014")) is None
    True
    """
    return _by_end(path, _ends(FORMATS))


def _ends(formats: Iterable[Format]) -> list[tuple[str, Format]]:
    return [(suffix, each) for each in formats for suffix in each.suffixes]


def _by_end(path: Path, ends: Iterable[tuple[str, Format]]) -> Format | None:
    """Return the format of the longest end that a name has, or None."""
    name = path.name.lower()
    found = [(s, each) for s, each in ends if name.endswith(s) and name != s]
    return max(found, key=lambda end: len(end[0]), default=(".", None))[1]


def foreign_format(path: Path) -> Format | None:
    """Return the format of a graph that a path would have by its name, or None.

    A folder has none that shows, so it is looked into.

    >>> foreign_format(Path("net.json")).name
    'a node-link file'
    """
    graphs = [each for each in FORMATS if each.parse_graph]
    if path.is_dir():
        folders = (each for each in graphs if not each.suffixes)
        return next((each for each in folders if each.recognises(path)), None)
    return _by_end(path, [(s, each) for each in graphs for s in (*each.suffixes, *each.shared)])


def is_foreign(path: Path) -> bool:
    """Return True for a network of another program; an end that two kinds share is looked into."""
    found = foreign_format(path)
    return found is not None and found.recognises(path)


def readable() -> str:
    """Return the kinds of file that can be read, for a sentence.

    >>> readable()
    'a folder of CSV tables with a network.toml, or a file that ends in .xlsx, .xlsm, \
.json, .nodelink.json, .graphml, .max or .min'
    """
    suffixes = _either([suffix for f in FORMATS if f.is_read for suffix in f.suffixes])
    return f"a folder of CSV tables with a network.toml, or a file that ends in {suffixes}"


def foreign_kinds() -> str:
    """Return the kinds of other programs' networks, for a sentence.

    >>> foreign_kinds()
    'a node-link graph (.nodelink.json, .json), a GraphML graph (.graphml), a DIMACS problem \
(.max, .min) or a GMNS folder (node.csv and link.csv)'
    """
    kinds = []
    for each in FORMATS:
        if each.parse_graph:
            ends = ", ".join([*each.suffixes, *each.shared])
            kinds.append(f"{each.help or each.name} ({ends})" if ends else each.help or each.name)
    return _either(kinds)


def written_kinds() -> str:
    """Return the kinds that can be written, each by the end of its name, for a sentence.

    >>> written_kinds()
    '.xlsx is a workbook with a sheet per table (needs the extra `excel`), .json a JSON file, \
.nodelink.json a node-link graph, .graphml a GraphML graph, and a name without a suffix a folder \
of CSV tables with a data package descriptor'
    """
    kinds = [f"{each.suffixes[0]} {each.help or each.name}" for each in FORMATS if each.encode]
    text = ", ".join([*kinds, f"and a name without a suffix {FOLDER.help}"])
    return text.replace(" ", " is ", 1)


def written_as(path: Path, also: Iterable[Format] = ()) -> Format:
    """Return the format in which a network is written to a place, shown by its name.

    A place that is a folder already, or whose name has no suffix, becomes a folder.

    Parameters
    ----------
    path
        The place.
    also
        Formats beside those of the register.

    Raises
    ------
    RequestError
        When no format that can be written has this suffix.
    """
    formats = (*FORMATS, *also)
    if path.is_dir():
        return FOLDER
    found = _by_end(path, _ends(formats))
    if found is not None and found.encode:
        return found
    # Only letters: a folder may well be called peru-1.2
    if found is None and not path.suffix[1:].isalpha():
        return FOLDER
    suffixes = [suffix for f in formats if f.encode for suffix in f.suffixes]
    known = _either([*suffixes, "a name without one for a folder"])
    raise RequestError(f"{path}: nothing can be written as {path.suffix}; end it in {known}")


def _either(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]])
