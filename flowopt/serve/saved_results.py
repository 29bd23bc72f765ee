"""Results of plans tried by hand: as folders that `verify` accepts, and as pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.objectives import Objective
from flowopt.planning.evaluate import evaluate
from flowopt.report.page_files import write_page
from flowopt.report.result_writer import write_result
from flowopt.results.evaluation import Evaluation
from flowopt.results.luck_solution import LuckSolution

_LIMIT = 60.0  # seconds
_MOST = 10_000  # folders


def evaluated(
    network: Network, measures: Sequence[str], objective: Objective, budget: float | None
) -> Evaluation | LuckSolution:
    """Return the result of a plan, as `flowopt evaluate --alone` gives it."""
    return evaluate(
        network, measures, objective=objective, budget=budget, alone=True, time_limit=_LIMIT
    )


def save(result: Evaluation | LuckSolution, network: Network, out: Path) -> Path:
    """Write a result into a folder of its own below `out`, and return that folder.

    The server chooses its name: nothing that a browser says is part of a path.

    Raises
    ------
    RequestError
        When the folder can't be written.
    """
    for number in range(1, _MOST + 1):
        folder = out / f"plan-{number:03d}"
        if not folder.exists():
            write_result(result, [network], folder)
            return folder
    raise RequestError(f"{out} holds {_MOST} plans already; start with another --out")


def page_of_result(result: Evaluation | LuckSolution, network: Network) -> str:
    """Return the page of a result as text.

    Raises
    ------
    RequestError
        When the extra `report` is not installed.
    """
    with TemporaryDirectory(prefix="flowopt-") as scratch:
        page = Path(scratch) / "plan.html"
        write_page(result, [network], network, page)
        return page.read_text(encoding="utf-8")
