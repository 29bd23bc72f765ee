"""Certificates of results over time: the request, and the proofs of every value.

A proof has that of a year of each period, and what opens with its rents; one period that has the
same proof as in the response that the result is about is left out of the proofs beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from flowopt.report.certificate_writer import VERSION, outcome_entry
from flowopt.results.document import listed
from flowopt.results.over_time import EvaluationOverTime, ResponseOverTime
from flowopt.results.proof_over_time import ProofOverTime
from flowopt.results.schedule_solution import ScheduleSolution
from flowopt.results.schedules_under_luck import (
    CampaignOutcome,
    LuckEvaluationOverTime,
    LuckScheduleSolution,
    OutcomeProof,
)

_KINDS: dict[type, str] = {
    ScheduleSolution: "schedule",
    EvaluationOverTime: "campaigns",
    LuckScheduleSolution: "luck_schedule",
    LuckEvaluationOverTime: "luck_campaigns",
    ResponseOverTime: "response_over_time",
}


def certificate_over_time(
    result: ScheduleSolution | EvaluationOverTime | ResponseOverTime,
) -> dict[str, Any]:
    """Return the certificate of a result over time."""
    head: dict[str, Any] = {
        "certificate": VERSION,
        "result": _KINDS[type(result)],
        "network": result.network,
        "input_sha256": result.input_sha256,
        "objective": result.objective,
        "ties": result.ties,
        "options": listed(result.options),
    }
    if isinstance(result, ResponseOverTime):
        return head | {"response": _response(result)}
    request: dict[str, Any] = {
        "budget": listed(result.budget),
        "carry": result.carry,
        "resources": dict(result.resources),
    }
    if isinstance(result, EvaluationOverTime):
        after = {row.campaign: row for row in result.campaigns}
        return (
            head
            | request
            | {
                "before": _response(result.before),
                "campaigns": [
                    {
                        "campaign": name,
                        "breaks": after[name].breaks,
                        "status": after[name].status,
                        "bound": after[name].bound,
                        "bought": [
                            f"{row.measure}@{row.period}"
                            for row in result.schedule
                            if row.campaign == name and row.bought
                        ],
                        **_response(response),
                        **_outcomes(result, name),
                    }
                    for name, response in result.after.items()
                ],
            }
        )
    return head | request | _of_schedule(result) | _of_luck(result)


def _outcomes(result: EvaluationOverTime, name: str) -> dict[str, Any]:
    """Return what may work of a schedule whose measures may fail, with proofs of the likeliest."""
    if not isinstance(result, LuckEvaluationOverTime):
        return {}
    rows = [row for row in result.outcomes if row.campaign == name]
    return {"outcomes": _outcome_entries(rows, result.proofs[name], result.after[name])}


def _outcome_entries(
    rows: Sequence[CampaignOutcome], proofs: Sequence[OutcomeProof], beside: ResponseOverTime
) -> list[dict[str, Any]]:
    """Return what may work, the first of it with proofs, beside the response when all works."""
    return _outcomes_beside(rows, proofs, beside.proof, beside.closed)


def _outcomes_beside(
    rows: Sequence[CampaignOutcome],
    proofs: Sequence[OutcomeProof],
    opened: ProofOverTime,
    closed: ProofOverTime,
) -> list[dict[str, Any]]:
    """Return what may work, the first of it with proofs, beside those when all works."""
    written = [{"open": _proof(e.open, opened), "closed": _proof(e.closed, closed)} for e in proofs]
    return [
        outcome_entry(row, proof) | {"value_without_openings": row.value_without_openings}
        for row, proof in zip_longest(rows, written)
    ]


def _of_luck(solution: ScheduleSolution) -> dict[str, Any]:
    """Return what may work of a best schedule, and of what is left without each measure."""
    if not isinstance(solution, LuckScheduleSolution) or solution.after is None:
        return {}
    beside = solution.after.proof
    return {
        "outcomes": _outcome_entries(solution.outcomes, solution.proofs, solution.after),
        "alternatives": [
            {
                "bought": row.bought.split(";") if row.bought else [],
                "open": _proof(each.open, beside),
                "closed": _proof(each.closed, solution.after.closed),
                "outcomes": _outcomes_beside(each.outcomes, each.proofs, each.open, each.closed),
            }
            for row, each in zip(solution.alternatives, solution.alternative_luck, strict=True)
        ],
        "dropped": {
            name: [
                {
                    "works": list(each.works),
                    "failed_effects": list(each.failed_effects),
                    "probability": each.probability,
                    "value": each.value,
                    "proof": None if each.proof is None else _proof(each.proof, beside),
                }
                for each in outcomes
            ]
            for name, outcomes in solution.dropped_outcomes.items()
        },
    }


def _of_schedule(solution: ScheduleSolution) -> dict[str, Any]:
    after = solution.after
    beside = None if after is None else after.proof
    return {
        "target": solution.target,
        "include": list(solution.include),
        "exclude": list(solution.exclude),
        "bought": list(solution.bought),
        "claim": {
            "status": solution.status,
            "limit": solution.limit,
            "bound": solution.bound,
            "cost_bound": solution.cost_bound,
            "solver": solution.solver.name,
            "version": solution.solver.version,
            "threads": solution.solver.threads,
        },
        "before": _response(solution.before),
        "after": None if after is None else _response(after),
        "dropped": {name: _proof(each, beside) for name, each in solution.dropped.items()},
        "alternatives": [  # none where measures may fail: means have other proofs
            {"bought": row.bought.split(";") if row.bought else [], "proof": _proof(proof, beside)}
            for row, proof in zip(solution.alternatives, solution.alternative_proofs, strict=False)
        ],
    }


def _response(response: ResponseOverTime) -> dict[str, Any]:
    return {"open": _proof(response.proof), "closed": _proof(response.closed)}


def _proof(proof: ProofOverTime, beside: ProofOverTime | None = None) -> dict[str, object]:
    return proof.to_dict(beside)
