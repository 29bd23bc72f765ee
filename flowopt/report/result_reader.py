"""Reader of result folders, for reports."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.planning.recheck.certificate_reader import (
    Certificate,
    StatedProof,
    read_certificate,
    summary_of,
)
from flowopt.planning.recheck.json_values import MalformedError
from flowopt.planning.recheck.result_networks import as_in_result, no_result
from flowopt.reading import input_text
from flowopt.report.result_kinds import OVER_TIME
from flowopt.report.summary_schema import PLAN, schema_fault
from flowopt.result_names import table_now
from flowopt.results.displacement_rows import (
    Displacement,
    FlowChange,
    MarketChange,
    OrganisationChange,
)
from flowopt.results.evaluation import PlanCompared
from flowopt.results.rows import Alternative, Binding, NextMeasure, PlanRow

UNDER_LUCK = (
    "holds a plan whose measures may fail, and not the flow of one network; its tables, "
    "outcomes.csv first, tell what may work of it"
)
# Files by the attribute of `StoredResult`; some are there only if requested.
_TABLES = {
    "plan": ("plan", PlanRow),
    "flows": ("flows", FlowChange),
    "markets": ("markets", MarketChange),
    "displacement": ("displacement", Displacement),
}
_OPTIONAL = {
    "organisations": ("organisations", OrganisationChange),
    "following": ("next", NextMeasure),
    "beside": ("comparison", PlanCompared),
    "binding": ("binding", Binding),
    "alternatives": ("alternatives", Alternative),
}
_ADVICE = "leave the files of a result as they are, or solve again"
_NUMBERS: dict[Any, str] = {
    float: "a number",
    int: "a whole number",
    float | None: "a number or a blank",
    int | None: "a whole number or a blank",
}
_ESCAPED = ("'=", "'+", "'-", "'@", "'\t", "'\r")
Record = dict[str, str]
RowT = TypeVar("RowT")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class StoredFlow:
    """Stored flow of one network before and after a plan, read from a folder.

    Attributes
    ----------
    network : Network
        The network.
    before, after : Stated
        The trafficker's activities without measures and under the plan.
    plan, flows, markets, displacement
        Rows of the CSV files as text, by column.
    """

    network: Network
    before: StatedProof
    after: StatedProof
    plan: list[Record]
    flows: list[Record]
    markets: list[Record]
    displacement: list[Record]


@dataclass(frozen=True, slots=True)
class StoredResult(StoredFlow):
    """Stored result: a plan, read from its folder.

    Attributes
    ----------
    network : Network
        The network that it is about, by its hash.
    before, after, plan, flows, markets, displacement
        As in a `StoredFlow`.
    summary : dict
        `summary.json`.
    certificate : Certificate
        The request, and every activity before and after.
    organisations, following, beside, binding, alternatives
        Rows of the CSV files as text, by column; `following` is `next.csv`, `beside` is
        `comparison.csv`.
    picked : str
        The scenario that was taken out of the network given; "" where that was the result's own.
    """

    summary: dict[str, Any]
    certificate: Certificate
    organisations: list[Record] = field(default_factory=list)
    following: list[Record] = field(default_factory=list)
    beside: list[Record] = field(default_factory=list)
    binding: list[Record] = field(default_factory=list)
    alternatives: list[Record] = field(default_factory=list)
    picked: str = ""


def read_result(folder: str | os.PathLike[str], network: Network) -> StoredResult:
    """Read a result from its folder.

    Parameters
    ----------
    folder
        The result.
    network
        The network that it is about.

    Raises
    ------
    RequestError
        When the folder holds no plan, when a file of it can't be read, or when it is about other
        data than the network.
    """
    path = Path(folder)
    summary = read_summary(path)
    if "frontiers" in summary:
        message = (
            "holds a comparison of budgets; give the folder of one plan, as `solve --out` writes it"
        )
        raise RequestError(f"{path} {message}")
    if isinstance(summary.get("luck"), dict):
        raise RequestError(f"{path} {UNDER_LUCK}")
    if "criterion" in summary:
        message = (
            "holds one plan for several scenarios, and not the flow of one network; its tables, "
            "scenarios.csv first, have a row for each"
        )
        raise RequestError(f"{path} {message}")
    if OVER_TIME in summary:
        raise RequestError(
            f"{path} holds a result over periods, and not the flow of one year; its tables have a "
            "row for each period"
        )
    given, network = network, as_in_result(path, network)
    check_hash(path, str(summary.get("input_sha256")), network)
    certificate = attempt(path, lambda: read_certificate(path / "certificate.json"))
    if certificate.claim is None:
        raise RequestError(f"{path} holds a flow without measures; a report needs a plan of solve")
    if certificate.before is None or certificate.after is None:
        status = summary.get("status")
        raise RequestError(f"{path} holds no plan (status {status}), so there is nothing to show")
    check_schema(path, summary, PLAN)
    tables = {name: read_rows(path / f"{file}.csv", row) for name, (file, row) in _TABLES.items()}
    extra = {
        name: read_rows(path / f"{file}.csv", row) if (path / f"{file}.csv").exists() else []
        for name, (file, row) in _OPTIONAL.items()
    }
    return StoredResult(
        network=network,
        summary=summary,
        certificate=certificate,
        before=certificate.before,
        after=certificate.after,
        picked="" if network is given else network.info.scenario,
        **extra,
        **tables,
    )


def read_summary(folder: Path) -> dict[str, Any]:
    """Return `summary.json` of a folder, under the names of today.

    Raises
    ------
    RequestError
        When there is none, or it can't be read.
    """
    if not (folder / "summary.json").is_file():
        raise RequestError(no_result(folder))
    content: dict[str, Any] = attempt(folder, lambda: summary_of(folder))
    return content


def check_schema(folder: Path, summary: dict[str, Any], form: Mapping[str, Any]) -> None:
    """Refuse a summary that does not fit the schema.

    Raises
    ------
    RequestError
        When a value that a page needs is missing or of another type.
    """
    if message := schema_fault(summary, form):
        raise RequestError(f"{folder} can't be read: {message}; {_ADVICE}")


def check_hash(folder: Path, stated: str, network: Network) -> None:
    """Refuse a network that is not the one of a result.

    Raises
    ------
    RequestError
        When the hashes of their tables differ.
    """
    if stated != network.sha256:
        raise RequestError(
            f"{folder} is not about {network.info.id!r} as it is now: the result was made from "
            f"tables with sha256 {stated[:12]}..., these have {network.sha256[:12]}...; give the "
            "network it was made from, or solve again"
        )


def read_rows(path: Path, row: type[Any]) -> list[Record]:
    """Return the rows of a CSV file of a result, without the apostrophes against formulas.

    Parameters
    ----------
    path
        The file.
    row
        The class of its rows: columns that it has are there, unless they have a default, and
        numbers are numbers.

    Raises
    ------
    RequestError
        When the file is missing, can't be read, or does not fit its columns.
    """
    try:
        table = list(csv.reader(io.StringIO(input_text(path), newline=""), strict=True))
    except (OSError, ValueError, csv.Error) as error:
        raise RequestError(f"{path} can't be read: {error}") from error
    names, cells = table_now(path, table[0] if table else [], filter(None, table[1:]))
    if any(len(each) != len(names) for each in cells):
        raise RequestError(f"{path} can't be read: its rows differ in length")
    rows = [dict(zip(names, each, strict=True)) for each in cells]
    later = {each.name for each in fields(row) if each.default is not MISSING}  # added since
    kinds = {n: kind for n, kind in get_type_hints(row).items() if n in names or n not in later}
    if missing := [name for name in kinds if name not in names]:
        message = f"there is no column {missing[0]}, which was there when it was written"
        raise RequestError(f"{path} can't be read: {message}; {_ADVICE}")
    numbers = {name: kind for name, kind in kinds.items() if kind in _NUMBERS}
    for at, each in enumerate(rows, start=1):
        for name, kind in numbers.items():
            if not _is_number(each[name], kind):
                message = f"row {at}: {name}: {each[name]!r} is not {_NUMBERS[kind]}"
                raise RequestError(f"{path} can't be read: {message}; {_ADVICE}")
    return [{name: _plain(cell) for name, cell in row.items()} for row in rows]


def _is_number(text: str, kind: Any) -> bool:
    """Return whether a cell is a number of the kind of a column; only some may be blank."""
    if not text:
        return kind not in (int, float)
    try:
        return math.isfinite(int(text) if kind in (int, int | None) else float(text))
    except ValueError:
        return False


def typed_row(row: type[RowT], record: Record) -> RowT:
    """Return a row of a table from its text, without further columns; a blank number is None."""
    kinds = get_type_hints(row)
    return row(
        **{
            name: record[name]
            if kind is str
            else int(record[name])
            if kind is int
            else float(record[name])
            if record[name]
            else None
            for name, kind in kinds.items()
        }
    )


def typed_rows(path: Path, row: type[RowT]) -> tuple[RowT, ...]:
    """Return the rows of a CSV file of a result, numbers as numbers.

    Raises
    ------
    RequestError
        As `read_rows`.
    """
    return tuple(typed_row(row, record) for record in read_rows(path, row))


def number(cell: str) -> float:
    """Return the number of a cell, 0 for a blank."""
    return float(cell) if cell else 0.0


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith(_ESCAPED) else cell


def attempt(folder: Path, read: Callable[[], Found]) -> Found:
    """Return what is read from a folder.

    Raises
    ------
    RequestError
        When the file is malformed.
    """
    try:
        return read()
    except MalformedError as error:
        raise RequestError(f"{folder} can't be read: {error}") from error
