"""Network interdiction for planners: where a limited budget cuts the most flow.

The public names load on first use, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowopt._version import __version__
from flowopt.late_names import late_names

if TYPE_CHECKING:
    from flowopt.errors import (
        FlowoptError,
        InputError,
        OutOfTime,
        Problem,
        RequestError,
        SolverError,
    )
    from flowopt.network.network import Network
    from flowopt.network.read import read_foreign, read_network
    from flowopt.network.write import write_network
    from flowopt.planning.compare import compare
    from flowopt.planning.compare_over_time import compare_over_time
    from flowopt.planning.evaluate import evaluate
    from flowopt.planning.evaluate_over_time import evaluate_over_time, respond_over_time
    from flowopt.planning.formulate import Formulation, formulate
    from flowopt.planning.recheck.verdict import Verdict
    from flowopt.planning.reply import Reply
    from flowopt.planning.respond import respond
    from flowopt.planning.solve import solve
    from flowopt.planning.solve_over_time import solve_over_time
    from flowopt.planning.stress.stress_plans import stress
    from flowopt.planning.trafficker import Trafficker
    from flowopt.planning.trafficker_over_time import TraffickerOverTime
    from flowopt.planning.verify import verify
    from flowopt.report.programmes import write_programme
    from flowopt.results.evaluation import Evaluation
    from flowopt.results.frontier import Frontier
    from flowopt.results.luck_plans import LuckPlans
    from flowopt.results.luck_solution import LuckSolution
    from flowopt.results.over_time import EvaluationOverTime, ResponseOverTime
    from flowopt.results.response import Response
    from flowopt.results.scenario_plans import ScenarioPlans
    from flowopt.results.scenario_solution import ScenarioSolution
    from flowopt.results.schedule_frontier import ScheduleFrontier
    from flowopt.results.schedule_solution import ScheduleSolution
    from flowopt.results.schedules_under_luck import LuckEvaluationOverTime, LuckScheduleSolution
    from flowopt.results.several_frontiers import SeveralFrontiers
    from flowopt.results.solution import Solution
    from flowopt.results.stress import Stress

_HOMES = {
    "Evaluation": "flowopt.results.evaluation",
    "EvaluationOverTime": "flowopt.results.over_time",
    "FlowoptError": "flowopt.errors",
    "Formulation": "flowopt.planning.formulate",
    "Frontier": "flowopt.results.frontier",
    "InputError": "flowopt.errors",
    "LuckEvaluationOverTime": "flowopt.results.schedules_under_luck",
    "LuckPlans": "flowopt.results.luck_plans",
    "LuckScheduleSolution": "flowopt.results.schedules_under_luck",
    "LuckSolution": "flowopt.results.luck_solution",
    "Network": "flowopt.network.network",
    "OutOfTime": "flowopt.errors",
    "Problem": "flowopt.errors",
    "Reply": "flowopt.planning.reply",
    "RequestError": "flowopt.errors",
    "Response": "flowopt.results.response",
    "ResponseOverTime": "flowopt.results.over_time",
    "ScenarioPlans": "flowopt.results.scenario_plans",
    "ScenarioSolution": "flowopt.results.scenario_solution",
    "ScheduleFrontier": "flowopt.results.schedule_frontier",
    "ScheduleSolution": "flowopt.results.schedule_solution",
    "SeveralFrontiers": "flowopt.results.several_frontiers",
    "Solution": "flowopt.results.solution",
    "SolverError": "flowopt.errors",
    "Stress": "flowopt.results.stress",
    "Trafficker": "flowopt.planning.trafficker",
    "TraffickerOverTime": "flowopt.planning.trafficker_over_time",
    "compare": "flowopt.planning.compare",
    "compare_over_time": "flowopt.planning.compare_over_time",
    "Verdict": "flowopt.planning.recheck.verdict",
    "evaluate": "flowopt.planning.evaluate",
    "evaluate_over_time": "flowopt.planning.evaluate_over_time",
    "formulate": "flowopt.planning.formulate",
    "read_foreign": "flowopt.network.read",
    "read_network": "flowopt.network.read",
    "respond": "flowopt.planning.respond",
    "respond_over_time": "flowopt.planning.evaluate_over_time",
    "solve": "flowopt.planning.solve",
    "solve_over_time": "flowopt.planning.solve_over_time",
    "stress": "flowopt.planning.stress.stress_plans",
    "verify": "flowopt.planning.verify",
    "write_network": "flowopt.network.write",
    "write_programme": "flowopt.report.programmes",
}

__all__ = [
    "Evaluation",
    "EvaluationOverTime",
    "FlowoptError",
    "Formulation",
    "Frontier",
    "InputError",
    "LuckEvaluationOverTime",
    "LuckPlans",
    "LuckScheduleSolution",
    "LuckSolution",
    "Network",
    "OutOfTime",
    "Problem",
    "Reply",
    "RequestError",
    "Response",
    "ResponseOverTime",
    "ScenarioPlans",
    "ScenarioSolution",
    "ScheduleFrontier",
    "ScheduleSolution",
    "SeveralFrontiers",
    "Solution",
    "SolverError",
    "Stress",
    "Trafficker",
    "TraffickerOverTime",
    "Verdict",
    "__version__",
    "compare",
    "compare_over_time",
    "evaluate",
    "evaluate_over_time",
    "formulate",
    "read_foreign",
    "read_network",
    "respond",
    "respond_over_time",
    "solve",
    "solve_over_time",
    "stress",
    "verify",
    "write_network",
    "write_programme",
]


__getattr__ = late_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
