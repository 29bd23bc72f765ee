"""Workbooks changed as spreadsheets change them, and the faults that are then reported."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from flowopt.errors import InputError
from flowopt.network.read import read_network


def told(path: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_network(path)
    return [str(problem) for problem in caught.value.problems]


def put(sheet: str, place: str, value: object) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        book[sheet][place].value = value

    return change


def spliced(path: Path, name: str, old: str, new: str) -> Path:
    """Change the XML of a workbook, where openpyxl can't write what spreadsheets write."""
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    text = parts[name].decode()
    assert old in text
    parts[name] = text.replace(old, new, 1).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return path


def sheet_file(path: Path, name: str) -> str:
    names = openpyxl.load_workbook(path, read_only=True).sheetnames
    return f"xl/worksheets/sheet{names.index(name) + 1}.xml"


def own(cells: Sequence[Any]) -> list[Any]:
    """Return the cells of a row but for those of names beside ids."""
    titles = [cell.value or "" for cell in cells[0].parent[1]]
    return [cell for cell, title in zip(cells, titles, strict=True) if title[:1] != "_"]
