"""Plans for several scenarios, or in the mean over what works, side by side as one result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowopt.network.network import Network
from flowopt.results.document import Option
from flowopt.results.folder_result import of_networks
from flowopt.results.luck_plans import LuckPlans
from flowopt.results.luck_solution import LuckSolution
from flowopt.results.scenario_plans import By, ScenarioPlans
from flowopt.results.scenario_solution import ScenarioSolution


def side_by_side(
    network: Network,
    solutions: Sequence[ScenarioSolution],
    *,
    by: By,
    options: Mapping[str, Option],
    seconds: float,
    interrupted: bool = False,
    left_out: tuple[str, ...] = (),
) -> ScenarioPlans:
    """Return plans side by side.

    Parameters
    ----------
    network
        The network with the scenarios.
    solutions
        The plans, one at least.
    by
        What differs from plan to plan.
    options
        The options of the request.
    seconds
        Time that all of it took.
    interrupted
        Whether the user stopped it.
    left_out
        Plans that are not there, and why.
    """
    first = solutions[0]
    found = ScenarioPlans(
        network=network.info.id,
        input_sha256=network.sha256,
        objective=first.objective,
        by=by,
        solutions=tuple(solutions),
        options=options,
        seconds=seconds,
        interrupted=interrupted or any(each.interrupted for each in solutions),
        left_out=left_out,
    )
    return of_networks(found, network)


def means_side_by_side(
    network: Network,
    solutions: Sequence[LuckSolution],
    *,
    by: By,
    options: Mapping[str, Option],
    seconds: float,
    interrupted: bool = False,
    left_out: tuple[str, ...] = (),
    beyond: tuple[float, ...] = (),
    complete: bool | None = None,
) -> LuckPlans:
    """Return plans whose measures may fail side by side; other parameters as of `side_by_side`.

    Parameters
    ----------
    beyond, complete
        As in `LuckPlans`, where every budget at which the best plan changes was asked for.
    """
    found = LuckPlans(
        network=network.info.id,
        input_sha256=network.sha256,
        objective=solutions[0].objective,
        by=by,
        solutions=tuple(solutions),
        options=options,
        seconds=seconds,
        interrupted=interrupted or any(each.interrupted for each in solutions),
        left_out=left_out,
        beyond=beyond,
        complete=complete,
    )
    return of_networks(found, network)
