"""Re-check of plans whose measures may fail side by side: each of them, and the tables of all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from flowopt.network.network import Network
from flowopt.planning.recheck import result_networks
from flowopt.planning.recheck.arithmetic import plan_cost
from flowopt.planning.recheck.budget_order import AtBudget, check_order
from flowopt.planning.recheck.certificate_reader import CERTIFICATE
from flowopt.planning.recheck.json_values import MalformedError, read_json
from flowopt.planning.recheck.luck_reader import LuckCertificate, read_luck_certificate
from flowopt.planning.recheck.scenario_arithmetic import criterion_gap
from flowopt.planning.recheck.side_by_side_checks import (
    UNCHECKED,
    VerifyOne,
    about_all,
    compare_options,
    compare_plans,
    plan_folders,
    results_checked,
    summary_of_all,
)
from flowopt.planning.recheck.table_checks import read_table
from flowopt.planning.recheck.verdict import VALUES, Check, Comparison, Verdict, unreadable
from flowopt.result_names import SUMMARY

PLANS = (
    "plan budget status baseline value low high bound gap cut marginal spent mean_left most_left "
    "sure_cut measures"
)
SCENARIOS = (
    "plan scenario name weight baseline value low high cut left_p05 left_p95 all_works "
    "all_works_value"
)
_OWN_SCENARIOS = (
    "scenario name weight baseline value low high cut cut_share left_p05 left_p95 all_works "
    "all_works_value own_best own_bound regret own_measures"
)
_TOLD = 13  # of them, those that the table of all has
# Options that differ from plan to plan, or workers have none of, by what the plans differ in.
_OWN_OPTIONS = {
    "budget": frozenset({"budget", "threads"}),
    "criterion": frozenset({"criterion", "tail"}),
}
_SHARE_PLACE = 8  # of cut_share in the scenarios of one plan, which the table of all lacks


def is_of_luck_plans(folder: Path) -> bool:
    """Return whether a folder holds plans whose measures may fail side by side."""
    try:
        summary = read_json(folder / SUMMARY)
    except MalformedError:
        return False
    return {"by", "criterion", "plans"} <= set(summary) and "criteria" not in summary


def verify_luck_plans(path: Path, copies: Sequence[Network], verify_one: VerifyOne) -> Verdict:
    """Re-check the plans in a folder; `verify_one` checks the result of one of them.

    Raises
    ------
    RequestError, InputError
        As `flowopt.planning.verify.verify`.
    """
    network, checks = result_networks.network_and_copy(path, copies)
    try:
        summary = summary_of_all(path, "criterion")
        folders = plan_folders(path)
        plans = [read_luck_certificate(each / CERTIFICATE) for each in folders]
        own, claims = results_checked(folders, network, verify_one)
        checks += own
        checks.append(_summary(path, network, summary, plans))
        checks.append(_plans_table(path, network, summary, plans))
        checks.append(_scenarios_table(path, summary, folders))
    except (MalformedError, KeyError, TypeError, ValueError) as error:
        return unreadable(path, network.info.id, str(error), checks)
    if summary["by"] == "budget":
        checks.append(_order(folders, plans))
    if summary["options"].get("budgets") == "all" or "beyond" in summary:
        checks.append(_steps(network, summary, plans))
        claims.append("what no plan goes below before the next step: the solver says so")
    claims.append(UNCHECKED)
    return Verdict(str(path), network.info.id, tuple(checks), tuple(claims))


def _summary(
    path: Path, network: Network, summary: Mapping[str, Any], plans: Sequence[LuckCertificate]
) -> Check:
    """Check that the plans answer one question, and that the summary repeats it."""
    check = Comparison("the plans answer one question, each for its own budget or criterion")
    by = "criterion" if summary["by"] == "criterion" else "budget"
    check.equal("what differs", summary["by"], by)
    names = [f"budget-{each.budget or 0.0:.10g}" for each in plans]
    if by == "criterion":
        names = [each.criterion or "" for each in plans]
        check.equal("the criterion of all", summary["criterion"], None)
    compare_plans(check, path, network, summary, names)
    for plan, name in zip(plans, names, strict=True):
        check.about = f"{name}: "
        check.equal("the objective", plan.objective, summary["objective"])
        if by == "budget":
            check.equal("the criterion", plan.criterion, summary["criterion"])
        check.equal("the part of the markets", plan.of, summary.get("of"))
        compare_options(check, summary, plan.options, _OWN_OPTIONS[by])
    return check.check()


def _plans_table(
    path: Path, network: Network, summary: Mapping[str, Any], plans: Sequence[LuckCertificate]
) -> Check:
    """Check the table of plans against the certificates and the scenarios of each."""
    rows: list[tuple[Any, ...]] = []
    before: LuckCertificate | None = None
    for plan, name in zip(plans, summary["plans"], strict=True):
        half, bound = plan.luck.half_width, plan.claim.bound
        own = _own_scenarios(path / name, plan)
        left = [float(cells[4]) for cells in own]
        weights = [float(cells[2]) for cells in own]
        most = max(float(cells[3]) for cells in own)
        gap = None
        if bound is not None:
            gap = criterion_gap(plan.criterion, plan.value, bound, plan.baseline, most)
        marginal = None
        if before is not None and (more := (plan.budget or 0.0) - (before.budget or 0.0)) > 0.0:
            marginal = (before.value - plan.value) / more
        before = plan
        rows.append(
            (
                name, plan.budget, plan.claim.status, plan.baseline, plan.value, plan.value - half,
                plan.value + half, bound, gap, plan.baseline - plan.value, marginal,
                plan_cost(network, plan.plan),
                math.fsum(w * v for w, v in zip(weights, left, strict=True)), max(left),
                min(float(cells[7]) for cells in own), ";".join(plan.plan),
            )
        )  # fmt: skip
    return _compare(path / "plans.csv", PLANS, rows, summary)


def _own_scenarios(folder: Path, plan: LuckCertificate) -> list[list[str]]:
    """Return the rows of the table of scenarios of one plan, which is checked by itself."""
    about = _of_plan(plan)
    return read_table(folder / "scenarios.csv", _OWN_SCENARIOS, Comparison(""), about)


def _of_plan(plan: LuckCertificate) -> dict[str, Any]:
    return {"network": plan.network, "objective": plan.objective, "budget": plan.budget}


def _scenarios_table(path: Path, summary: Mapping[str, Any], folders: Sequence[Path]) -> Check:
    rows: list[tuple[Any, ...]] = []
    for folder in folders:
        own = _own_scenarios(folder, read_luck_certificate(folder / CERTIFICATE))
        for cells in own:
            numbers = [float(cell) if cell else None for cell in cells[2:_TOLD]]
            kept = [n for place, n in enumerate(numbers, start=2) if place != _SHARE_PLACE]
            rows.append((folder.name, cells[0], cells[1], *kept))
    return _compare(path / "scenarios.csv", SCENARIOS, rows, summary)


def _compare(
    file: Path, columns: str, rows: Sequence[tuple[Any, ...]], summary: Mapping[str, Any]
) -> Check:
    """Compare a table, numbers but for the rounding of what they were worked out from."""
    check = Comparison(f"{file.name} says what the results of the plans do")
    found, names = read_table(file, columns, check, about_all(summary)), columns.split()
    check.equal("the number of rows", len(found), len(rows))
    largest = max((abs(x) for row in rows for x in row if isinstance(x, float)), default=1.0)
    for number, (cells, row) in enumerate(zip(found, rows, strict=False), start=1):
        check.about = f"row {number}: "
        for name, cell, value in zip(names, cells, row, strict=True):
            if isinstance(value, float):
                stated = float(cell) if cell else math.nan
                check.close(name, stated, value, floor=VALUES * 1e-2 * largest)
            else:
                check.equal(name, cell, value or "")
    return check.check()


def _order(folders: Sequence[Path], plans: Sequence[LuckCertificate]) -> Check:
    """Check that no plan is beaten by one of a smaller budget, but for intervals."""
    rows = [
        AtBudget(
            folder.name,
            plan.budget or 0.0,
            plan.value,
            plan.claim.bound,
            _most(plan),
            plan.luck.half_width,
        )
        for folder, plan in zip(folders, plans, strict=True)
    ]
    return check_order(rows, comparable=all(plan.criterion != "regret" for plan in plans))


def _steps(network: Network, summary: Mapping[str, Any], plans: Sequence[LuckCertificate]) -> Check:
    """Check that each plan stands at its cost, and what no plan before the next one goes below."""
    check = Comparison("each step stands at what its plan costs, and its bound reaches to the next")
    check.equal("the budgets that were asked for", summary["options"].get("budgets"), "all")
    check.equal("the criterion", summary["criterion"], None)
    raw = summary.get("beyond")
    listed = raw if isinstance(raw, list) else []
    beyond = [float(each) for each in listed if isinstance(each, int | float)]
    if not check.equal("the number of bounds", len(beyond), len(plans)):
        return check.check()
    proved = []
    for number, (plan, floor) in enumerate(zip(plans, beyond, strict=True), start=1):
        check.about = f"step {number}: "
        check.close("its budget", plan.budget or 0.0, plan_cost(network, plan.plan))
        bound, size = plan.claim.bound, max(plan.baseline, plan.value)
        check.at_most("its bound", floor, plan.value if bound is None else bound, floor=VALUES)
        missing = plan.value - floor
        enough = missing <= plan.options["gap"] * abs(plan.value) + VALUES * size
        proved.append(enough and plan.claim.status != "estimated")
    check.about = ""
    for number, (plan, after) in enumerate(pairwise(plans), start=1):
        check.equal(f"that step {number} is not the better one", plan.value > after.value, True)
    if summary.get("complete"):
        check.equal("that no step is missing", all(proved), True)
    return check.check()


def _most(plan: LuckCertificate) -> float:
    """Return the most that is left without measures in any scenario."""
    proofs = (each.sure.before for each in plan.scenarios)
    return max((proof.value for proof in proofs if proof is not None), default=plan.baseline)
