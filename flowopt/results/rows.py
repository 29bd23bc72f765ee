"""The rows of the tables in results: each class is a table, its fields the columns.

They are those of the CSV file of the same name, in order. Units are those of `results`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import partial
from itertools import islice
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args

from flowopt.overview import Overview, Overviewed, amount
from flowopt.results.column_units import (
    Money,
    Objective,
    PerMillion,
    PricePerTonne,
    Share,
    Tonnes,
    units,
)
from flowopt.results.displacement_rows import (  # noqa: F401  # pickles name them here
    Displacement,
    FlowChange,
    MarketChange,
    OrganisationChange,
)

if TYPE_CHECKING:
    import pandas
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

RowT = TypeVar("RowT")
_BUDGET = "M USD/yr"
_AT_PROMPT, _IN_NOTEBOOK = 3, 10  # rows that an overview shows


class Rows(Overviewed, tuple[RowT, ...], Generic[RowT]):
    """A table: a tuple of rows of one class that knows its columns even when empty.

    `about` are columns with one value in all rows, before those of the rows: what result a table
    belongs to, so that tables of several results stack. They take no part in comparisons.
    """

    row: type[RowT]
    about: Mapping[str, str | float | None]

    def __new__(
        cls,
        row: type[RowT],
        rows: Iterable[RowT] = (),
        about: Mapping[str, str | float | None] = MappingProxyType({}),
    ) -> Rows[RowT]:
        """Make a table of the given row class."""
        table = super().__new__(cls, rows)
        table.row, table.about = row, MappingProxyType(dict(about))
        return table

    def __reduce__(self) -> tuple[Any, ...]:
        return (Rows, (self.row, tuple(self), dict(self.about)))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core.core_schema import no_info_after_validator_function

        row: Any = get_args(source)[0]
        rows = handler.generate_schema(tuple[row, ...])
        return no_info_after_validator_function(partial(cls, row), rows)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns, in order."""
        return (*self.about, *self._own)

    @property
    def units(self) -> dict[str, str]:
        """The unit of each column of numbers, by column."""
        return {**({"budget": _BUDGET} if "budget" in self.about else {}), **units(self.row)}

    @property
    def _own(self) -> tuple[str, ...]:
        return tuple(f.name for f in fields(self.row))  # type: ignore[arg-type]  # a dataclass

    def _overview(self) -> Overview:
        rows = [tuple(map(amount, record)) for record in islice(self.records(), _IN_NOTEBOOK)]
        more = f", the first {_IN_NOTEBOOK} of them" if len(self) > _IN_NOTEBOOK else ""
        own = len(self.about)
        shown = tuple((str(i), ", ".join(row[own:])) for i, row in enumerate(rows[:_AT_PROMPT]))
        return Overview(
            f"{len(self):,} rows of {self.row.__name__}",
            (("", ", ".join(self._own)), *shown, ("", "..." if len(self) > _AT_PROMPT else "")),
            tuple(self._titles()),
            tuple(rows),
            more,
        )

    def _titles(self) -> Iterator[str]:
        """Yield the columns with their units."""
        units_of = self.units
        for name in self.columns:
            yield f"{name} ({units_of[name]})" if name in units_of else name

    def of(self, about: Mapping[str, str | float | None]) -> Rows[RowT]:
        """Return the same rows with columns that name their result."""
        return Rows(self.row, self, about)

    def records(self) -> Iterator[tuple[Any, ...]]:
        """Yield the values of each row in the order of the columns."""
        first = tuple(self.about.values())
        cells = attrgetter(*self._own, "__class__")  # never a single one: always a tuple
        for row in self:
            yield (*first, *cells(row)[:-1])

    def to_frame(self) -> pandas.DataFrame:
        """Return the table as a pandas frame, one row each, columns as in the CSV file.

        A column of numbers that nobody gave is NaN, so that tables stack.
        """
        import pandas

        frame = pandas.DataFrame(list(self.records()), columns=list(self.columns))
        blank = [name for name in frame if len(frame) and frame[name].isna().all()]
        return frame.astype(dict.fromkeys(blank, "float64"))


def named(result: Any, about: Mapping[str, str | float | None]) -> None:
    """Give the tables in the fields of a frozen result the columns that name it."""
    for each in fields(result):
        table = getattr(result, each.name)
        if isinstance(table, Rows):
            object.__setattr__(result, each.name, table.of(about))


