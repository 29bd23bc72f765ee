"""Limits of a workbook, checked in its archive before a library unpacks it.

A workbook is an archive of XML. A few megabytes may unpack to many gigabytes, and a short line may
stand for billions of cells.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from xml.parsers import expat

_MOST_UNPACKED = 2**30  # bytes: ten million cells take about half of it
_MOST_RATIO = 100  # unpacked bytes for each packed one, beyond _PLAIN; spreadsheets reach 20
_PLAIN = 2**26
_MOST_MARKS = 60_000_000  # elements begin and end with one; a cell has four to six
_MOST_AREA = 1_000_000  # cells of merged areas and of links, which the library makes one by one
_CHUNK = 2**20
_OVERLAP = 256  # bytes in which an area's element has room
# Other programs name the elements x:mergeCell and the like.
_AREA = re.compile(
    rb"<(?:[\w.-]+:)?(?:mergeCell|hyperlink)\s[^>]{0,200}?ref\s*=\s*[\"']"
    rb"([A-Za-z]{1,4})([0-9]{1,9}):([A-Za-z]{1,4})([0-9]{1,9})[\"']"
)


def exceeded_limit(data: bytes) -> str:
    """Return the limit that the archive of a workbook exceeds, as a message; "" for none.

    Raises
    ------
    zipfile.BadZipFile, and what else the library of archives raises
        When it is no archive.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        size = sum(part.file_size for part in parts)
        if size > _MOST_UNPACKED or size > max(_PLAIN, _MOST_RATIO * len(data)):
            return f"unpacks to {size:,} bytes from {len(data):,}, more than is read"
        marks = area = 0
        for part in parts:
            if not part.filename.lower().endswith((".xml", ".rels", ".vml")):
                continue
            marks_there, area_there = _count(_pieces(archive, part))
            marks, area = marks + marks_there, area + area_there
            if marks > _MOST_MARKS:
                return "has more than about ten million cells, the most that is read"
            if area > _MOST_AREA:
                return f"merges or links more than {_MOST_AREA:,} cells; unmerge them"
            if message := _prolog(_pieces(archive, part)):
                return f"{message} in {part.filename!r}, which no spreadsheet writes"
    return ""


def _pieces(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(part) as file:
        while piece := file.read(_CHUNK):
            yield piece


def _count(pieces: Iterator[bytes]) -> tuple[int, int]:
    """Return the numbers of marks of a part, and of cells of its areas."""
    marks = area = 0
    rest = b""
    for piece in pieces:
        marks += piece.count(b"<")
        text = rest + piece
        end = 0
        for found in _AREA.finditer(text):
            end = found.end()
            width = abs(_column(found[3]) - _column(found[1])) + 1
            area += width * (abs(int(found[4]) - int(found[2])) + 1)
        rest = text[max(end, len(text) - _OVERLAP) :]
    return marks, area


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number


def _prolog(pieces: Iterator[bytes]) -> str:
    """Return the fault before the first element of a part; "" for none.

    Entities are declared there, and a part in another encoding would pass the counting.
    """
    found: list[str] = []
    begun: list[str] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, _: begun.append(name)
    parser.StartDoctypeDeclHandler = lambda *_: found.append("declares a document type")
    with suppress(expat.ExpatError):  # the library reports it
        for piece in pieces:
            if not begun and piece.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
                found.append("uses another encoding than UTF-8")
            parser.Parse(piece, False)
            if begun or found:
                return found[0] if found else ""
        parser.Parse(b"", True)  # or a part that the parser puts off would never be checked
    return found[0] if found else ""
