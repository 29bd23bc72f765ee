"""Reader of the folder of a stress, for its pictures and its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.report.result_reader import read_rows, read_summary, typed_row
from flowopt.report.stored_parts import own_summary
from flowopt.report.units import Units
from flowopt.result_names import EACH
from flowopt.results.rows import Rows
from flowopt.results.stress import (
    BASELINE,
    BEST,
    DrawTable,
    Driver,
    GroupFactor,
    Stress,
    StressedPlan,
)

# From the summary to the result.
_DROPPED = ("flowopt", "format", "status", "draws", "plans", "resolved")


@dataclass(frozen=True, slots=True)
class StoredStress:
    """Stored stress, read from its folder.

    Attributes
    ----------
    network : Network
        The network that it is about.
    units : Units
        Labels.
    result : Stress
        The stress, without its factors.
    cuts : dict
        Quantiles of the cut of each plan, 5, 25, 50, 75 and 95 of 100.
    """

    network: Network
    units: Units
    result: Stress
    cuts: dict[str, tuple[float, float, float, float, float]]

    def plan(self, name: str | None = None) -> StressedPlan:
        """Return the row of a plan, that of the plan that is stressed if none is named."""
        rows = self.result.plans
        return rows[0] if name is None else next(row for row in rows if row.plan == name)


def is_stress(folder: Path) -> bool:
    """Return whether a folder holds a stress."""
    return {"draws", "seed", "common"} <= set(read_summary(folder))


def read_stress(folder: Path, network: Network) -> StoredStress:
    """Read a stress from its folder.

    Raises
    ------
    RequestError
        When a file of it can't be read, or it is about other data than the network.
    """
    summary = own_summary(folder, network)
    tables = {
        row: read_rows(folder / f"{file}.csv", row)
        for file, row in (("plans", StressedPlan), ("drivers", Driver), ("draws", _Draw))
    }
    try:
        stated = {name: value for name, value in summary.items() if name not in _DROPPED}
        stated["seconds"] = summary["seconds"]["total"]
        names = tuple(summary["plans"])
        draws, columns = tables[_Draw], (BASELINE, *(f"value{EACH}{name}" for name in names))
        values = tuple(tuple(float(row[n]) for n in columns) for row in draws)
        own = tuple(
            (float(row["own_best"]), float(row["own_bound"]) if row["own_bound"] else None)
            for row in draws[: summary["resolved"]]
        )
        result = Stress(
            **stated,
            measures={name: tuple(ids) for name, ids in summary["plans"].items()},
            plans=Rows(
                StressedPlan, (typed_row(StressedPlan, row) for row in tables[StressedPlan])
            ),
            drivers=Rows(Driver, (typed_row(Driver, row) for row in tables[Driver])),
            draws=DrawTable(names, values, tuple(row[BEST] for row in draws), own),
            factors=Rows(GroupFactor),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RequestError(f"{folder} can't be read: {error!r}; make the stress again") from error
    return StoredStress(network, Units(network, result.objective), result, _cuts(names, values))


def _cuts(
    names: Sequence[str], values: Sequence[Sequence[float]]
) -> dict[str, tuple[float, float, float, float, float]]:
    """Return the quantiles of the cut of each plan over the draws."""
    import numpy as np

    found = {}
    for i, name in enumerate(names, start=1):
        cut = [row[0] - row[i] for row in values]
        low, lower, middle, upper, high = map(float, np.percentile(cut, (5, 25, 50, 75, 95)))
        found[name] = (low, lower, middle, upper, high)
    return found


@dataclass(frozen=True, slots=True)
class _Draw:
    """The columns that every `draws.csv` has."""

    draw: int
    baseline: float
    best_plans: str
