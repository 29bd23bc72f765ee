"""Re-check of plans for several scenarios side by side: each of them, and the tables of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowopt.network.network import Network
from flowopt.planning.recheck import result_networks
from flowopt.planning.recheck.arithmetic import plan_cost
from flowopt.planning.recheck.budget_order import AtBudget, check_order
from flowopt.planning.recheck.certificate_reader import CERTIFICATE
from flowopt.planning.recheck.json_values import MalformedError, read_json
from flowopt.planning.recheck.scenario_arithmetic import ScenarioValues, stated_values
from flowopt.planning.recheck.scenario_reader import ScenarioCertificate, read_scenario_certificate
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
from flowopt.planning.recheck.table_checks import Difference, ExpectedRow, compare_table
from flowopt.planning.recheck.verdict import Check, Comparison, Verdict, unreadable
from flowopt.result_names import SUMMARY

_PLANS = (
    "plan criterion budget status baseline value bound gap spent mean_left most_left sure_cut "
    "most_regret measures"
)
_SCENARIOS = "plan scenario weight baseline value cut own_best own_bound regret"
_OWN_OPTIONS = ("criterion", "tail", "budget")  # those that may differ from plan to plan
_OF_WORKERS = ("threads",)  # those that a comparison by budgets has none of


@dataclass(frozen=True, slots=True)
class _Plan:
    """One of the plans: its folder, its certificate, and the values that this states."""

    name: str
    certificate: ScenarioCertificate
    values: ScenarioValues | None


def is_of_scenario_plans(folder: Path) -> bool:
    """Return whether a folder holds plans for several scenarios side by side, by its summary."""
    try:
        return {"by", "criteria", "plans"} <= set(read_json(folder / SUMMARY))
    except MalformedError:
        return False


def verify_scenario_plans(path: Path, copies: Sequence[Network], verify_one: VerifyOne) -> Verdict:
    """Re-check the plans in a folder; `verify_one` checks the result of one of them.

    Raises
    ------
    RequestError, InputError
        As `flowopt.planning.verify.verify`.
    """
    network, checks = result_networks.network_and_copy(path, copies)
    try:
        summary = summary_of_all(path, "criteria")
        folders = plan_folders(path)
        plans = [_plan(folder, network) for folder in folders]
    except (MalformedError, KeyError, TypeError) as error:
        return unreadable(path, network.info.id, str(error), checks)
    own, claims = results_checked(folders, network, verify_one)
    checks += [*own, _summary(path, network, summary, plans)]
    about = about_all(summary)
    for name, columns, expected in (
        ("plans.csv", _PLANS, _plan_rows(network, plans)),
        ("scenarios.csv", _SCENARIOS, _scenario_rows(network, plans)),
    ):
        checks.append(compare_table(path / name, columns, [*expected], about))
    if summary["by"] == "budget":
        rows = [
            AtBudget(
                plan.name,
                plan.certificate.budget or 0.0,
                None if plan.values is None else plan.certificate.value,
                plan.certificate.claim.bound,
                0.0 if plan.values is None else plan.values.most,
            )
            for plan in plans
        ]
        regret = any(plan.certificate.criterion == "regret" for plan in plans)
        checks.append(check_order(rows, comparable=not regret))
    claims.append(UNCHECKED)
    return Verdict(str(path), network.info.id, tuple(checks), tuple(claims))


def _plan(folder: Path, network: Network) -> _Plan:
    certificate = read_scenario_certificate(folder / CERTIFICATE)
    return _Plan(folder.name, certificate, stated_values(network, certificate))


def _summary(
    path: Path, network: Network, summary: Mapping[str, Any], plans: Sequence[_Plan]
) -> Check:
    """Check that the plans answer one question, and that the summary repeats it."""
    check = Comparison("the plans answer one question, each by its own criterion or budget")
    certificates = [plan.certificate for plan in plans]
    criteria = list(dict.fromkeys(each.criterion for each in certificates))
    check.equal("the criteria", summary["criteria"], criteria)
    check.equal("what differs", summary["by"] in ("criterion", "budget"), True)
    by_budget = summary["by"] == "budget"
    names = [
        f"budget-{'' if each.budget is None else format(each.budget, '.10g')}"
        if by_budget
        else each.criterion
        for each in certificates
    ]
    compare_plans(check, path, network, summary, names)
    if by_budget:
        check.equal("the number of criteria", len(criteria), min(1, len(names)))
    own = frozenset({*_OWN_OPTIONS, *(_OF_WORKERS if by_budget else ())})
    for plan in plans:
        check.about = f"{plan.name}: "
        check.equal("the objective", plan.certificate.objective, summary["objective"])
        compare_options(check, summary, plan.certificate.options, own)
    return check.check()


def _plan_rows(network: Network, plans: Sequence[_Plan]) -> Iterator[ExpectedRow]:
    for plan in plans:
        stated, values = plan.certificate, plan.values
        head = (plan.name, stated.criterion, stated.budget, stated.claim.status)
        if values is None or stated.value is None or stated.baseline is None:
            yield (*head, *(None,) * 9, "")
            continue
        bound, side = stated.claim.bound, values.most
        gap = None if bound is None else values.gap(stated.value, bound, stated.baseline)
        yield (
            *head,
            Difference(stated.baseline, side),
            Difference(stated.value, side),
            None if bound is None else Difference(bound, side),
            None if gap is None else Difference(gap, 1.0),
            plan_cost(network, stated.plan),
            values.mean(values.after),
            max(values.after),
            Difference(min(_less(values.before, values.after)), side),
            Difference(max(_less(values.after, values.best)), side),
            ";".join(stated.plan),
        )


def _scenario_rows(network: Network, plans: Sequence[_Plan]) -> Iterator[ExpectedRow]:
    for plan in plans:
        values = plan.values
        for place, row in enumerate(network.scenarios if values is not None else ()):
            if values is None:
                continue
            before, after, best = values.before[place], values.after[place], values.best[place]
            side = max(before, after)
            yield (
                plan.name,
                row.scenario,
                values.shares[place],
                before,
                after,
                Difference(before - after, side),
                best,
                values.bound[place],
                Difference(after - best, side),
            )


def _less(first: Sequence[float], second: Sequence[float]) -> list[float]:
    return [a - b for a, b in zip(first, second, strict=True)]
