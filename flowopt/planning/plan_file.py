"""A plan from a file: any CSV table with a column `measure`, such as a result's `plan.csv`."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

from flowopt.errors import RequestError
from flowopt.reading import input_text

_COLUMN = "measure"
_MARKED = ("'=", "'+", "'-", "'@")  # what results write so that no spreadsheet runs the text


def read_plan(path: str | os.PathLike[str]) -> tuple[str, ...]:
    """Return the measures of a plan, in the order of the file.

    Parameters
    ----------
    path
        A CSV file in UTF-8 with a column ``measure``, or the folder of a result that holds a
        ``plan.csv``. Other columns are not read, wholly blank rows are left out.

    Raises
    ------
    RequestError
        When the file can't be read, has no such column, or a row does not name a measure.
    """
    place = Path(path)
    file = place / "plan.csv" if place.is_dir() else place
    try:
        text = io.StringIO(input_text(file, "utf-8-sig"), newline="")
        rows = [[cell.strip() for cell in row] for row in csv.reader(text)]
    except OSError as error:
        raise RequestError(f"{file} can't be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise RequestError(f"{file} is no CSV file in UTF-8: {error}") from error
    header = rows[0] if rows else []
    if header.count(_COLUMN) != 1:
        seen = ", ".join(header) or "nothing"
        raise RequestError(f"{file} needs one column '{_COLUMN}' in its first row; it has {seen}")
    column = header.index(_COLUMN)
    named = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        name = row[column] if column < len(row) else ""
        if not name:
            raise RequestError(f"{file}:{number}: {_COLUMN} is blank; give the id of a measure")
        named.append(name[1:] if name.startswith(_MARKED) else name)
    return tuple(named)
