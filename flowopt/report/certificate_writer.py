"""Writer of `certificate.json`: the request, and the flow and prices behind every value.

`flowopt verify` checks it against the network without a solver. Amounts and prices stand in full
precision, and those that are 0 are left out.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import zip_longest
from pathlib import Path
from typing import Any

from flowopt.results.document import listed
from flowopt.results.evaluation import STATUS, Evaluation, PlanCompared
from flowopt.results.luck_rows import ActingValue, LuckAlternative
from flowopt.results.luck_solution import LuckSolution, OutcomeRow
from flowopt.results.response import Response
from flowopt.results.rows import Rows
from flowopt.results.scenario_solution import ScenarioSolution
from flowopt.results.schedules_under_luck import CampaignOutcome
from flowopt.results.solution import Solution

FILE = "certificate.json"
VERSION = 1
_PLAIN = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_NESTED = (list, dict)


CertifiedResult = Solution | Evaluation | Response | ScenarioSolution | LuckSolution
_KINDS: dict[type, str] = {
    Solution: "solution",
    Evaluation: "evaluation",
    Response: "response",
    ScenarioSolution: "scenarios",
    LuckSolution: "luck",
}


def certificate(result: CertifiedResult) -> dict[str, Any]:
    """Return the certificate of a result; None for parts that a kind of result lacks."""
    head: dict[str, Any] = {
        "certificate": VERSION,
        "result": _KINDS[type(result)],
        "network": result.network,
        "input_sha256": result.input_sha256,
        "objective": result.objective,
        "ties": result.ties,
        "options": listed(result.options),
    }
    if not isinstance(result, ScenarioSolution) and result.of is not None:
        head["of"] = result.of
    if isinstance(result, LuckSolution):
        return head | _of_luck(result)
    if isinstance(result, Solution | Evaluation) and result.of is not None:
        head["served"] = {when: each.to_dict() for when, each in result.served.items()}
    if isinstance(result, Solution):
        return head | _of_solution(result)
    if isinstance(result, Evaluation):
        return head | _of_evaluation(result)
    if isinstance(result, ScenarioSolution):
        return head | _of_scenarios(result)
    request: dict[str, Any] = {"budget": None, "target": None, "resources": {}}
    request |= {"include": [], "exclude": []}
    outcome = {
        "plan": list(result.measures),
        "value": result.value,
        "baseline": None,
        "claim": None,
    }
    proofs: dict[str, Any] = {"before": None, "after": result.proof.to_dict()}
    return (
        head
        | request
        | outcome
        | proofs
        | {"dropped": {}, "next": {}, "alternatives": [], "compared": []}
    )


def _claim(
    result: Solution | Evaluation | ScenarioSolution | LuckSolution,
    status: str,
    *,
    bound: float | None = None,
    cost_bound: float | None = None,
) -> dict[str, Any]:
    """Return what the solver says it has shown, which `verify` need not believe."""
    return {
        "status": status,
        "limit": result.limit,
        "bound": bound,
        "cost_bound": cost_bound,
        "solver": result.solver.name,
        "version": result.solver.version,
        "threads": result.solver.threads,
    }


def _of_solution(solution: Solution) -> dict[str, Any]:
    return {
        "budget": solution.budget,
        "target": solution.target,
        "resources": dict(solution.resources),
        "include": list(solution.include),
        "exclude": list(solution.exclude),
        "plan": list(solution.measures),
        "value": solution.value,
        "baseline": solution.baseline,
        "claim": _claim(
            solution, solution.status, bound=solution.bound, cost_bound=solution.cost_bound
        ),
        "before": solution.before.proof.to_dict(),
        "after": None if solution.after is None else solution.after.proof.to_dict(),
        "dropped": {name: proof.to_dict() for name, proof in solution.dropped.items()},
        "next": {name: proof.to_dict() for name, proof in solution.added.items()},
        "alternatives": [proof.to_dict() for proof in solution.others],
        "compared": [],
    }


def _of_evaluation(evaluation: Evaluation) -> dict[str, Any]:
    others = {"best": evaluation.best, "coverage": evaluation.coverage}
    return {
        "budget": evaluation.budget,
        "target": None,
        "resources": dict(evaluation.resources),
        "include": [],
        "exclude": [],
        "plan": list(evaluation.measures),
        "value": evaluation.value,
        "baseline": evaluation.baseline,
        "claim": _claim(evaluation, STATUS),
        "before": evaluation.before.proof.to_dict(),
        "after": evaluation.after.proof.to_dict(),
        "dropped": {name: proof.to_dict() for name, proof in evaluation.dropped.items()},
        "next": {name: proof.to_dict() for name, proof in evaluation.added.items()},
        "alternatives": [],
        "compared": [
            {
                "plan": row.plan,
                "status": row.status,
                "bound": _bound(row, evaluation.baseline),
                "after": None if (other := others.get(row.plan)) is None else other.proof.to_dict(),
                "kept": evaluation.kept[row.plan].to_dict(),
            }
            for row in evaluation.comparison
        ],
    }


def _bound(row: PlanCompared, baseline: float) -> float | None:
    """Return what no plan goes below: for the covering one, in what is left of today's flow."""
    return row.bound if row.promised_bound is None else baseline - row.promised_bound


