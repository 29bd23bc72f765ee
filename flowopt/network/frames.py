"""Frames of pandas, to and from networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flowopt.errors import InputError, Problem
from flowopt.network import schema
from flowopt.network.assemble import assemble, given_facts
from flowopt.network.raw_tables import RawNetwork, RawTable, misread
from flowopt.network.tables import Tables, TablesT

if TYPE_CHECKING:
    import pandas


def network_from_frames(
    kind: type[TablesT], frames: Mapping[Any, object], info: Mapping[str, Any] | schema.Info
) -> TablesT:
    """Return the network that a frame per table describes, checked like a file.

    Parameters
    ----------
    kind
        The class of the network.
    frames : mapping of str to pandas.DataFrame
        Frames by table name with the columns of the format. Missing values are blanks, whole
        numbers in columns of ids are read as the digits, and lists of ids are text with `;`.
    info
        The keys of `network.toml`, None being a key left out; or another network's `info`.

    Raises
    ------
    InputError
        When the frames break the format; row numbers count as if the frame were a file.
    """
    import pandas as pd

    raw = RawNetwork(info=given_facts(info))
    for name, frame in frames.items():
        if not isinstance(name, str):
            message = f"{name!r} is no name of a table; those are texts, as 'arcs'"
            raise InputError([Problem("frames", None, None, message)])
        if not isinstance(frame, pd.DataFrame):
            message = f"a {type(frame).__name__} stands where a pandas.DataFrame belongs"
            raise InputError([Problem(f"{name}.csv", None, None, message)])
        if frame.shape[1]:  # a frame without columns counts as a table that is not there
            raw.tables[name] = _raw_table(raw, name, frame)
    return assemble(raw, kind)


def _raw_table(raw: RawNetwork, name: str, frame: pandas.DataFrame) -> RawTable:
    """Return the raw table of a frame, as if it were a file."""
    file, header = raw.file_of(name), [str(column) for column in frame.columns]
    columns = []
    for i, title in enumerate(header):
        column = frame.iloc[:, i]
        judged = column.dtype.kind not in "iuf" and not title.startswith("_")
        pairs = zip(column.tolist(), column.isna().tolist(), strict=True)
        texts = []
        for row, (value, blank) in enumerate(pairs, start=2):
            seen = misread(value) if judged and not blank else None
            if seen:
                message = f"{seen[1]}; give text or a number"
                raw.problems.append(Problem(file, row, title, message))
            texts.append("" if blank else seen[0] if seen else _text(value))
        columns.append(texts)
    rows = [(n, list(cells)) for n, cells in enumerate(zip(*columns, strict=True), start=2)]
    return RawTable(file, header, rows)


def _text(value: object) -> str:
    """Return the text of a cell in a file; 1.0 is "1", as ids of digits need it."""
    return schema.number_text(value) if isinstance(value, float) else str(value)


def network_to_frames(network: Tables) -> dict[str, pandas.DataFrame]:
    """Return one frame per table, with all columns of the format and rows in file order.

    Numbers are floats, with NaN for a blank that has no number (unlimited, off the map); the
    rest is text, "" for a blank, with `;` between ids.
    """
    import pandas as pd

    frames = {}
    for table, rows in network.tables().items():
        model = schema.TABLES[table]
        columns = {}
        for name, about in schema.columns(model).items():
            values = [getattr(row, name) for row in rows]
            if about.unit:
                columns[name] = pd.Series(values, dtype="float64")
            else:
                columns[name] = pd.Series([_joined(value) for value in values], dtype="str")
        frames[table] = pd.DataFrame(columns)
    return frames


def _joined(value: tuple[str, ...] | str | None) -> str:
    return ";".join(value) if isinstance(value, tuple) else value or ""
