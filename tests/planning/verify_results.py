"""The results that every test of their re-check is tried on, and how they are written."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flowopt.network.network import Network
from flowopt.planning import verify as verifying
from flowopt.planning.evaluate import evaluate
from flowopt.planning.recheck.certificate_reader import read_certificate
from flowopt.planning.recheck.json_values import MalformedError, read_json
from flowopt.planning.recheck.verdict import Verdict
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from flowopt.report import result_writer
from tests.networks import ROOT, shipped
from tests.planning.tampering import edit, rewrite, rows_of
from tests.planning.verify_networks import chains, tied

SUMMARY, CERTIFICATE = "summary.json", "certificate.json"
TABLES = (
    "plan.csv", "flows.csv", "markets.csv", "displacement.csv", "binding.csv", "next.csv",
)  # fmt: skip
RESPONSE_TABLES = ("flows.csv", "sites.csv", "supplies.csv", "markets.csv", "binding.csv")

# The results that everything is tried on: what was asked, and of which network.
ASKED: dict[str, tuple[Callable[[], Network], dict[str, Any] | None, str]] = {
    "tiny": (lambda: shipped("tiny"), {"budget": 4.0}, "flow"),
    "tiny, alternatives": (lambda: shipped("tiny"), {"budget": 4.0, "alternatives": 3}, "flow"),
    "tiny, profit": (lambda: shipped("tiny"), {"budget": 4.0}, "profit"),
    "two-bridges": (lambda: shipped("two-bridges"), {"budget": 4.0}, "flow"),
    "two-bridges, profit": (lambda: shipped("two-bridges"), {"budget": 4.0}, "profit"),
    "leaky-river": (lambda: shipped("leaky-river"), {"budget": 4.0}, "flow"),
    "leaky-river, profit": (lambda: shipped("leaky-river"), {"budget": 4.0}, "profit"),
    "shared-crew": (lambda: shipped("shared-crew"), {"budget": 7.0}, "flow"),
    "shared-crew, profit": (lambda: shipped("shared-crew"), {"budget": 7.0}, "profit"),
    "chains": (
        chains,
        {
            "budget": 5.5,
            "resources": {"teams": 4.5},
            "include": ["m7"],
            "exclude": ["m6"],
            "time_limit": 600.0,
        },
        "flow",
    ),
    "chains, profit": (
        chains,
        {"budget": 6.0, "alternatives": 3, "within": 0.9, "gap": 0.2},
        "profit",
    ),
    "chains, no money": (chains, {"budget": 0.0}, "flow"),
    "chains, target": (chains, {"target": 45.0}, "flow"),
    "chains, response": (chains, None, "flow"),
    "chains, response, profit": (chains, None, "profit"),
    "tiny, bilevel": (lambda: shipped("tiny"), {"budget": 4.0}, "bilevel"),
    "chains, bilevel": (chains, {"budget": 6.0, "alternatives": 3, "gap": 0.2}, "bilevel"),
    "chains, optimistic": (
        chains,
        {"budget": 5.0, "ties": "optimistic", "alternatives": 3},
        "bilevel",
    ),
    "chains, bilevel, target": (chains, {"target": 45.0}, "bilevel"),
    "chains, response, bilevel": (chains, None, "bilevel"),
    "tied": (tied, {"budget": 1.0}, "bilevel"),
    "tied, optimistic": (tied, {"budget": 2.0, "ties": "optimistic"}, "bilevel"),
    "tiny, evaluated": (
        lambda: shipped("tiny"),
        {"measures": ["m_strip", "m_crops"], "against": ["coverage"]},
        "flow",
    ),
    "shared-crew, evaluated": (
        lambda: shipped("shared-crew"),
        {"measures": ["m_chase", "m_boats", "m_ferry"], "budget": 7.0},
        "flow",
    ),
    "tiny, evaluated, profit": (
        lambda: shipped("tiny"),
        {"measures": ["m_crops"], "alone": True, "against": ["coverage"]},
        "profit",
    ),
    "chains, evaluated": (
        chains,
        {
            "measures": ["m1", "m2", "m3", "m5"],
            "resources": {"teams": 1.0},
            "budget": 5.0,
            "against": ["coverage"],
        },
        "flow",
    ),
    "chains, evaluated, bilevel": (
        chains,
        {"measures": ["m1", "m2", "m5"], "ties": "optimistic", "against": ["coverage"]},
        "bilevel",
    ),
    "chains, part": (
        chains,
        {"budget": 5.0, "of": "continent:=c1", "alternatives": 3, "within": 0.9, "gap": 0.2},
        "flow",
    ),
    "chains, part, target": (chains, {"target": 15.0, "of": "continent:=c1"}, "flow"),
    "chains, part, bilevel": (chains, {"budget": 4.0, "of": "M_pool"}, "bilevel"),
    "chains, part, evaluated": (
        chains,
        {"measures": ["m1", "m2"], "of": "continent:=c1", "against": ["coverage"]},
        "flow",
    ),
    "impossible": (chains, {"budget": 1.0, "include": ["m7"]}, "flow"),
    "out of reach": (chains, {"target": 1.0}, "flow"),
}
RICH = [name for name in ASKED if name.startswith("chains") and "part" not in name]


def write(network: Network, folder: Path, question: dict[str, Any] | None, objective: Any) -> None:
    if question is None:
        result_writer.write_response(respond(network, objective=objective), network, folder)
    elif "measures" in question:
        result_writer.write_evaluation(
            evaluate(network, objective=objective, **question), network, folder
        )
    else:
        result_writer.write_solution(
            solve(network, objective=objective, **question), network, folder
        )


def faults(verdict: Verdict) -> str:
    return "\n".join(verdict.lines(only_failures=True))


def failed(verdict: Verdict) -> list[str]:
    return [check.name for check in verdict.checks if not check.passed]


def seems_sound(folder: Path, network: Network) -> bool:
    """Return whether a result passes its checks, which are made up to the first that fails."""
    try:
        certificate, stated = read_certificate(folder / CERTIFICATE), read_json(folder / SUMMARY)
    except MalformedError:
        return False
    return all(check.passed for check in verifying._checks(folder, network, certificate, stated))


def lie(folder: Path, key: str, value: Any) -> None:
    """Change what was asked wherever a result says it: no file contradicts another."""
    for name in (CERTIFICATE, SUMMARY):
        held = key in json.loads((folder / name).read_text())
        edit(folder, name, (("options", key), value), *([((key,), value)] if held else []))
    for path in folder.glob("*.csv") if key == "budget" else ():
        header, *rows = rows_of(path)
        for row in rows:
            row[header.index(key)] = "" if value is None else f"{value:g}"
        rewrite(path, [header, *rows])


def verified_without_solver(folder: Path) -> None:
    """Verify a folder in a process of its own, which must load nothing that solves."""
    code = (
        "import sys\n"
        "from flowopt.cli.main import cli\n"
        "code = cli.main(sys.argv[1:], standalone_mode=False)\n"
        "print('loaded', sorted(n for n in sys.modules if n.split('.')[0] in "
        "('highspy', 'pulp', 'ortools', 'scipy', 'pyscipopt', 'cvxpy', 'networkx') "
        "or n.startswith('flowopt.model')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "verify", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "checks, all passed" in done.stdout
    assert done.stdout.splitlines()[-1] == "loaded []"