def _by_criterion(
    solution: ScenarioSolution | LuckSolution,
) -> dict[str, Any]:
    """Return the request, the plan and the claim of a plan by a criterion over scenarios."""
    return {
        "criterion": solution.criterion,
        "tail": solution.tail,
        "budget": solution.budget,
        **({} if solution.target is None else {"target": solution.target}),
        "resources": dict(solution.resources),
        "include": list(solution.include),
        "exclude": list(solution.exclude),
        "plan": list(solution.measures),
        "value": solution.value,
        "baseline": solution.baseline,
        "claim": _claim(
            solution, solution.status, bound=solution.bound, cost_bound=solution.cost_bound
        ),
    }


def _of_scenarios(solution: ScenarioSolution) -> dict[str, Any]:
    """Return the criterion, and in each scenario the certificate of the plan there."""
    return {
        **_by_criterion(solution),
        "looked_at": solution.looked_at,
        "scenarios": [
            {
                "scenario": row.scenario,
                "looking": proof.to_dict()
                if (proof := solution.looking.get(row.scenario))
                else None,
                "certificate": certificate(solution.worlds[row.scenario]),
            }
            for row in solution.scenarios
        ],
    }


def _of_luck(solution: LuckSolution) -> dict[str, Any]:
    """Return the means, and in each scenario what may work, with proofs of the likeliest values."""
    return {
        **_by_criterion(solution),
        "luck": asdict(solution.luck),
        "dropped": [
            {
                "measure": row.measure,
                "rise": row.lost_if_dropped,
                "half_width": row.half_width,
                "how": row.how,
            }
            for row in solution.plan
            if row.lost_if_dropped is not None
        ],
        "compared": [
            {
                "plan": row.plan,
                "rise": row.value - solution.value,
                "half_width": row.half_width,
                "how": row.how,
            }
            for row in solution.comparison[1:]
        ],
        "next": [
            {
                "measure": row.measure,
                "rise": -row.adds,
                "half_width": row.half_width,
                "how": row.how,
            }
            for row in solution.next
        ],
        **_alternatives(solution.alternatives),
        "scenarios": [
            {
                "scenario": row.scenario,
                "sure": certificate(solution.worlds[row.scenario]),
                "outcomes": _outcomes(solution, row.scenario),
                "acting": [_acting(each) for each in solution.acting.get(row.scenario, ())],
                **_own_mean(solution, row.scenario),
            }
            for row in solution.scenarios
        ],
    }


def _alternatives(rows: Rows[LuckAlternative]) -> dict[str, Any]:
    """Return the best plans, where several were asked for."""
    stated = [
        {
            "measures": row.measures.split(";") if row.measures else [],
            "value": row.value,
            "half_width": row.half_width,
            "bound": row.rank_bound,
            "status": row.status,
        }
        for row in rows
    ]
    return {"alternatives": stated} if stated else {}


def _own_mean(solution: LuckSolution, scenario: str) -> dict[str, Any]:
    own = solution.own.get(scenario)
    return {} if own is None else {"own": asdict(own) | {"measures": list(own.measures)}}


def _acting(value: ActingValue) -> dict[str, Any]:
    return {
        "works": list(value.works),
        "failed_effects": list(value.failed_effects),
        "value": value.value,
        "proof": None if value.proof is None else value.proof.to_dict(),
    }


def _outcomes(solution: LuckSolution, scenario: str) -> list[dict[str, Any]]:
    rows = [row for row in solution.outcomes if row.scenario == scenario]
    proofs = [proof.to_dict() for proof in solution.proofs[scenario]]
    return [outcome_entry(row, proof) for row, proof in zip_longest(rows, proofs)]


def outcome_entry(row: OutcomeRow | CampaignOutcome, proof: Any) -> dict[str, Any]:
    """Return what a certificate says of one outcome of luck."""
    return {
        "works": row.works.split(";") if row.works else [],
        "failed_effects": [int(each) for each in row.failed_effects.split(";") if each],
        "probability": row.probability,
        "drawn": row.drawn,
        "value": row.value,
        "proof": proof,
    }


def write_certificate(content: dict[str, Any], folder: Path) -> None:
    """Write a certificate, a row of its tables on each line."""
    (folder / FILE).write_text(_json_lines(content) + "\n", encoding="utf-8")


def _json_lines(value: Any, indent: str = "") -> str:
    """Return JSON with a line for each entry, but lists of plain values on one line."""
    deeper = indent + " "
    if isinstance(value, dict) and value:
        entries = [f"{json.dumps(k)}: {_json_lines(v, deeper)}" for k, v in value.items()]
        start, end = "{}"
    elif isinstance(value, list) and any(isinstance(entry, _NESTED) for entry in value):
        entries = _rows(value) or [_json_lines(entry, deeper) for entry in value]
        start, end = "[]"
    else:
        return _PLAIN.encode(value)
    inner = f",\n{deeper}".join(entries)
    return f"{start}\n{deeper}{inner}\n{indent}{end}"


def _rows(table: list[Any]) -> list[str] | None:
    """Return lists of plain values as JSON, all encoded at once; None where that can't be told.

    A certificate is mostly such rows, and an encoder takes longer to begin than to encode one.
    """
    if any(type(row) is not list or any(isinstance(v, _NESTED) for v in row) for row in table):
        return None
    found = _PLAIN.encode(table)[2:-2].split("], [")
    return [f"[{row}]" for row in found] if len(found) == len(table) else None  # not in a name
