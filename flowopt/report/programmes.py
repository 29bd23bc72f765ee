"""Mathematical programmes as files: LP and MPS for any solver, MPS with AUX for bilevel ones.

*MPS.* Free format, one entry a line, since names are longer than the eight signs of the fixed
format; every bound is written out, since readers disagree on what integers without one may be.

*LP.* The format of CPLEX as HiGHS, CBC, SCIP, GLPK and Gurobi read it.

*Two levels.* The MPS file holds all variables and rows, and the planner's objective. What is the
trafficker's stands beside it, twice: by names in ``.aux``, as in BOBILib (``@NUMVARS``,
``@NUMCONSTRS``, ``@VARSBEGIN`` name and coefficient ``@VARSEND``, ``@CONSTRSBEGIN`` names
``@CONSTRSEND``, ``@NAME``, ``@MPS``), and by indices in ``.txt``, which every release of MibS reads
while their words for the former differ (``N`` and ``M``, how many variables and rows; ``LC`` a
variable, ``LR`` a row, both counted from 0 without the objective; ``LO`` a coefficient of the
objective; ``OS`` 1: it is minimised). Bounds of the trafficker's variables are the trafficker's.

Numbers have as many digits as it takes to read the same number back.

Sources: MibS, "Input file format", https://coin-or.github.io/MibS/input.html; BOBILib,
https://bobilib.org/documentation.html.
"""

from __future__ import annotations

import csv
import io
import os
import textwrap
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from flowopt._version import __version__
from flowopt.atomic import check_file, write_files
from flowopt.errors import RequestError
from flowopt.model.bilevel_program import TwoLevels
from flowopt.model.milp import Milp
from flowopt.network.schema import number_text
from flowopt.objectives import OBJECTIVES
from flowopt.planning.formulate import Formulation
from flowopt.planning.luck_formulation import FormulatedOutcome
from flowopt.report.result_writer import cell

SYMBOLS = ".symbols.csv"
# The endings of all files that belong to one, by its own. The names that the symbols explain are
# those of one programme, so programmes of one stem can't share them.
FILES = {
    ".lp": (".lp", f".lp{SYMBOLS}"),
    ".mps": (".mps", f".mps{SYMBOLS}"),
    ".aux": (".mps", ".aux", ".txt", f".mps{SYMBOLS}"),
}
_WIDTH = 96
_NOTHING = "nothing"  # a variable for rows without any: LP has no word for an empty sum


def write_programme(
    programme: Formulation, path: str | os.PathLike[str], *, force: bool = False
) -> tuple[Path, ...]:
    """Write a programme as ``.lp``, ``.mps`` or, with two levels, ``.aux`` with its ``.mps``.

    Parameters
    ----------
    programme
        From `formulate`.
    path
        The file; beside it comes one that ends in ``.lp.symbols.csv`` or ``.mps.symbols.csv`` and
        says what each name stands for.
    force
        Whether files that are there may be replaced.

    Returns
    -------
    tuple of Path
        The files.

    Raises
    ------
    RequestError
        When the name ends in something else, or in what does not go with the levels, or when a
        file is there already or can't be written.
    """
    check_programme_place(Path(path), force=force)
    files = programme_files(programme, Path(path))
    write_files(files, force=force)
    return tuple(files)


def check_programme_place(path: Path, *, force: bool = False) -> None:
    """Check a path before any work, as `write_programme` would after it.

    Parameters
    ----------
    path
        The file.
    force
        Whether files that are there may be replaced.

    Raises
    ------
    RequestError
        When the name ends in something else, a file is there that may not be replaced, or an
        ``.mps`` belongs to an ``.aux``, which would then be about another programme.
    """
    suffix = _suffix(path)
    for ending in FILES[suffix]:
        check_file(path.with_suffix(ending), force=force)
    aux = path.with_suffix(".aux")
    if suffix == ".mps" and aux.exists():
        raise RequestError(f"{path} is the upper part of {aux}; give another name")


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in FILES:
        raise RequestError(f"{path}: end the name of a programme in {', '.join(FILES)}")
    return suffix


def programme_files(programme: Formulation, path: Path) -> dict[Path, str]:
    """Return the files of a programme: the one asked for, those it needs, and its symbols.

    Parameters
    ----------
    programme
        From `formulate`; with two levels for ``.aux``, with one for the others.
    path
        Ends in ``.lp``, ``.mps`` or ``.aux``.

    Raises
    ------
    RequestError
        When the name ends in something else, or in what does not go with the levels.
    """
    suffix, levels = _suffix(path), programme.levels
    if (suffix == ".aux") != (levels is not None):
        raise RequestError(f"{path}: a programme of two levels ends in .aux, and no other does")
    symbols = FILES[suffix][-1]
    about = _about(programme, symbols)
    texts = {symbols: _symbols_text(programme)}
    if suffix == ".lp":
        texts[suffix] = lp_text(programme.milp, about)
    else:
        texts[".mps"] = mps_text(programme.milp, about)
    if levels is not None:
        texts[suffix] = aux_text(levels, path.with_suffix(".mps").name)
        texts[".txt"] = index_text(levels)
    return {path.with_suffix(ending): texts[ending] for ending in FILES[suffix]}


