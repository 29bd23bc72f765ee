"""Results: frozen, tabular, and ignorant of how they were computed.

Each table is a `Rows`: a tuple of frozen rows whose fields are the columns of the CSV file of the
same name, in order. Units follow the format: t/yr, M USD/yr, USD/kg, shares in [0, 1]; the
*objective's unit* is weighted t/yr for `flow` and `bilevel`, M USD/yr for `profit`. A number that
does not exist is None and becomes a blank cell: no solution means no numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowopt.late_names import late_names

if TYPE_CHECKING:
    from flowopt.results.budget_rows import (
        DisplacementAt,
        FrontierRow,
        LadderRow,
        MarketAt,
        MeasureAt,
        PlanAt,
    )
    from flowopt.results.displacement_rows import (
        Displacement,
        FlowChange,
        MarketChange,
        OrganisationChange,
    )
    from flowopt.results.document import Document, Option
    from flowopt.results.evaluation import Evaluation, PlanCompared
    from flowopt.results.frontier import Evidence, Frontier, SweepSummary
    from flowopt.results.plan_result import PlanResult, Seconds, SolverRun, Status
    from flowopt.results.proof import Proof
    from flowopt.results.response import Response
    from flowopt.results.rows import (
        Alternative,
        Binding,
        Delivery,
        Earned,
        Flow,
        NextMeasure,
        PlanRow,
        Rows,
        SiteRun,
        SupplyUse,
    )
    from flowopt.results.solution import Solution

# Each name is loaded when it is asked for: a solve needs a third of them.
_HOMES = {
    "Alternative": "flowopt.results.rows",
    "Binding": "flowopt.results.rows",
    "Delivery": "flowopt.results.rows",
    "Displacement": "flowopt.results.displacement_rows",
    "DisplacementAt": "flowopt.results.budget_rows",
    "Document": "flowopt.results.document",
    "Earned": "flowopt.results.rows",
    "Evaluation": "flowopt.results.evaluation",
    "Evidence": "flowopt.results.frontier",
    "Flow": "flowopt.results.rows",
    "FlowChange": "flowopt.results.displacement_rows",
    "Frontier": "flowopt.results.frontier",
    "FrontierRow": "flowopt.results.budget_rows",
    "LadderRow": "flowopt.results.budget_rows",
    "MarketAt": "flowopt.results.budget_rows",
    "MarketChange": "flowopt.results.displacement_rows",
    "MeasureAt": "flowopt.results.budget_rows",
    "NextMeasure": "flowopt.results.rows",
    "Option": "flowopt.results.document",
    "OrganisationChange": "flowopt.results.displacement_rows",
    "PlanAt": "flowopt.results.budget_rows",
    "PlanCompared": "flowopt.results.evaluation",
    "PlanResult": "flowopt.results.plan_result",
    "PlanRow": "flowopt.results.rows",
    "Proof": "flowopt.results.proof",
    "Response": "flowopt.results.response",
    "Rows": "flowopt.results.rows",
    "Seconds": "flowopt.results.plan_result",
    "SiteRun": "flowopt.results.rows",
    "Solution": "flowopt.results.solution",
    "SolverRun": "flowopt.results.plan_result",
    "Status": "flowopt.results.plan_result",
    "SupplyUse": "flowopt.results.rows",
    "SweepSummary": "flowopt.results.frontier",
}

__all__ = [
    "Alternative",
    "Binding",
    "Delivery",
    "Displacement",
    "DisplacementAt",
    "Document",
    "Earned",
    "Evaluation",
    "Evidence",
    "Flow",
    "FlowChange",
    "Frontier",
    "FrontierRow",
    "LadderRow",
    "MarketAt",
    "MarketChange",
    "MeasureAt",
    "NextMeasure",
    "Option",
    "OrganisationChange",
    "PlanAt",
    "PlanCompared",
    "PlanResult",
    "PlanRow",
    "Proof",
    "Response",
    "Rows",
    "Seconds",
    "SiteRun",
    "Solution",
    "SolverRun",
    "Status",
    "SupplyUse",
    "SweepSummary",
]


__getattr__ = late_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
