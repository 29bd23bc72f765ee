"""The frontier of an earlier comparison: the best plan of each budget, and its bound."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowopt.defaults import TIE_RULE
from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.report.comparison_reader import is_comparison, read_comparison
from flowopt.report.result_reader import Record, number
from flowopt.report.stored_luck_plans import is_of_luck_plans, read_luck_plans
from flowopt.report.stored_several import folder_about
from flowopt.results.luck_plans import LuckPlan

_CONDITIONS = {"of": "--of", "resources": "--resource", "include": "--include",
               "exclude": "--exclude"}  # fmt: skip  # that a live page has none of


class KnownFrontier:
    """Frontier that `flowopt compare` wrote into a folder.

    Parameters
    ----------
    folder
        The folder.
    network
        The network that the page is about, as its files have it.

    Raises
    ------
    RequestError
        When the folder holds no comparison of this network, or one under conditions that the
        plans of a page are not under.
    """

    def __init__(self, folder: Path, network: Network) -> None:
        folder = folder_about(folder, network)
        if is_comparison(folder):
            stored = read_comparison(folder, network)
            _refuse_conditions(folder, stored.summary, stored.summary)
            sweeps = {str(each.about["objective"]): each.rows for each in stored.sweeps}
            self._points = {
                name: [_point(row) for row in sorted(rows, key=lambda r: number(r["budget"]))]
                for name, rows in sweeps.items()
            }
        elif is_of_luck_plans(folder):
            means = read_luck_plans(folder, network)
            if not means.by_budget:
                raise RequestError(f"{folder} compares criteria, not budgets")
            options = means.summary["options"]
            _refuse_conditions(folder, means.summary, {**options, "resources": options["resource"]})
            self._points = {means.summary["objective"]: [_lucky_point(row) for row in means.rows]}
        else:
            raise RequestError(f"{folder} holds no comparison; flowopt compare --out writes one")
        self._folder, self._sha256 = folder, network.sha256

    def points(self, network: Network, objective: str) -> list[dict[str, Any]]:
        """Return the points for a network and an objective, budgets rising; none where none are."""
        return self._points.get(objective, []) if network.sha256 == self._sha256 else []

    def note(self, network: Network, objective: str) -> str:
        """Return where the points are from, or why there are none."""
        if self.points(network, objective):
            return f"The frontier is that of {self._folder}."
        other = network.sha256 != self._sha256
        about = "another scenario or period" if other else "other objectives"
        return f"The frontier in {self._folder} is about {about}, so it is not shown."


def _refuse_conditions(
    folder: Path, summary: Mapping[str, Any], conditions: Mapping[str, Any]
) -> None:
    """Refuse a comparison that was made under conditions."""
    under = [option for name, option in _CONDITIONS.items() if conditions.get(name)]
    if summary.get("options", {}).get("ties", TIE_RULE) != TIE_RULE:
        under.append("--ties")
    if summary.get("criterion") is not None:
        under.append("--criterion")
    if under:
        raise RequestError(
            f"{folder} was made with {', '.join(under)}, which the plans of the page are free "
            "of: compare once more without"
        )


def _lucky_point(row: LuckPlan) -> dict[str, Any]:
    return {
        "spent": row.budget,
        "value": row.value,
        "bound": row.bound,
        "proved": row.status == "optimal",
        "measures": row.measures.split(";") if row.measures else [],
    }


def _point(row: Record) -> dict[str, Any]:
    return {
        "spent": number(row["budget"]),
        "value": number(row["value"]),
        "bound": number(row["bound"]),
        "proved": row["status"] == "optimal",
        "measures": row["measures"].split(";") if row["measures"] else [],
    }
