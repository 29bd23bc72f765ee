"""The network with all that may open, for warnings of what no flow can ever use."""

from __future__ import annotations

import dataclasses
from typing import Any

from flowopt.network.checks.draft import Draft
from flowopt.network.checks.targets import Targets
from flowopt.network.tables import TablesT
from flowopt.network.timeline import Timeline


def grown(network: TablesT) -> TablesT:
    """Return a checked network with the largest capacities that openings can bring.

    Demands keep their quantity but where it is 0: a larger one is asked for only where that pays.
    """
    if not network.openings:
        return network
    targets, timeline = Targets(Draft(network.tables())), Timeline(network.periods)
    tables: dict[str, list[Any]] = {}
    for opening in network.openings:
        most = max(timeline.most_open(opening))
        for table, index in targets.rows(opening):
            rows = tables.setdefault(table, list(getattr(network, table)))
            column = "quantity" if table == "demands" else "capacity"
            number = getattr(rows[index], column)
            if table != "demands" or number == 0:
                rows[index] = dataclasses.replace(rows[index], **{column: number + most})
    return dataclasses.replace(
        network,
        **{table: tuple(rows) for table, rows in tables.items()},  # type: ignore[arg-type]  # each its table
    )
