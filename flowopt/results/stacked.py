"""Tables of several scenarios, or periods, on top of each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowopt.results.rows import Rows

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True)
class StackedTable:
    """A table with a column that names the scenario, or the period.

    Attributes
    ----------
    columns : tuple of str
        The columns, `scenario` first, or `period` after those that name the result.
    rows : tuple of tuples
        Values by column.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def records(self) -> Iterator[tuple[Any, ...]]:
        """Yield the values of each row in the order of the columns."""
        yield from self.rows

    def to_frame(self) -> pandas.DataFrame:
        """Return the table as a pandas frame."""
        import pandas

        return pandas.DataFrame(list(self.rows), columns=list(self.columns))


def stacked(tables: Mapping[str, Rows[Any]]) -> StackedTable:
    """Return tables of one kind, by scenario, on top of each other; empty for none."""
    columns = next((table.columns for table in tables.values()), ())
    return StackedTable(
        ("scenario", *columns),
        tuple(
            (scenario, *record) for scenario, table in tables.items() for record in table.records()
        ),
    )


def stacked_periods(
    tables: Mapping[str, Rows[Any]], about: Mapping[str, Any], **names: str
) -> StackedTable:
    """Return tables of one kind, by period, on top of each other.

    Parameters
    ----------
    tables
        By period; what they say of their result is left out.
    about
        Columns that say what result they belong to; they come first.
    names
        Further columns before the period, the same in every row.
    """
    plain = {period: table.of({}) for period, table in tables.items()}
    columns = next((table.columns for table in plain.values()), ())
    first = (*about.values(), *names.values())
    return StackedTable(
        (*about, *names, "period", *columns),
        tuple(
            (*first, period, *record)
            for period, table in plain.items()
            for record in table.records()
        ),
    )


def on_top(tables: Iterable[Rows[Any] | StackedTable]) -> StackedTable:
    """Return tables of the same columns on top of each other; without any it has no columns."""
    found = list(tables)
    columns = found[0].columns if found else ()
    return StackedTable(columns, tuple(record for each in found for record in each.records()))