def _about(programme: Formulation, symbols: str) -> list[str]:
    """Return lines of comment; ids in ASCII, since not every reader of programmes knows UTF-8."""
    unit = OBJECTIVES[programme.objective].unit
    levels = "the planner's level; the trafficker's stands in the .aux file"
    return [
        f"flowopt {__version__}, network {programme.network!a}, "
        f"tables {programme.input_sha256[:12]}",
        f"objective {programme.objective}, minimised, in {unit} a year; "
        f"budget {programme.budget:.12g}",
        levels if programme.levels else "one level: the trafficker answers by its prices",
        f"what each name stands for is in the {symbols} file",
        *_about_luck(programme.outcomes),
    ]


def _about_luck(outcomes: Sequence[FormulatedOutcome]) -> Iterator[str]:
    """Yield lines of comment on what may work, and in which block it is looked at."""
    if not outcomes:
        return
    yield "measures may fail: the objective is the mean over what works"
    yield "what may work of all measures that a plan may hold, and its block, whose number begins"
    yield "the names of its variables and rows, as o1_ or o2_:"
    for row in outcomes:
        fails = f"fails {row.fails.replace(';', ', ')!a}" if row.fails else "no measure fails"
        if row.failed_effects:
            fails += f"; of the rest, effects by row: {row.failed_effects.replace(';', ', ')} fail"
        line = f"block {row.block}, probability {row.probability:.12g}: {fails}"
        yield from textwrap.wrap(line, _WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _symbols_text(programme: Formulation) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    rows = programme.symbols
    writer.writerow(rows.columns)
    writer.writerows(map(cell, record) for record in rows.records())
    return out.getvalue()


# -- MPS ------------------------------------------------------------------------------------------


def mps_text(milp: Milp, about: list[str]) -> str:
    """Return a programme as MPS."""
    lines = [*(f"* {line}" for line in about), "NAME          flowopt", "ROWS", " N  obj"]
    kinds = [_kind(lo, up) for lo, up in zip(milp.row_lower, milp.row_upper, strict=True)]
    lines += [f" {kind[0]}  {name}" for kind, name in zip(kinds, milp.row_names, strict=True)]
    lines += ["COLUMNS", *_columns(milp), "RHS"]
    for (_, side, _), name in zip(kinds, milp.row_names, strict=True):
        if side != 0.0:
            lines.append(_entry("RHS", name, side))
    if any(width for _, _, width in kinds):
        lines.append("RANGES")
        for (_, _, width), name in zip(kinds, milp.row_names, strict=True):
            if width:
                lines.append(_entry("RNG", name, width))
    return "\n".join([*lines, "BOUNDS", *_bounds(milp), "ENDATA", ""])


def _kind(lower: float, upper: float) -> tuple[str, float, float]:
    """Return a row's sense, right-hand side and range."""
    if lower == upper:
        return "E", upper, 0.0
    if np.isfinite(upper):
        return "L", upper, upper - lower if np.isfinite(lower) else 0.0
    return ("G", lower, 0.0) if np.isfinite(lower) else ("N", 0.0, 0.0)


def _entry(first: str, second: str, value: float) -> str:
    return f"    {first:<8}  {second:<8}  {number_text(value)}"


def _columns(milp: Milp) -> Iterator[str]:
    matrix = milp.matrix.tocsc()
    indptr, indices, data = (a.tolist() for a in (matrix.indptr, matrix.indices, matrix.data))
    markers, whole = 0, False
    integer, cost = milp.integer.tolist(), milp.cost.tolist()
    for column, name in enumerate(milp.names):
        if integer[column] != whole:
            whole = integer[column]
            yield _marker(markers, "INTORG" if whole else "INTEND")
            markers += 1
        first, last = indptr[column], indptr[column + 1]
        if cost[column] != 0.0 or first == last:
            yield _entry(name, "obj", cost[column])
        for k in range(first, last):
            yield _entry(name, milp.row_names[indices[k]], data[k])
    if whole:
        yield _marker(markers, "INTEND")


def _marker(number: int, word: str) -> str:
    name = f"M{number}"
    return f"    {name:<8}  'MARKER'                 '{word}'"


def _bounds(milp: Milp) -> Iterator[str]:
    for name, lower, upper in zip(
        milp.names, milp.lower.tolist(), milp.upper.tolist(), strict=True
    ):
        if lower == upper:
            yield f" FX BND       {name:<8}  {number_text(upper)}"
            continue
        if lower == -np.inf:
            yield f" MI BND       {name}"
        elif lower != 0.0:
            yield f" LO BND       {name:<8}  {number_text(lower)}"
        if np.isfinite(upper):
            yield f" UP BND       {name:<8}  {number_text(upper)}"
        else:
            yield f" PL BND       {name}"


# -- LP -------------------------------------------------------------------------------------------


def lp_text(milp: Milp, about: list[str]) -> str:
    """Return a programme as LP."""
    lines = [*(f"\\ {line}" for line in about), "Minimize"]
    costly = np.flatnonzero(milp.cost).tolist()
    lines += _sum("obj", [(float(milp.cost[j]), milp.names[j]) for j in costly], "")
    lines.append("Subject To")
    indptr, indices, data = (
        a.tolist() for a in (milp.matrix.indptr, milp.matrix.indices, milp.matrix.data)
    )
    sides = zip(milp.row_names, milp.row_lower.tolist(), milp.row_upper.tolist(), strict=True)
    for (first, last), (name, lower, upper) in zip(pairwise(indptr), sides, strict=True):
        terms = [(data[k], milp.names[indices[k]]) for k in range(first, last)]
        for label, side in _sides(name, lower, upper):
            lines += _sum(label, terms, side)
    lines.append("Bounds")
    lines += [f" {_NOTHING} = 0"] if any(f" {_NOTHING}" in line for line in lines) else []
    for name, lower, upper in zip(
        milp.names, milp.lower.tolist(), milp.upper.tolist(), strict=True
    ):
        if lower == upper:
            lines.append(f" {name} = {number_text(upper)}")
        else:
            low = "-inf" if lower == -np.inf else number_text(lower)
            high = "+inf" if upper == np.inf else number_text(upper)
            lines.append(f" {low} <= {name} <= {high}")
    whole = [name for name, integer in zip(milp.names, milp.integer, strict=True) if integer]
    if whole:
        lines += ["General", *(f" {name}" for name in whole)]
    return "\n".join([*lines, "End", ""])


def _sides(name: str, lower: float, upper: float) -> Iterator[tuple[str, str]]:
    """Yield a name and a side for each inequality of a row."""
    if lower == upper:
        yield name, f"= {number_text(upper)}"
        return
    both = np.isfinite(lower) and np.isfinite(upper)
    if np.isfinite(upper):
        yield f"{name}_le" if both else name, f"<= {number_text(upper)}"
    if np.isfinite(lower):
        yield f"{name}_ge" if both else name, f">= {number_text(lower)}"


def _sum(label: str, terms: list[tuple[float, str]], side: str) -> list[str]:
    """Return a sum of terms and its side, broken into lines as readers of LP need it."""
    words = [f"{'-' if v < 0 else '+'} {number_text(abs(v))} {name}" for v, name in terms]
    lines, line = [], f" {label}:"
    for word in [*(words or [f"0 {_NOTHING}"]), side]:
        if len(line) + len(word) >= _WIDTH:
            lines.append(line)
            line = " "
        line += f" {word}" if word else ""
    return [*lines, line]


# -- two levels -----------------------------------------------------------------------------------


def aux_text(levels: TwoLevels, mps: str, name: str = "flowopt") -> str:
    """Return the trafficker's variables and rows, by names."""
    below, held, goal = _below(levels)
    milp = levels.milp
    return "\n".join(
        [
            "@NUMVARS", str(len(below)),
            "@NUMCONSTRS", str(len(held)),
            "@VARSBEGIN",
            *(f"{milp.names[j]} {number_text(c)}" for j, c in zip(below, goal, strict=True)),
            "@VARSEND",
            "@CONSTRSBEGIN", *(milp.row_names[i] for i in held), "@CONSTRSEND",
            "@NAME", name,
            "@MPS", mps, "",
        ]
    )  # fmt: skip


def index_text(levels: TwoLevels) -> str:
    """Return the trafficker's variables and rows, by indices."""
    below, held, goal = _below(levels)
    return "\n".join(
        [
            f"N {len(below)}",
            f"M {len(held)}",
            *(f"LC {j}" for j in below),
            *(f"LR {i}" for i in held),
            *(f"LO {number_text(c)}" for c in goal),
            "OS 1",
            "",
        ]
    )


def _below(levels: TwoLevels) -> tuple[list[int], list[int], list[float]]:
    goal = (levels.goal[levels.below] + 0.0).tolist()  # + 0.0 makes -0.0 plain 0.0
    return np.flatnonzero(levels.below).tolist(), np.flatnonzero(levels.held).tolist(), goal
