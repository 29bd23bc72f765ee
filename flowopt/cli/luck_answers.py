"""Answers on networks whose measures may fail: means over what works."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from flowopt.cli.common_options import ALL
from flowopt.cli.exit_codes import end_without_plan
from flowopt.cli.inputs import seconds_so_far
from flowopt.cli.live_display import progress_display
from flowopt.cli.output import Output
from flowopt.criteria import CRITERION_NAMES, TAIL

if TYPE_CHECKING:
    from flowopt.network.network import Network
    from flowopt.results.document import Option
    from flowopt.results.luck_solution import LuckSolution
    from flowopt.results.scenario_solution import ScenarioSolution
    from flowopt.results.solution import Solution


def under_luck(network: Network, criterion: str | None) -> bool:
    """Return whether measures of a network may fail; by a criterion, in any scenario."""
    from flowopt.network.chances import may_fail, may_fail_somewhere

    return may_fail(network) if criterion is None else may_fail_somewhere(network)


def answer_under_luck(
    network: Network,
    criterion: str | None,
    tail: float | None,
    output: Output,
    ask: Callable[..., Any],  # overloaded: what is left of it has but the first of its types
    *,
    full: bool,
) -> None:
    """Write and print an answer in the mean over what works.

    Parameters
    ----------
    network
        The network.
    criterion, tail
        What was asked for, if anything.
    output
        Where the answer goes.
    ask
        A question whose other options are given.
    full
        Whether all outcomes are printed.
    """
    from flowopt.report.luck_text import luck_report
    from flowopt.results.luck_solution import LuckSolution

    if criterion == ALL:
        _by_all_criteria(network, tail, output, ask, full=full)
        return
    by = {} if criterion is None else {"criterion": criterion, "tail": tail or TAIL}
    with progress_display(output.live) as on_progress:
        solution: LuckSolution | Solution | ScenarioSolution = ask(
            **by, on_progress=on_progress, keep_on_interrupt=True, seconds_reading=seconds_so_far()
        )
    output.write(solution.write)
    if isinstance(solution, LuckSolution):
        found = solution
        output.show(found, lambda: luck_report(network, found, full=full), then="report")
        return
    _show_reasons(network, solution, output, full=full)


def _by_all_criteria(
    network: Network, tail: float | None, output: Output, ask: Callable[..., Any], *, full: bool
) -> None:
    """Write and print the plans of all criteria; each has the time of one question."""
    from flowopt.planning.side_by_side import means_side_by_side
    from flowopt.report.luck_criteria_text import luck_criteria_report
    from flowopt.report.result_writer import write_plans
    from flowopt.results.luck_solution import LuckSolution

    found: list[LuckSolution] = []
    with progress_display(output.live) as on_progress:
        for name in CRITERION_NAMES:
            each: LuckSolution | Solution | ScenarioSolution = ask(
                criterion=name,
                tail=TAIL if tail is None else tail,
                on_progress=on_progress,
                keep_on_interrupt=True,
                seconds_reading=0.0 if found else seconds_so_far(),
            )
            if not isinstance(each, LuckSolution):
                break
            found.append(each)
            if each.interrupted:
                break
    if not isinstance(each, LuckSolution):
        output.write(each.write)
        _show_reasons(network, each, output, full=full)
    options: dict[str, Option] = {**found[0].options, "criterion": ALL, "tail": None}
    seconds = sum(solution.seconds.total for solution in found)
    plans = means_side_by_side(network, found, by="criterion", options=options, seconds=seconds)
    output.write(partial(write_plans, plans, network))
    output.show_all(found, lambda: luck_criteria_report(network, found), then="report")


def _show_reasons(
    network: Network, solution: Solution | ScenarioSolution, output: Output, *, full: bool
) -> NoReturn:
    """Print an answer without a plan, and end the command as where all measures work."""
    from flowopt.report.criterion_text import scenarios_report
    from flowopt.report.solution_text import solution_report
    from flowopt.results.solution import Solution

    if isinstance(solution, Solution):
        alone = solution
        output.show(alone, lambda: solution_report(network, alone, full=full), then=None)
    else:
        several = solution
        output.show(several, lambda: scenarios_report(network, several), then=None)
    end_without_plan(*solution.reasons)
