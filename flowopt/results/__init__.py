"""Results: frozen, tabular, and ignorant of how they were computed.

Each table is a `Rows`: a tuple of frozen rows whose fields are the columns of the CSV file of the
same name, in order. Units follow the format: t/yr, M USD/yr, USD/kg, shares in [0, 1]; the
*objective's unit* is weighted t/yr for `flow` and `bilevel`, M USD/yr for `profit`. A number that
does not exist is None and becomes a blank cell: no solution means no numbers.
"""

from flowopt.results.document import (
    Document,
    Option,
)
from flowopt.results.evaluation import (
    Evaluation,
    PlanCompared,
)
from flowopt.results.frontier import (
    DisplacementAt,
    Evidence,
    Frontier,
    FrontierRow,
    LadderRow,
    MarketAt,
    MeasureAt,
    PlanAt,
    SweepSummary,
)
from flowopt.results.plan_result import (
    PlanResult,
    Seconds,
    SolverRun,
    Status,
)
from flowopt.results.proof import (
    Proof,
)
from flowopt.results.response import (
    Response,
)
from flowopt.results.rows import (
    Alternative,
    Binding,
    Delivery,
    Displacement,
    Earned,
    Flow,
    FlowChange,
    MarketChange,
    NextMeasure,
    OrganisationChange,
    PlanRow,
    Rows,
    SiteRun,
    SupplyUse,
)
from flowopt.results.solution import (
    Solution,
)

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
