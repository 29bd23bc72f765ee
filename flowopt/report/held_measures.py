"""Section on which measure is in which of several plans."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from flowopt.network.network import Network
from flowopt.report.luck_text import of_hundred
from flowopt.report.page_parts import (
    Column,
    Row,
    Section,
    Table,
    name_cell,
    number_cell,
    text_cell,
)

_TITLE = "Which measure is in which plan"


def held_section(
    network: Network, held: Mapping[str, Collection[str]], *, chances: bool = False
) -> Section:
    """Return the section, measures of the most plans first.

    Parameters
    ----------
    network
        The network.
    held
        The measures of each plan, by its label.
    chances
        Whether to show how often each measure works.
    """
    some = [row for row in network.measures if any(row.measure in each for each in held.values())]
    some.sort(key=lambda row: -sum(row.measure in each for each in held.values()))
    columns = (
        Column("measure"),
        Column("cost", number=True),
        *([Column("works in 100", number=True)] if chances else []),
        *(Column(label) for label in held),
    )
    cells = (
        (
            name_cell(row.name, row.measure),
            number_cell(row.cost),
            *([number_cell(100.0 * row.success, of_hundred(row.success))] if chances else []),
            *(text_cell("yes" if row.measure in each else "") for each in held.values()),
        )
        for row in some
    )
    table = Table("held", _TITLE, columns, tuple(map(Row, cells)))
    return Section("measures", _TITLE, "table.html", {"table": table})
