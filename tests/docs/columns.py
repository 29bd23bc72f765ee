"""Columns, keys and words of results as tables of Markdown.

Those of columns are made from the docstrings of the row classes, the others from the register.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import fields, is_dataclass
from importlib import import_module

from flowopt.results.column_units import units
from flowopt.results.words import KEYS, OVER_TIME, WORDS


def column_table(name: str) -> str:
    """Return the table of a row class, such as ``flowopt.results.rows.PlanRow``.

    The columns that every table begins with are left out where the docstring leaves them out.
    """
    module, _, row = name.rpartition(".")
    lines = ["| column | type | unit | meaning |", "| --- | --- | --- | --- |"]
    found = getattr(import_module(module), row)
    unit_of = units(found)
    for names, kind, text in meanings(found):
        columns = ", ".join(f"`{column}`" for column in names)
        unit = "; ".join(dict.fromkeys(unit_of.get(column, "") for column in names))
        cells = (columns, kind, unit, text.replace("``", "`").replace("|", r"\|"))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def word_table() -> str:
    """Return all words of results, in the order of the alphabet."""
    lines = ["| word | unit | meaning |", "| --- | --- | --- |"]
    words = sorted(WORDS.values())
    for word in words:
        units_of = dict.fromkeys((word.unit, word.unit_in_all))
        lines.append(f"| `{word.name}` | {'; '.join(units_of)} | {word.meaning} |")
    return "\n".join(lines) + "\n"


def key_table(question: str) -> str:
    """Return the keys of `summary.json` of a question, in order."""
    lines = ["| key | unit | meaning |", "| --- | --- | --- |"]
    for key in KEYS[question]:
        word = WORDS[key.removesuffix("?")]
        some = " In some results only." if key.endswith("?") else ""
        unit = word.unit_in_all if question in OVER_TIME else word.unit
        lines.append(f"| `{word.name}` | {unit} | {word.meaning}{some} |")
    return "\n".join(lines) + "\n"


def meanings(row: type) -> list[tuple[tuple[str, ...], str, str]]:
    """Return (columns, type, meaning) of each entry under `Attributes` in a class's docstring.

    Those of the classes that it is made of come first, unless it describes them itself.
    """
    own = _entries(row)
    overridden = {column for names, _, _ in own for column in names}
    bases = [base for base in reversed(row.__mro__[1:]) if is_dataclass(base)]
    entries = [
        each for base in bases for each in _entries(base) if not overridden & {*each[0]}
    ] + own
    described = [column for names, _, _ in entries for column in names]
    columns = [field.name for field in fields(row)]
    if sorted(described) != sorted(columns):
        different = set(described) ^ set(columns)
        raise ValueError(f"the docstring of {row.__name__} and its fields differ in {different}")
    return entries


def _entries(row: type) -> list[tuple[tuple[str, ...], str, str]]:
    _, _, section = inspect.cleandoc(row.__doc__ or "").partition("Attributes\n----------\n")
    section = re.split(r"\n\n\w+\n-+\n", section)[0]
    return [
        (
            tuple(names.split(", ")),
            kind.replace(" or None", ", may be blank"),
            " ".join(text.split()),
        )
        for names, kind, text in re.findall(
            r"^(\w.*?) : (.*)\n((?:    .*\n?|\n)+)", section + "\n", re.MULTILINE
        )
    ]
