"""Proof by enumeration of all budgets at which the best plan in the mean changes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from flowopt.network.network import Network
from flowopt.planning.every_plan import Plans, check_size
from flowopt.planning.recheck.arithmetic import SLACK
from flowopt.planning.recheck.certificate_reader import CERTIFICATE
from flowopt.planning.recheck.condition_checks import RowConditions
from flowopt.planning.recheck.json_values import MalformedError, read_json
from flowopt.planning.recheck.luck_reader import LuckCertificate, read_luck_certificate
from flowopt.planning.recheck.part_checks import counting
from flowopt.planning.recheck.verdict import VALUES, Check, Comparison
from flowopt.result_names import SUMMARY


def prove_luck_steps(folder: Path, rows: Sequence[Path], network: Network) -> tuple[Check, ...]:
    """Try every plan between two steps; nothing where no steps were asked for.

    Parameters
    ----------
    folder, rows
        The comparison, and the folders of its rows.
    network
        The network, whose measures may fail: few chances, as each row was tried already.
    """
    check = Comparison(
        "every plan between the steps was tried in every outcome of its luck", VALUES
    )
    try:
        summary = read_json(folder / SUMMARY)
        if "beyond" not in summary:
            return ()
        steps = [read_luck_certificate(row / CERTIFICATE) for row in rows]
        beyond = [float(each) for each in summary["beyond"]]
    except (MalformedError, TypeError, ValueError) as error:
        check.fault(str(error))
        return (check.check(),)
    if check.equal("the number of bounds", len(beyond), len(steps)) and steps:
        _compare(network, steps, beyond, complete=summary.get("complete") is True, check=check)
    return (check.check(),)


def _compare(
    network: Network,
    steps: Sequence[LuckCertificate],
    beyond: Sequence[float],
    *,
    complete: bool,
    check: Comparison,
) -> None:
    """Compare what is best before each next step with its bound, and with the step."""
    check_size(network)
    first = steps[0]
    asked = RowConditions(None, first.resources, first.include, first.exclude)
    world = network if first.of is None else counting(network, first.of)
    plans = Plans(world, asked, first.objective, first.ties)
    ends = [*(step.budget or 0.0 for step in steps[1:]), math.inf]
    for number, (step, floor, end) in enumerate(zip(steps, beyond, ends, strict=True), start=1):
        cheaper = plans.allowed & (
            plans.cost < end - SLACK * max(1.0, end if end < math.inf else 0)
        )
        best, winner, _ = plans.best(cheaper)
        room = VALUES * step.baseline
        check.at_most(f"the bound up to step {number + 1}", floor, best, floor=room)
        gap = step.options["gap"] * abs(step.value)
        if complete and best < step.value - gap - 4.0 * room:
            missing = ";".join(plans.names(winner)) or "the plan without measures"
            check.fault(f"after step {number} {missing} is missing, which comes to {best:.10g}")
