"""The frontier of an earlier comparison: the best plan of each budget, and its bound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flowopt.defaults import TIE_RULE
from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.report.comparison_reader import is_comparison, read_comparison
from flowopt.report.result_reader import Record, number

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
        if not is_comparison(folder):
            raise RequestError(f"{folder} holds no comparison; flowopt compare --out writes one")
        stored = read_comparison(folder, network)
        under = [option for name, option in _CONDITIONS.items() if stored.summary.get(name)]
        if stored.summary.get("options", {}).get("ties", TIE_RULE) != TIE_RULE:
            under.append("--ties")
        if under:
            raise RequestError(
                f"{folder} was made with {', '.join(under)}, which the plans of the page are free "
                "of: compare once more without"
            )
        self._folder, self._sha256 = folder, stored.network.sha256
        self._sweeps = {str(sweep.about["objective"]): sweep for sweep in stored.sweeps}

    def points(self, network: Network, objective: str) -> list[dict[str, Any]]:
        """Return the points for a network and an objective, budgets rising; none where none are."""
        sweep = self._sweeps.get(objective)
        if sweep is None or network.sha256 != self._sha256:
            return []
        return [_point(row) for row in sorted(sweep.rows, key=lambda r: number(r["budget"]))]

    def note(self, network: Network, objective: str) -> str:
        """Return where the points are from, or why there are none."""
        if self.points(network, objective):
            return f"The frontier is that of {self._folder}."
        other = network.sha256 != self._sha256
        about = "another scenario or period" if other else "other objectives"
        return f"The frontier in {self._folder} is about {about}, so it is not shown."


def _point(row: Record) -> dict[str, Any]:
    return {
        "spent": number(row["budget"]),
        "value": number(row["value"]),
        "bound": number(row["bound"]),
        "proved": row["status"] == "optimal",
        "measures": row["measures"].split(";") if row["measures"] else [],
    }
