"""Published optima of synthetic instances.

The instances of the repository are the small ones of a larger set; FLOWOPT_INSTANCES names the
folder of another set with its own `optima.csv`, and FLOWOPT_INSTANCES_SKIP a pattern to leave out.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from flowopt.model.solver import MilpResult
from flowopt.network.network import Network
from flowopt.network.read import read_network
from flowopt.planning.solve import solve
from flowopt.planning.solver_session import SolverSession
from tests.networks import DATA

FOLDER = Path(os.environ.get("FLOWOPT_INSTANCES", DATA / "instances"))
SKIP = os.environ.get("FLOWOPT_INSTANCES_SKIP", "$^")


def proved() -> list[dict[str, str]]:
    with (FOLDER / "optima.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["proved"] == "yes"]
    return [row for row in rows if not re.search(SKIP, row["instance"])]


@cache
def network(name: str) -> Network:
    return read_network(FOLDER / name)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[SolverSession]:
    """The runs of the solver, as they begin."""
    begun: list[SolverSession] = []
    real = SolverSession.solve

    def counted(self: SolverSession, *given: Any, **named: Any) -> MilpResult:
        begun.append(self)
        return real(self, *given, **named)

    monkeypatch.setattr(SolverSession, "solve", counted)
    return begun


def rows() -> Iterator[Any]:
    """Yield the rows; those after the first of an instance are slow."""
    seen = set()
    for row in proved():
        marks = pytest.mark.slow if row["instance"] in seen else ()
        seen.add(row["instance"])
        yield pytest.param(row, marks=marks, id=f"{row['instance']}-{row['budget']}")


@pytest.mark.parametrize("row", list(rows()))
def test_the_published_optimum(row: dict[str, str], runs: list[SolverSession]) -> None:
    """Where measures close arcs outright, no run of the solver begins again where one ended."""
    asked: dict[str, Any] = {"budget": float(row["budget"]), "objective": row["objective"]}
    found = solve(network(row["instance"]), **asked)
    value = float(row["value_in_our_units"])
    assert found.status == "optimal"
    assert found.value == pytest.approx(value, rel=1e-6, abs=1e-6)
    assert len(runs) <= 1
