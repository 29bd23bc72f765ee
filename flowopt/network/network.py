"""The frozen network: every table as a tuple of frozen rows, in file order."""

from __future__ import annotations

import dataclasses
import fnmatch
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from flowopt.network import schema

if TYPE_CHECKING:
    import networkx
    import pandas

# Tables that came into the format later: without rows they leave the hash as it was before.
_LATER = frozenset({"earnings"})
_encode = json.JSONEncoder(ensure_ascii=False).encode  # made once: a network has many rows
_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Network:
    """A supply chain, the measures against it, and where the numbers come from.

    Rows keep the order of the files. A `Network` that `read_network`, `from_frames` or `replace`
    returned has passed every check of the format; one built by hand has not.

    Attributes
    ----------
    info : schema.Info
        What `network.toml` says.
    commodities, nodes, arcs, supplies, recipes, sites, demands, measures, effects, resources, \
uses, rules, reforms, earnings, sources : tuple of rows
        One tuple per table of the format, see `flowopt.network.schema`.
    warnings : tuple of str
        What the checks found odd but not wrong; not part of the network's identity.
    """

    info: schema.Info
    commodities: tuple[schema.Commodity, ...] = ()
    nodes: tuple[schema.Node, ...] = ()
    arcs: tuple[schema.Arc, ...] = ()
    supplies: tuple[schema.Supply, ...] = ()
    recipes: tuple[schema.RecipeLine, ...] = ()
    sites: tuple[schema.Site, ...] = ()
    demands: tuple[schema.Demand, ...] = ()
    measures: tuple[schema.Measure, ...] = ()
    effects: tuple[schema.Effect, ...] = ()
    resources: tuple[schema.Resource, ...] = ()
    uses: tuple[schema.Use, ...] = ()
    rules: tuple[schema.Rule, ...] = ()
    reforms: tuple[schema.Reform, ...] = ()
    earnings: tuple[schema.Earning, ...] = ()
    sources: tuple[schema.Source, ...] = ()
    warnings: tuple[str, ...] = field(default=(), compare=False)

    _hashes: list[str] = field(default_factory=list, init=False, repr=False, compare=False)

    def tables(self) -> dict[str, tuple[Any, ...]]:
        """Return every table by name, in the order of the format."""
        return {name: getattr(self, name) for name in schema.TABLES}

    def replace(self, **tables: Any) -> Network:
        """Return a copy with some tables (or `info`) replaced, checked like a file.

        Parameters
        ----------
        **tables
            New rows by table name, as ``measures=[...]``; `info` takes a `schema.Info`.

        Raises
        ------
        InputError
            When the new network breaks the format.
        """
        from flowopt.network.checks.validation import checked

        rows: dict[str, Any] = {
            name: tuple(given) if name in schema.TABLES else given for name, given in tables.items()
        }
        return checked(dataclasses.replace(self, warnings=(), **rows))

    @classmethod
    def from_frames(
        cls, frames: Mapping[str, pandas.DataFrame], info: Mapping[str, Any] | schema.Info
    ) -> Network:
        """Return the network that a frame per table describes, checked like a file.

        Parameters
        ----------
        frames
            Frames by table name with the columns of the format; missing values are blanks.
        info
            The keys of `network.toml`, or another network's `info`.

        Raises
        ------
        InputError
            When the frames break the format; row numbers count as if the frame were a file.
        """
        from flowopt.network.frames import network_from_frames

        return network_from_frames(frames, info)

    def to_frames(self) -> dict[str, pandas.DataFrame]:
        """Return one frame per table, all columns of the format, rows in file order."""
        from flowopt.network.frames import network_to_frames

        return network_to_frames(self)

    def to_networkx(self) -> networkx.MultiDiGraph[str]:
        """Return nodes and arcs (keyed by arc id) as a networkx graph with the rows' columns.

        Nodes also say what they supply and take, as `supply.leaf` and `demand.hcl`; what
        `from_networkx` reads back.
        """
        from flowopt.network.frames import network_to_networkx

        return network_to_networkx(self)

    @classmethod
    def from_networkx(
        cls,
        graph: networkx.Graph[Any],
        info: Mapping[str, Any] | schema.Info | None = None,
        **choices: Any,
    ) -> Network:
        """Return the network that a graph describes, checked like a file.

        Nodes and edges say what they are by attributes with the names of the columns, and nodes
        what they supply and take by `supply` and `demand`;
        `flowopt.network.foreign.networkx_graph` has the whole list. An undirected graph gets an arc
        for each way.

        Parameters
        ----------
        graph
            Of any of the four classes of networkx.
        info
            The keys of `network.toml`; without, the graph's own `id` and `title`.
        **choices
            What the graph leaves open, as ``commodity="hcl", measures="every-arc"``; see
            `flowopt.network.foreign.plain_graph.Choices`. Its `id` and `title` count before `info`.

        Raises
        ------
        InputError
            When the graph is no sound network; messages name its nodes and arcs.
        RequestError
            When a choice is out of range or names what is not there.

        Examples
        --------
        >>> import networkx as nx
        >>> from flowopt.network.network import Network
        >>> graph = nx.DiGraph()
        >>> graph.add_edge("mine", "port", capacity=7.0)
        >>> network = Network.from_networkx(
        ...     graph, sources=["mine"], sinks=["port"], measures="every-arc"
        ... )
        >>> network.demands[0].quantity, network.measures[0].name
        (7.0, 'Close mine - port')
        """
        from flowopt.network.foreign.plain_graph import chosen
        from flowopt.network.frames import network_from_networkx

        return network_from_networkx(graph, chosen(choices), info)

    @property
    def sha256(self) -> str:
        """Hash of everything the tables say, whatever file format said it."""
        if not self._hashes:
            self._hashes.append(self._hash_of_tables())  # once: it takes a while
        return self._hashes[0]

    def _hash_of_tables(self) -> str:
        digest = hashlib.sha256()
        content = {"network": [self.info], **self.tables()}
        for name, rows in content.items():
            if not rows and name in _LATER:
                continue
            digest.update(f"{name}\n".encode())
            names = [f.name for f in dataclasses.fields(rows[0])] if rows else []
            cells = attrgetter(*names, "__class__")  # never a single one: always a tuple
            for row in rows:
                digest.update(f"{_encode(cells(row)[:-1])}\n".encode())
        return digest.hexdigest()

    @property
    def market_commodities(self) -> frozenset[str]:
        """The commodities that some market buys, which count when tonnes of the trade are added."""
        return frozenset(demand.commodity for demand in self.demands)

    @property
    def pools(self) -> dict[str, tuple[schema.Site | schema.Demand, ...]]:
        """The rows of each pool, in file order; pool ids are one namespace."""
        found: dict[str, list[schema.Site | schema.Demand]] = {}
        rows: tuple[schema.Site | schema.Demand, ...] = (*self.sites, *self.demands)
        for row in rows:
            if row.pool:
                found.setdefault(row.pool, []).append(row)
        return {pool: tuple(rows) for pool, rows in found.items()}


def matches(target: str, ids: Mapping[str, Any] | Iterable[str]) -> list[str]:
    """Return the ids that `target` names: itself, or all that it matches as a glob.

    An id that is written out wins over its reading as a glob.

    >>> matches("A_*", ["A_1", "B_1", "A_2"])
    ['A_1', 'A_2']
    """
    known = ids if isinstance(ids, Mapping) else dict.fromkeys(ids)
    if target in known:
        return [target]
    if not _GLOB.search(target):
        return []
    pattern = re.compile(fnmatch.translate(target))
    return [name for name in known if pattern.match(name)]
