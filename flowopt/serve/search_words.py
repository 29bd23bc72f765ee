"""The state of a search for the best plan, in a sentence."""

from __future__ import annotations

from flowopt.report.certainty import stopped_by
from flowopt.report.headline import certainty_of
from flowopt.report.units import Units
from flowopt.serve.best_plan_jobs import BestPlanJob


def search_words(job: BestPlanJob, budget: float, units: Units) -> str:
    """Return how the search for the best plan for a budget stands."""
    said = job.said
    money = f"{budget:g} {units.money}"
    if said["state"] == "waiting":
        return f"The search for {money} waits until another one ends."
    if said["state"] == "failed":
        return f"No plan was found: {said['words']}."
    value, bound = said.get("value"), said.get("bound")
    best = "no plan yet" if value is None else f"best plan so far {value:,.2f} {units.unit}"
    if said["state"] == "running":
        floor = "" if bound is None else f", none below {bound:,.2f}"
        return f"{job.seconds:.0f} s, for {money}: {best}{floor}."
    if value is None or said["measures"] is None:
        proved = said["status"] == "infeasible"
        return "There is no plan that fits." if proved else "No plan was found before the end."
    sure = certainty_of(
        f"{bound:,.2f} {units.unit}",
        said["gap"] or 0.0,
        proved=said["status"] == "optimal",
        stopped=stopped_by(said["limit"]),
    )
    return (
        f"{len(said['measures'])} measures for {said['spent']:,.2f} of {money} leave "
        f"{value:,.2f} {units.unit}, after {job.seconds:.0f} s. {sure}"
    )
