"""Answers on networks whose measures may fail: means over what works."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from flowopt.cli.common_options import ALL
from flowopt.cli.inputs import seconds_so_far
from flowopt.cli.live_display import progress_display
from flowopt.cli.output import Output
from flowopt.criteria import TAIL

if TYPE_CHECKING:
    from flowopt.network.network import Network
    from flowopt.results.luck_solution import LuckSolution


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

    if criterion == ALL:
        raise click.UsageError(
            "where measures may fail, one criterion is asked at a time: --criterion expected"
        )
    by = {} if criterion is None else {"criterion": criterion, "tail": tail or TAIL}
    with progress_display(output.live) as on_progress:
        solution: LuckSolution = ask(
            **by, on_progress=on_progress, keep_on_interrupt=True, seconds_reading=seconds_so_far()
        )
    output.write(solution.write)
    output.show(solution, lambda: luck_report(network, solution, full=full), then="report")
