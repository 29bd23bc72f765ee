"""A plan from a file: a list of measures, the plan of a result, or a row of a comparison."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from flowopt.defaults import OBJECTIVE
from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.network.read import not_there
from flowopt.reading import input_json, input_text
from flowopt.result_names import table_now

_COLUMN = "measure"
_MARKED = ("'=", "'+", "'-", "'@")  # what results write so that no spreadsheet runs the text
# Tables with a column `measure` that are no plan, by columns that no plan has.
_NO_PLAN = (
    (
        {"chosen"},
        "says of every measure whether it is in the plans of a comparison: give the folder of the "
        "comparison and the budget, --plan DIR --budget 20",
    ),
    (
        {"adds"},
        "says what would add most to a plan, and is none: the plan is the plan.csv beside it",
    ),
    ({"target"}, "says what measures do, and is no plan"),
    ({"relation", "other"}, "says which measures go together, and is no plan"),
    ({"resource", "amount"}, "says what measures take, and is no plan"),
)
_LIST = "list the ids of the plan in a column 'measure'"
_ONE_PLAN = ("network", "objective", "budget")  # columns of stacked tables
_SHOWN = 12  # budgets in a message


def read_plan(
    path: str | os.PathLike[str],
    network: Network | None = None,
    *,
    budget: float | None = None,
    objective: str = OBJECTIVE,
) -> tuple[str, ...]:
    """Return the measures of a plan, in the order of the file.

    Parameters
    ----------
    path
        A CSV file in UTF-8 with a column ``measure``, the folder of a result that holds a
        ``plan.csv``, or that of a comparison. Other columns are not read, wholly blank rows are
        left out.
    network
        The network that the plan is about; needed for a comparison.
    budget, objective
        Of a comparison: which row.

    Raises
    ------
    RequestError
        When the file can't be read, is a table of something else, has no such column, names a
        measure twice or not at all, or holds several plans; when a comparison has no such row.
    """
    place = Path(path)
    if not place.is_dir():
        return _listed(place, network)
    if (place / "plan.csv").is_file():
        return _listed(place / "plan.csv", network)
    if (place / "frontier.csv").is_file():
        return _compared(place, place / "frontier.csv", network, budget, objective)
    if (place / "plans.csv").is_file() and _summary(place).get("by") == "budget":
        return _compared(place, place / "plans.csv", network, budget, objective)
    raise RequestError(
        f"{place} holds no plan: give the folder of a result with a plan.csv, of a comparison, or "
        "a CSV file with a column 'measure'"
    )


def _listed(file: Path, network: Network | None) -> tuple[str, ...]:
    """Return the measures of a table."""
    rows = _rows(file)
    header = rows[0] if rows else []
    for columns, what in _NO_PLAN:
        if {_COLUMN, *columns} <= set(header):
            raise RequestError(f"{file} {what}; or {_LIST}")
    if header.count(_COLUMN) != 1:
        seen = ", ".join(header) or "nothing"
        raise RequestError(f"{file} needs one column '{_COLUMN}' in its first row; it has {seen}")
    column = header.index(_COLUMN)
    found: dict[str, int] = {}
    held = [(number, row) for number, row in enumerate(rows[1:], start=2) if any(row)]
    _refuse_several(file, header, [row for _, row in held])
    for number, row in held:
        name = _unmarked(row[column]) if column < len(row) else ""
        if not name:
            raise RequestError(f"{file}:{number}: {_COLUMN} is blank; give the id of a measure")
        if name in found:
            raise RequestError(
                f"{file}:{number}: {name} stands in row {found[name]} already; name each measure "
                "of the plan once"
            )
        found[name] = number
    if network is not None and "cost" in header and "rank" not in header:
        everything = {row.measure for row in network.measures}
        if len(found) > 1 and everything <= set(found):
            raise RequestError(
                f"{file} names every measure of {network.info.id}, as the network's own table "
                f"does: that is what can be bought; {_LIST}, and nothing else"
            )
    return tuple(found)


def _refuse_several(file: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Refuse a table that holds the plans of several requests."""
    held = list(rows)
    for name in _ONE_PLAN:
        if name not in header:
            continue
        column = header.index(name)
        values = list(dict.fromkeys(row[column] for row in held if column < len(row)))
        if len(values) > 1:
            raise RequestError(
                f"{file} holds the plans of several {name}s ({_shown(values)}): keep the rows of "
                "one"
            )


def _compared(
    folder: Path, file: Path, network: Network | None, budget: float | None, objective: str
) -> tuple[str, ...]:
    """Return the plan of a row of a comparison, in a table of it."""
    first, *others = _rows(file) or [[]]
    header, table = table_now(file, first, others)
    rows = [dict(zip(header, row, strict=False)) for row in table]
    if any({"network", "objective", "budget", "measures"} - set(row) for row in rows) or not rows:
        raise RequestError(f"{file} can't be read: it is not what `flowopt compare` writes")
    wanted = rows[0]["network"] if network is None else network.info.id
    for column, value, way in (
        ("network", wanted, "give that network"),
        ("objective", objective, "give --objective"),
    ):
        known = list(dict.fromkeys(row[column] for row in rows))
        rows = [row for row in rows if _unmarked(row[column]) == value]
        if not rows:
            raise RequestError(f"{folder} has {column} {_shown(known)}, not {value}: {way}")
    try:
        budgets = [float(row["budget"]) for row in rows]
    except ValueError as error:
        raise RequestError(f"{file} can't be read: {error}") from error
    choice = f"its budgets are {_shown([f'{each:g}' for each in budgets])}"
    if budget is None:
        raise RequestError(f"{folder} holds a plan for each budget; give --budget: {choice}")
    row = rows[_place(folder, budgets, budget, choice)]
    if row.get("status") == "infeasible":
        raise RequestError(f"{folder} has no plan for {budget:g} M USD")
    return tuple(name for name in _unmarked(row["measures"]).split(";") if name)


def _place(folder: Path, budgets: Sequence[float], budget: float, choice: str) -> int:
    """Return the row of a budget; with budgets ``all``, the last one within it."""
    near = 1e-9 * max(1.0, abs(budget))
    if _has_all_budgets(folder):
        reached = [place for place, each in enumerate(budgets) if each <= budget + near]
    else:
        reached = [place for place, each in enumerate(budgets) if abs(each - budget) <= near]
    if not reached:
        raise RequestError(f"{folder} has no row for {budget:g} M USD: {choice}")
    return reached[-1]


def _has_all_budgets(folder: Path) -> bool:
    return _summary(folder).get("budgets") == "all"


def _summary(folder: Path) -> dict[str, Any]:
    """Return `summary.json` of a folder, nothing where there is none."""
    try:
        summary = input_json(folder / "summary.json")
    except (OSError, ValueError):
        return {}
    return summary if isinstance(summary, dict) else {}


def _rows(file: Path) -> list[list[str]]:
    """Return the cells of a CSV file."""
    try:
        text = io.StringIO(input_text(file, "utf-8-sig"), newline="")
        return [[cell.strip() for cell in row] for row in csv.reader(text)]
    except FileNotFoundError as error:
        raise RequestError(f"{file}: {not_there(file)}") from error
    except OSError as error:
        raise RequestError(f"{file} can't be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise RequestError(f"{file} is no CSV file in UTF-8: {error}") from error


def _unmarked(cell: str) -> str:
    return cell[1:] if cell.startswith(_MARKED) else cell


def _shown(values: Sequence[str]) -> str:
    more = len(values) - _SHOWN
    return ", ".join(values[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
