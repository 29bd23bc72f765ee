"""Answers over the scenarios of a network: by one criterion, or by each of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from flowopt.cli.common_options import ALL
from flowopt.cli.inputs import seconds_so_far
from flowopt.cli.live_display import progress_display
from flowopt.cli.output import Output
from flowopt.criteria import CRITERION_NAMES, TAIL, CriterionName

if TYPE_CHECKING:
    from flowopt.network.network import Network
    from flowopt.results.document import Option
    from flowopt.results.scenario_solution import ScenarioSolution


def answer_by_criterion(
    network: Network,
    criterion: str,
    tail: float | None,
    output: Output,
    ask: Callable[..., Any],  # overloaded: what is left of it has but the first of its types
) -> ScenarioSolution:
    """Write and print an answer by one criterion, or print those by all; return the first.

    Parameters
    ----------
    network
        The network, with scenarios.
    criterion, tail
        What was asked for; ``all`` asks for each criterion in turn.
    output
        Where answers go.
    ask
        A question whose other options are given.
    """
    from flowopt.planning.own_bests import OwnBests
    from flowopt.planning.side_by_side import side_by_side
    from flowopt.report.criterion_text import criteria_report, scenarios_report
    from flowopt.report.result_writer import write_plans, write_scenarios

    names = CRITERION_NAMES if criterion == ALL else (cast(CriterionName, criterion),)
    found: list[ScenarioSolution] = []
    own_bests = OwnBests()
    with progress_display(output.live) as on_progress:
        for name in names:
            each: ScenarioSolution = ask(
                criterion=name,
                tail=TAIL if tail is None else tail,
                on_progress=on_progress,
                keep_on_interrupt=True,
                seconds_reading=0.0 if found else seconds_so_far(),
                own_bests=own_bests,
            )
            found.append(each)
            if each.interrupted:
                break
    first = found[0]
    if criterion == ALL:
        options: dict[str, Option] = {**first.options, "criterion": ALL, "tail": None}
        seconds = sum(each.seconds.total for each in found)
        plans = side_by_side(network, found, by="criterion", options=options, seconds=seconds)
        output.write(partial(write_plans, plans, network))
        then = None if any(each.value is None for each in found) else "report"
        output.show_all(found, lambda: criteria_report(network, found), then=then)
    else:
        output.write(partial(write_scenarios, first, network))
        then = None if first.value is None else "report"
        output.show(first, lambda: scenarios_report(network, first), then=then)
    return first
