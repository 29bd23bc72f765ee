"""Networks whose measures may fail, and the same networks where all works that can work."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import TypeVar

from flowopt.errors import RequestError
from flowopt.network import schema
from flowopt.network.tables import Tables, TablesT

_RowT = TypeVar("_RowT", schema.Measure, schema.Effect)


def may_fail(network: Tables) -> bool:
    """Return whether a measure, or an effect of one, does not always work."""
    rows: tuple[schema.Measure | schema.Effect, ...] = (*network.measures, *network.effects)
    return any(row.success < 1.0 for row in rows)


def may_fail_somewhere(network: Tables) -> bool:
    """Return whether that is so in the network as it stands, or in a scenario."""
    return may_fail(network) or any(row.column == "success" for row in network.changes)


def insist_on_certain(network: Tables) -> None:
    """Refuse a network whose measures may fail, of which no chance would count.

    Raises
    ------
    RequestError
        When a measure or an effect does not always work.
    """
    tables: tuple[tuple[str, tuple[schema.Measure | schema.Effect, ...]], ...] = (
        ("measures", network.measures),
        ("effects", network.effects),
    )
    for table, rows in tables:
        for number, row in enumerate(rows, start=1):
            if row.success < 1.0:
                raise RequestError(
                    f"the measures of this network may fail ({table}, row {number}: "
                    f"{row.measure!r} has a success of {row.success:g}), and this is asked as if "
                    "all of them worked: solve, compare, evaluate, stress, serve and Trafficker "
                    "take account of it; leave success blank in a copy of the network to ask of "
                    "measures that always work"
                )


def as_if_sure(network: TablesT, without: Collection[int] = ()) -> TablesT:
    """Return the network in which all works that can work, unchecked and without scenarios.

    What never works is left out of it: rows of `effects` and `reforms`, but no measure. The network
    itself where all works.

    Parameters
    ----------
    network
        A checked network.
    without
        Rows of `effects` that are left out, too, by their place.
    """
    if not without and not may_fail(network):
        return network
    never = {row.measure for row in network.measures if row.success <= 0.0}
    return dataclasses.replace(
        network,
        measures=tuple(_sure(row) for row in network.measures),
        effects=tuple(
            _sure(row)
            for place, row in enumerate(network.effects)
            if place not in without and row.success > 0.0 and row.measure not in never
        ),
        reforms=tuple(row for row in network.reforms if row.measure not in never),
        scenarios=(),
        changes=(),
    )


def _sure(row: _RowT) -> _RowT:
    return dataclasses.replace(row, success=1.0) if row.success < 1.0 else row
