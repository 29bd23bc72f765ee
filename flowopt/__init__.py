"""Network interdiction for planners: where a limited budget cuts the most flow.

The public names load on first use, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from flowopt._version import __version__

if TYPE_CHECKING:
    from flowopt.errors import FlowoptError, InputError, Problem, RequestError, SolverError
    from flowopt.frontier import Frontier
    from flowopt.network.network import Network
    from flowopt.network.read import read_network
    from flowopt.network.write import write_network
    from flowopt.planning.compare import compare
    from flowopt.planning.evaluate import evaluate
    from flowopt.planning.recheck.verdict import Verdict
    from flowopt.planning.respond import respond
    from flowopt.planning.solve import solve
    from flowopt.planning.verify import verify
    from flowopt.results import Response, Solution
    from flowopt.results_evaluation import Evaluation

_HOMES = {
    "Evaluation": "flowopt.results_evaluation",
    "FlowoptError": "flowopt.errors",
    "Frontier": "flowopt.frontier",
    "InputError": "flowopt.errors",
    "Network": "flowopt.network.network",
    "Problem": "flowopt.errors",
    "RequestError": "flowopt.errors",
    "Response": "flowopt.results",
    "Solution": "flowopt.results",
    "SolverError": "flowopt.errors",
    "compare": "flowopt.planning.compare",
    "Verdict": "flowopt.planning.recheck.verdict",
    "evaluate": "flowopt.planning.evaluate",
    "read_network": "flowopt.network.read",
    "respond": "flowopt.planning.respond",
    "solve": "flowopt.planning.solve",
    "verify": "flowopt.planning.verify",
    "write_network": "flowopt.network.write",
}

__all__ = [
    "Evaluation",
    "FlowoptError",
    "Frontier",
    "InputError",
    "Network",
    "Problem",
    "RequestError",
    "Response",
    "Solution",
    "SolverError",
    "Verdict",
    "__version__",
    "compare",
    "evaluate",
    "read_network",
    "respond",
    "solve",
    "verify",
    "write_network",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'flowopt' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
