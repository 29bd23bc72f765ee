"""A reader of MPS and AUX files that shares nothing with the writer, and the follower's answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

import numpy as np
from scipy.optimize import linprog


@dataclass
class Mps:
    """Rows and columns as the file has them, in its order."""

    senses: dict[str, str] = field(default_factory=dict)
    goal: str = ""
    columns: dict[str, dict[str, float]] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    sides: dict[str, float] = field(default_factory=dict)
    lower: dict[str, float] = field(default_factory=dict)
    upper: dict[str, float] = field(default_factory=dict)


def read_mps(text: str) -> Mps:
    """Read an MPS file without ranges, by fields between blanks."""
    found, section, whole = Mps(), "", False
    for line in text.splitlines():
        if line.startswith("*") or not line.strip():
            continue
        words = line.split()
        if not line[0].isspace():
            section = words[0]
        elif section == "ROWS":
            if words[0] == "N":
                found.goal = found.goal or words[1]
            else:
                found.senses[words[1]] = words[0]
        elif section == "COLUMNS" and words[1] == "'MARKER'":
            whole = words[2] == "'INTORG'"
        elif section == "COLUMNS":
            found.columns.setdefault(words[0], {})[words[1]] = float(words[2])
            if whole:
                found.whole.add(words[0])
        elif section == "RHS":
            found.sides[words[1]] = float(words[2])
        elif section == "BOUNDS":
            value = float(words[3]) if len(words) > 3 else inf
            if words[0] in ("LO", "FX"):
                found.lower[words[2]] = value
            if words[0] in ("UP", "FX", "PL"):
                found.upper[words[2]] = value
        else:
            raise AssertionError(line)
    return found


@dataclass
class Follower:
    """What an AUX file says is the lower level's: objective by variable, and rows."""

    goal: dict[str, float]
    rows: list[str]


def read_aux(text: str) -> Follower:
    """Read an AUX file by names."""
    parts: dict[str, list[str]] = {}
    key = ""
    for line in text.splitlines():
        if line.startswith("@"):
            key = line
            parts[key] = []
        else:
            parts[key].append(line)
    goal = {n: float(c) for n, c in (line.split() for line in parts["@VARSBEGIN"])}
    assert [str(len(goal))] == parts["@NUMVARS"]
    assert [str(len(parts["@CONSTRSBEGIN"]))] == parts["@NUMCONSTRS"]
    return Follower(goal, parts["@CONSTRSBEGIN"])


def read_indices(text: str, mps: Mps) -> Follower:
    """Read an AUX file by indices."""
    said: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, value = line.split()
        said.setdefault(key, []).append(value)
    assert said["OS"] == ["1"]
    columns, rows = list(mps.columns), list(mps.senses)
    names = [columns[int(i)] for i in said["LC"]]
    assert [str(len(names))] == said["N"]
    assert [str(len(said["LR"]))] == said["M"]
    goal = dict(zip(names, map(float, said["LO"]), strict=True))
    return Follower(goal, [rows[int(i)] for i in said["LR"]])


def answer(mps: Mps, follower: Follower, plan: Mapping[str, float]) -> tuple[float, float]:
    """Return what the follower minimises, and what the leader then gets at best, under a plan."""
    names = list(follower.goal)
    at = {name: i for i, name in enumerate(names)}
    matrix = np.zeros((len(follower.rows), len(names)))
    room = np.array([mps.sides.get(row, 0.0) for row in follower.rows])
    number = {row: i for i, row in enumerate(follower.rows)}
    for name, entries in mps.columns.items():
        for row, value in entries.items():
            if row in number and name in at:
                matrix[number[row], at[name]] += value
            elif row in number:
                room[number[row]] -= value * plan[name]
            else:
                assert name not in at or row == mps.goal, "a row of the leader knows the follower"
    assert all(mps.senses[row] == "L" for row in follower.rows)
    bounds = [(mps.lower.get(n, 0.0), mps.upper.get(n, inf)) for n in names]
    goal = np.array([follower.goal[n] for n in names])
    tight: Any = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    first = linprog(goal, matrix, room, bounds=bounds, method="highs", options=tight)
    assert first.status == 0, first.message
    assert first.fun is not None
    leads = np.array([mps.columns[n].get(mps.goal, 0.0) for n in names])
    unit = 1.0 / (np.abs(goal).max() or 1.0)  # the row of the tie counts in tonnes then
    most = first.fun + 1e-9 * abs(first.fun)
    rows, sides = np.vstack([matrix, unit * goal]), np.append(room, unit * most)
    second = linprog(leads, rows, sides, bounds=bounds, method="highs", options=tight)
    assert second.status == 0, second.message
    assert second.fun is not None
    return float(first.fun), float(second.fun)
