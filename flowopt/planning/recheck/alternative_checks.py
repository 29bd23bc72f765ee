"""Checks of `alternatives.csv`: its plans keep the conditions and have the stated values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from flowopt.network.network import Network
from flowopt.planning.recheck.arithmetic import plan_cost, residual_network
from flowopt.planning.recheck.certificate_reader import Certificate
from flowopt.planning.recheck.condition_checks import check_conditions
from flowopt.planning.recheck.proof_checks import ProofChecks
from flowopt.planning.recheck.summary_checks import relative_gap
from flowopt.planning.recheck.table_checks import about_of, compare_cell, read_table
from flowopt.planning.recheck.verdict import COPIES, Check, Comparison

FILE = "alternatives.csv"
COLUMNS = "rank value rank_bound rank_gap status spent measures"


def are_listed(folder: Path, certificate: Certificate) -> bool:
    """Return whether a result has a list of best plans, or should have one."""
    requested = 1 if certificate.options is None else certificate.options.get("alternatives", 1)
    return requested > 1 or bool(certificate.alternatives) or (folder / FILE).exists()


def check_alternatives(folder: Path, network: Network, certificate: Certificate) -> Iterator[Check]:
    """Yield the checks of the best plans: conditions, values, bounds, and that each is another one.

    The certificate proves the values of the first plans; of the others they are the solver's.
    """
    check = Comparison(
        f"{FILE} lists plans that keep the conditions, none of which holds an earlier one"
    )
    rows = read_table(folder / FILE, COLUMNS, check, about_of(certificate))
    proofs = ProofChecks(
        certificate.objective, certificate.ties, "under each alternative", certificate.before
    )
    plans = [tuple(filter(None, cells[-1].split(";"))) for cells in rows]
    if check.equal("that it proves no more", len(certificate.alternatives) <= len(rows), True):
        for rank, stated in enumerate(certificate.alternatives):
            about = f"alternative {rank + 1}: "
            check.about = about
            check.equal("the plan proved", stated.measures, plans[rank])
            compare_cell(check, "value", rows[rank][1], stated.value)
            proofs.add(residual_network(network, stated.measures), stated, about)
    for rank, (cells, plan) in enumerate(zip(rows, plans, strict=True), start=1):
        check.about = f"row {rank + 1}: "
        check_conditions(network, certificate, plan, check)
        check_rank(rank, cells, plan_cost(network, plan), certificate.baseline, check)
        if rank == 1 and certificate.value is not None:
            compare_cell(check, "value", cells[1], certificate.value)
        for other in plans[: rank - 1]:
            if set(other) <= set(plan):
                check.fault("the plan holds all of an earlier one")
    check.about = ""
    if certificate.options is not None:
        _check_request(certificate, certificate.options, rows, check)
    check.note(f"the values of {len(certificate.alternatives)} of {len(rows)} are proved")
    check.equal("the first plan", plans[:1], [certificate.plan])
    yield check.check()
    if certificate.alternatives:
        yield from proofs.checks()


def _check_request(
    certificate: Certificate,
    options: Mapping[str, Any],
    rows: list[list[str]],
    check: Comparison,
) -> None:
    """Check that there are no more plans, and none worse, than requested."""
    check.at_most("the number of plans", float(len(rows)), options["alternatives"])
    if options["within"] is None or certificate.value is None:
        return
    worst = certificate.value + options["within"] * abs(certificate.value)
    floor = 2e-7 * (certificate.baseline or 0.0)  # the same to a planner
    for number, cells in enumerate(rows, start=2):
        with suppress(ValueError):  # a cell that is no number is a fault of the table elsewhere
            check.at_most(f"row {number}: value", float(cells[1]), worst, floor=floor)


def check_rank(
    rank: int,
    cells: list[str],
    spent: float,
    baseline: float | None,
    check: Comparison,
    *,
    drawn: bool = False,
) -> None:
    """Check the numbers that follow from a row's own value and bound.

    Parameters
    ----------
    rank, cells
        Its place, and its cells: rank, value, bound, gap, status, and what is spent.
    spent, baseline
        What its plan costs, and the objective without measures.
    check
        Takes the comparisons.
    drawn
        Whether the value is a mean that was estimated.
    """
    known = ("estimated",) if drawn else ("optimal", "limit")
    compare_cell(check, "rank", cells[0], float(rank))
    compare_cell(check, "spent", cells[5], spent)
    check.equal("that the status is one of a plan", cells[4] in known, True)
    try:
        value, bound, gap = (float(cell) for cell in cells[1:4])
    except ValueError:
        check.fault(f"value, rank_bound and rank_gap are {cells[1:4]}, not numbers")
        return
    check.at_most("the bound", bound, value)
    # Ten digits of value and bound leave the gap, their difference, fewer.
    missing = relative_gap(value, bound, baseline)
    check.close("rank_gap", gap, missing, floor=2.0 * COPIES)