@dataclass(frozen=True, slots=True)
class Flow:
    """One commodity on one arc under a plan.

    Attributes
    ----------
    arc, tail, head, mode : str
        The arc, the nodes it joins, and its mode, blank if it has none.
    commodity : str
        What is shipped.
    flow : float
        What enters the arc, t/yr.
    capacity : float or None
        What the plan leaves of the arc's capacity, all commodities together, t/yr; None if
        unlimited.
    shadow_price : float or None
        What a tonne more of that capacity is worth to the trafficker: weighted tonnes for `flow`,
        M USD for the others; None if unlimited.
    """

    arc: str
    tail: str
    head: str
    mode: str
    commodity: str
    flow: Tonnes
    capacity: Tonnes | None
    shadow_price: PricePerTonne | None


@dataclass(frozen=True, slots=True)
class SiteRun:
    """Activity of one site under a plan.

    Attributes
    ----------
    site, node, recipe : str
        The site, where it is, and what it makes.
    activity : float
        Runs of the recipe, t/yr of what the recipe counts by.
    capacity : float or None
        What the plan leaves of its capacity, or of its pool's if it has one, t/yr; None if
        unlimited.
    shadow_price : float or None
        What a tonne more of it is worth to the trafficker, as for `Flow`.
    """

    site: str
    node: str
    recipe: str
    activity: Tonnes
    capacity: Tonnes | None
    shadow_price: PricePerTonne | None


@dataclass(frozen=True, slots=True)
class SupplyUse:
    """Supply of one commodity at one node under a plan.

    Attributes
    ----------
    node, commodity : str
        Where, and what.
    supplied : float
        What is taken, t/yr.
    capacity : float or None
        What the plan leaves of the supply, t/yr; None if unlimited.
    shadow_price : float or None
        What a tonne more of it is worth to the trafficker, as for `Flow`.
    """

    node: str
    commodity: str
    supplied: Tonnes
    capacity: Tonnes | None
    shadow_price: PricePerTonne | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Delivery of one commodity to one market under a plan.

    Attributes
    ----------
    node, name, continent, commodity : str
        The market, its name and continent (blank if it has none), and what it buys.
    delivered : float
        What arrives, t/yr.
    quantity : float or None
        The most that it buys under the plan, or its pool does if it has one, t/yr.
    shadow_price : float or None
        What a tonne more of that is worth to the trafficker, as for `Flow`.
    """

    node: str
    name: str
    continent: str
    commodity: str
    delivered: Tonnes
    quantity: Tonnes | None
    shadow_price: PricePerTonne | None


@dataclass(frozen=True, slots=True)
class Earned:
    """Earnings of one organisation under a plan; see `earnings.csv`.

    Attributes
    ----------
    organisation : str
        Who.
    earned : float
        Gross receipts, M USD/yr.
    """

    organisation: str
    earned: Money


@dataclass(frozen=True, slots=True)
class Binding:
    """A capacity that holds the trafficker back.

    Attributes
    ----------
    rank : int
        1 for the one that is worth most to it.
    on, id : str
        The kind of thing, as effects name it, and its id.
    commodity : str
        For supplies and demands, else blank.
    capacity : float
        What the plan leaves of it, t/yr.
    shadow_price : float
        What a tonne more of it is worth to the trafficker at most: weighted tonnes for `flow`,
        M USD for the others.
    """

    rank: int
    on: str
    id: str
    commodity: str
    capacity: Tonnes
    shadow_price: PricePerTonne


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One measure of a plan.

    Attributes
    ----------
    rank : int
        1 for the one that would be missed most.
    measure, name, kind : str
        Its id, name, and kind, blank if it has none.
    cost : float
        M USD/yr.
    lost_if_dropped : float or None
        What the objective regains without it and those that require it, in the objective's unit;
        None where there was no time to look.
    """

    rank: int
    measure: str
    name: str
    kind: str
    cost: Money
    lost_if_dropped: Objective | None


@dataclass(frozen=True, slots=True)
class NextMeasure:
    """One measure that the plan left out, and what it would add on top of it.

    Attributes
    ----------
    rank : int
        1 for the one that would add most.
    measure, name, kind : str
        Its id, name, and kind, blank if it has none.
    added_cost : float
        M USD/yr, together with the measures that it requires and the plan lacks.
    adds : float
        How much further the objective falls with it, in its unit.
    per_million : float or None
        The same per M USD; None where it costs nothing.
    """

    rank: int
    measure: str
    name: str
    kind: str
    added_cost: Money
    adds: Objective
    per_million: PerMillion | None


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of the best plans.

    Attributes
    ----------
    rank : int
        1 for the best.
    value, rank_bound : float
        The objective under it, and what no plan that is still allowed at this rank can go below.
    rank_gap : float
        ``(value - rank_bound) / max(1e-9, |value|)``.
    status : str
        ``optimal`` or ``limit``, as for a `Solution`.
    spent : float
        M USD/yr.
    measures : str
        Ids of its measures in file order, joined by ``;``.
    """

    rank: int
    value: Objective
    rank_bound: Objective
    rank_gap: Share
    status: str
    spent: Money
    measures: str
