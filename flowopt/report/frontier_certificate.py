"""Certificate of a comparison: its claims, and the flow and prices behind every value.

Each network and objective has the proofs of all plans that a table values, equal plans once, the
first of no measures at all. Rows and ladder name a proof by its place among them, from 0. Bounds
stand in full precision: they are the solver's claim.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from flowopt.results.budget_rows import FrontierRow, LadderRow
from flowopt.results.document import listed
from flowopt.results.frontier import Evidence, Frontier, SweepSummary

VERSION = 1


def frontier_certificate(frontier: Frontier) -> dict[str, Any]:
    """Return the certificate."""
    return {
        "certificate": VERSION,
        "result": "frontier",
        "ties": frontier.ties,
        **({} if frontier.of is None else {"of": frontier.of}),
        "budgets": frontier.budgets if frontier.budgets == "all" else list(frontier.budgets),
        "resources": dict(frontier.resources),
        "include": list(frontier.include),
        "exclude": list(frontier.exclude),
        "gap": frontier.allowed_gap,
        "time_limit": frontier.time_limit,
        "limit": frontier.limit,
        "options": listed(frontier.options),
        "solver": asdict(frontier.solver),
        "frontiers": [
            _of_sweep(sweep, frontier.rows_of(sweep), frontier.ladder_of(sweep), evidence)
            for sweep, evidence in zip(frontier.sweeps, frontier.evidence, strict=True)
        ],
    }


def _of_sweep(
    sweep: SweepSummary,
    rows: Iterable[FrontierRow],
    ladder: Iterable[LadderRow],
    evidence: Evidence,
) -> dict[str, Any]:
    place = {frozenset(proof.measures): place for place, proof in enumerate(evidence.proofs)}
    bought: frozenset[str] = frozenset()
    rungs: list[list[float]] = []
    for rung in ladder:
        bought |= _ids(rung.buy)
        rungs.append([rung.budget, place[bought]])
    return {
        "network": sweep.network,
        "input_sha256": sweep.input_sha256,
        "objective": sweep.objective,
        "rows": [
            {
                "budget": row.budget,
                "status": row.status,
                "bound": row.bound,
                "below": below,
                "proof": None if row.value is None else place[_ids(row.measures)],
            }
            for row, below in zip(rows, evidence.below, strict=True)
        ],
        "beyond": evidence.beyond,
        "ladder": rungs,
        "crossed": evidence.crossed,
        "proofs": [proof.to_dict() for proof in evidence.proofs],
    }


def _ids(plan: str) -> frozenset[str]:
    return frozenset(filter(None, plan.split(";")))


def compact_json(value: Any, indent: str = "") -> str:
    """Return JSON with a line for each entry, but a row or a whole table of a proof on one line."""
    deeper = indent + " "
    if isinstance(value, dict) and any(isinstance(entry, dict | list) for entry in value.values()):
        entries = [f"{json.dumps(key)}: {compact_json(v, deeper)}" for key, v in value.items()]
        start, end = "{}"
    elif isinstance(value, list) and any(isinstance(entry, dict) for entry in value):
        entries = [compact_json(entry, deeper) for entry in value]
        start, end = "[]"
    else:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    inner = f",\n{deeper}".join(entries)
    return f"{start}\n{deeper}{inner}\n{indent}{end}"
