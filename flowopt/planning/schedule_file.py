"""A schedule from a file: a CSV table of the measures in force in each period."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

from flowopt.errors import RequestError
from flowopt.network.read import not_there
from flowopt.reading import input_text

_NEEDED = ("period", "measure")
_NO = ("", "0", "no")  # cells of `in_force` that say that it is not


def read_schedule(path: str | os.PathLike[str]) -> list[str]:
    """Return the measures in force that a file lists, as ``m01@2015``.

    Parameters
    ----------
    path
        A CSV file in UTF-8 with the columns ``period`` and ``measure``, and perhaps ``in_force``,
        whose blank cells leave a row out. Other columns are not read.

    Raises
    ------
    RequestError
        When it can't be read, or lists nothing.
    """
    file = Path(path)
    if not file.is_file():
        raise RequestError(f"{file}: {not_there(file) if not file.exists() else 'is no file'}")
    reader = csv.DictReader(io.StringIO(input_text(file)))
    columns = reader.fieldnames or ()
    if missing := [name for name in _NEEDED if name not in columns]:
        raise RequestError(
            f"{file}: there is no column {' and no column '.join(map(repr, missing))}; a schedule "
            "has period and measure, a row for each measure in force in each period"
        )
    found = []
    for number, row in enumerate(reader, start=2):
        cells = {name: (row.get(name) or "").strip() for name in (*_NEEDED, "in_force")}
        if not cells["period"] and not cells["measure"]:
            continue
        if not cells["period"] or not cells["measure"]:
            raise RequestError(f"{file}, row {number}: give both a period and a measure")
        if "in_force" not in columns or cells["in_force"].casefold() not in _NO:
            found.append(f"{cells['measure']}@{cells['period']}")
    if not found:
        raise RequestError(f"{file}: lists no measure in force")
    return found
