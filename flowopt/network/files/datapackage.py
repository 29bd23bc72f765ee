"""Data package descriptor of a folder, so that others can check it without flowopt.

Frictionless Data Package and Table Schema, version 1 (https://specs.frictionlessdata.io): a
resource for each CSV file, its columns made from the row models.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flowopt.network import schema
from flowopt.network.column_types import ColumnType, column_types
from flowopt.network.columns import Column
from flowopt.network.tables import Tables

_ABOUT = (
    "A network for flowopt, which finds where a limited budget cuts the most flow. What this "
    "descriptor cannot say: `target` in effects, earnings, changes, ranges, openings and trends is "
    "an id of the table that `on` names, or a glob over its ids, and `column` there one of its "
    "columns; `target` in reforms is a measure or a glob over measures; a cell with `;` holds "
    "several ids, each of the table that the column's description names; the order of periods; and "
    "everything between rows, such as pools, rules and recipes. `flowopt check` judges all of it."
)
_DIALECT = {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "skipInitialSpace": False,
            "header": True}  # fmt: skip
_IDS = "^[^;]+(;[^;]+)*$"  # of a list; blanks around an id do no harm


def descriptor(network: Tables, columns: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the descriptor of a network's folder.

    Parameters
    ----------
    network
        The network.
    columns
        The columns of each file in order, by the name of the table; tables without a file are
        left out.
    """
    info = network.info
    about: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": re.sub(r"[^a-z0-9._-]+", "-", info.id.lower()).strip("-") or "network",
        "id": info.id,
        "title": info.title,
        "description": f"{info.description}\n\n{_ABOUT}".lstrip(),
        "licenses": [{"name": re.sub(r"[^A-Za-z0-9._-]+", "-", info.license).strip("-") or "other",
                      "title": info.license}],
        "resources": [_resource(table, names, columns) for table, names in columns.items()],
    }  # fmt: skip
    if not info.license:
        del about["licenses"]
    return about


def _resource(
    table: str, names: Sequence[str], columns: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    row = schema.TABLES[table]
    return {
        "profile": "tabular-data-resource",
        "name": table,
        "path": f"{table}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "description": row.__doc__,
        "dialect": _DIALECT,
        "schema": _schema(row, names, columns),
    }


def _schema(
    row: type[schema.Row], names: Sequence[str], columns: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """Return the columns, the primary key, and the references to other tables."""
    known, column_type = schema.columns(row), column_types(row)
    about: dict[str, Any] = {
        "fields": [_field(name, known[name], column_type[name]) for name in names],
        "missingValues": [""],
    }
    # A blank may be part of a key of ours, but of no primary key.
    if row.key and all(column_type[name].needed for name in row.key):
        about["primaryKey"] = list(row.key)
    foreign = []
    for name in names:
        refers = known[name].refers
        if refers in columns and column_type[name].kind == "text" and name != "target":
            there = "" if refers == row.table else refers
            reference = {"resource": there, "fields": [schema.TABLES[refers].key[0]]}
            foreign.append({"fields": [name], "reference": reference})
    if foreign:
        about["foreignKeys"] = foreign
    return about


def _field(name: str, about: Column, column_type: ColumnType) -> dict[str, Any]:
    """Return a column: its type, unit, meaning, and constraints."""
    words = [f"{about.meaning}."]
    if about.refers:
        words.append(f"Refers to {about.refers}.")
    words.append(f"Blank: {about.blank}." if about.blank else "")
    constraints: dict[str, Any] = {"required": True} if column_type.needed else {}
    if column_type.least is not None:
        constraints["minimum"] = column_type.least
    if column_type.most is not None:
        constraints["maximum"] = column_type.most
    if column_type.options:
        constraints["enum"] = list(column_type.options)
    if column_type.kind == "list":
        constraints["pattern"] = _IDS
    field: dict[str, Any] = {
        "name": name,
        "type": "number" if column_type.kind == "number" else "string",
        "description": " ".join(filter(None, words)),
        "unit": about.unit,
        "constraints": constraints,
    }
    return {key: value for key, value in field.items() if value}
