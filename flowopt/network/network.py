"""The frozen network: its tables, with the ways in and out that callers see.

Frames and graphs load on first use: most networks come from files of tables.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowopt.network import schema
from flowopt.network.checks.validation import checked
from flowopt.network.periods import period_network
from flowopt.network.scenario import scenario_network, scenario_weights
from flowopt.network.tables import Tables

if TYPE_CHECKING:
    import networkx
    import pandas

    from flowopt.network.changes import Changes


@dataclass(frozen=True, slots=True, repr=False)
class Network(Tables):
    """A supply chain, the measures against it, and where the numbers come from.

    Rows keep the order of the files. A `Network` that `read_network`, `from_frames` or `replace`
    returned has passed every check of the format; one built by hand has not.

    Attributes
    ----------
    info : schema.Info
        The keys of `network.toml`.
    commodities, nodes, arcs, supplies, recipes, sites, demands, measures, effects, resources, \
uses, rules, reforms, earnings, scenarios, changes, ranges, periods, openings, trends, campaigns, \
sources : tuple of rows
        One tuple per table of the format, see `flowopt.network.schema`.
    warnings : tuple of str
        Oddities that the checks found, no errors; not part of the network's identity.
    """

    __setstate__ = Tables.__setstate__  # else the decorator gives the class one of its own

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
        rows: dict[str, Any] = {
            name: tuple(given) if name in schema.TABLES else given for name, given in tables.items()
        }
        rows.setdefault("info", self.info.of_itself() if rows else self.info)
        return checked(dataclasses.replace(self, warnings=(), **rows))

    def with_changes(self, changes: Changes) -> Network:
        """Return a copy with other values in some rows, checked like a file.

        Parameters
        ----------
        changes
            Values by column, by (table, key...): ``{("arcs", "a17"): {"cost": 2.5}}``, with the
            columns and units of the files, and None for a blank. The key of a row is what the
            column dictionary calls unique. Rows of a pool share one capacity, which is that of
            ``("pools", "ports")``. `Trafficker` takes the same for the numbers it can change.

        Raises
        ------
        RequestError
            With everything that is wrong with the changes: unknown tables, rows and columns, and
            values that no column holds.
        InputError
            When the new network breaks the format.

        Examples
        --------
        >>> import flowopt
        >>> tiny = flowopt.read_network("networks/tiny")
        >>> dry = tiny.with_changes({("supplies", "F_HILLS", "leaf"): {"capacity": 500.0}})
        >>> dry.supplies[0].capacity, tiny.supplies[0].capacity
        (500.0, 1000.0)
        """
        from flowopt.network.changes import changed

        return changed(self, changes)

    def scenario(self, scenario: str) -> Network:
        """Return the network as one of its scenarios has it, checked like a file.

        It has the numbers of that scenario and none of the tables of scenarios, and stands alone.

        Parameters
        ----------
        scenario
            Id of the scenario.

        Raises
        ------
        RequestError
            When the network has no such scenario.
        """
        return scenario_network(self, scenario)

    def period(self, period: str) -> Network:
        """Return one period of the network alone, as a network of one year, checked like a file.

        It has the numbers of that period, with its trends, nothing that opens, and the measures
        that can be in force in it, as if they were bought.

        Parameters
        ----------
        period
            Id of the period.

        Raises
        ------
        RequestError
            When the network has no such period.

        Examples
        --------
        >>> import flowopt
        >>> second = flowopt.read_network("networks/tiny-years").period("y2")
        >>> flowopt.solve(second, budget=2).measures
        ('m_boats',)
        """
        return period_network(self, period)

    def scenario_weights(self) -> dict[str, float]:
        """Return the share of each scenario in a mean, in file order; they add up to 1."""
        return scenario_weights(self)

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

        return network_from_frames(cls, frames, info)

    def to_frames(self) -> dict[str, pandas.DataFrame]:
        """Return one frame per table, all columns of the format, rows in file order."""
        from flowopt.network.frames import network_to_frames

        return network_to_frames(self)

    def to_networkx(self) -> networkx.MultiDiGraph[str]:
        """Return nodes and arcs (keyed by arc id) as a networkx graph with the rows' columns.

        Nodes also carry supplies and demands, as `supply.leaf` and `demand.hcl`, which
        `from_networkx` reads back.
        """
        from flowopt.network.foreign.networkx_graph import network_to_networkx

        return network_to_networkx(self)

    @classmethod
    def from_networkx(
        cls,
        graph: networkx.Graph[Any],
        info: Mapping[str, Any] | schema.Info | None = None,
        **options: Any,
    ) -> Network:
        """Return the network that a graph describes, checked like a file.

        Attributes of nodes and edges have the names of the columns, supplies and demands of nodes
        are `supply` and `demand`; `flowopt.network.foreign.networkx_graph` has the whole list. An
        undirected graph gets an arc for each direction.

        Parameters
        ----------
        graph
            Of any of the four classes of networkx.
        info
            The keys of `network.toml`; without, the graph's own `id` and `title`.
        **options
            Import options, as ``commodity="hcl", measures="every-arc"``; see
            `flowopt.network.foreign.plain_graph.ImportOptions`. Their `id` and `title` count before
            `info`.

        Raises
        ------
        InputError
            When the graph is no sound network; messages name its nodes and arcs.
        RequestError
            When an option is out of range or names what is not there.

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
        from flowopt.network.foreign.networkx_graph import network_from_networkx
        from flowopt.network.foreign.plain_graph import import_options

        return network_from_networkx(cls, graph, import_options(options), info)
