"""The output shown in the README and in `docs/`: `python -m tests.readme` writes it again.

A block of text below `<!-- output: COMMAND -->` is what that command prints; it may end in
`| head -n N`. What takes a solver long is not solved again: below
`<!-- output, from FOLDER: COMMAND -->` stands what `flowopt solve` prints of the result in FOLDER,
which a test of its own holds to the command. The picture below
`<!-- picture, from FOLDER: NAME -->` is the one that `flowopt report --svg` draws of it. The table
below `<!-- columns: CLASS -->` is made of the class's docstring, those below
`<!-- keys: QUESTION -->` and `<!-- words -->` of the register of words.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

from flowopt.network.read import read_network
from flowopt.planning.evaluate import evaluate
from flowopt.report.pictures import drawings, drawn
from flowopt.report.result_reader import read_result
from flowopt.report.solution_text import solution_report
from flowopt.results.plan_result import Seconds, SolverRun
from flowopt.results.rows import NextMeasure, PlanRow, Rows
from flowopt.results.solution import Solution
from tests.command import run as in_process
from tests.docs.columns import column_table, key_table, word_table
from tests.networks import ROOT, shipped

README = ROOT / "README.md"
PAGES = (README, *sorted((ROOT / "docs").rglob("*.md")))

_SHOWN = re.compile(
    r"(<!-- output(?:, from (?P<folder>\S+))?: (?P<command>.*?) -->\n```text\n)"
    r"(?P<text>.*?)(```)",
    re.DOTALL,
)
_PICTURE = re.compile(
    r"<!-- picture, (?:from (?P<folder>\S+)|of (?P<command>flowopt .*?)): (?P<name>\w+) -->\n"
    r"!\[[^]]*\]\((?P<file>[^)]+)\)"
)
_COLUMNS = re.compile(r"(<!-- columns: (?P<name>\S+) -->\n\n)(?P<table>(?:\|.*\n)*)")
_WORDS = re.compile(r"(<!-- (?:keys: (?P<question>\S+)|words) -->\n\n)(?P<table>(?:\|.*\n)*)")
RowT = TypeVar("RowT")


def run(command: str, folder: str | None = None) -> str:
    """Return what a `flowopt` command of a page prints, without blanks at line ends."""
    command, _, head = command.partition(" | head -n ")
    program, *words = shlex.split(command)
    assert program == "flowopt"
    if folder is None:
        done = in_process(*words)
        assert done.returncode == 0, done.stderr
        text = done.stdout
    else:
        text = printed(ROOT / folder, full="--full" in words)
    lines = [f"{line.rstrip()}\n" for line in text.splitlines()]
    return "".join(lines[: int(head)] if head else lines)


def printed(folder: Path, *, full: bool) -> str:
    """Return what `flowopt solve` printed of the result that it wrote to a folder."""
    said: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    network = shipped(said["network"])
    compared = evaluate(network, measures=said["measures"], objective=said["objective"], alone=True)
    same = ("network", "input_sha256", "objective", "budget", "resources", "status", "baseline")
    solution = Solution(
        **{name: said[name] for name in (*same, "value", "bound", "spent", "used")},
        plan=_rows(folder / "plan.csv", PlanRow),
        measures=tuple(said["measures"]),
        before=compared.before,
        after=compared.after,
        solver=SolverRun(**said["solver"]),
        seconds=Seconds(**said["seconds"]),
        next=_rows(folder / "next.csv", NextMeasure),
        warnings=tuple(said["warnings"]),
    )
    with redirect_stdout(io.StringIO()) as out:
        solution_report(network, solution, full=full)
    return out.getvalue()


def _rows(file: Path, row: type[RowT]) -> Rows[RowT]:
    """Read a table of a result back."""
    of = {
        name: next((part for part in get_args(hint) if part is not NoneType), hint)
        for name, hint in get_type_hints(row).items()
    }
    with file.open(encoding="utf-8", newline="") as lines:
        return Rows(
            row,
            [
                row(**{name: kind(line[name]) if line[name] else None for name, kind in of.items()})
                for line in csv.DictReader(lines)
            ],
        )


def shown() -> Iterator[tuple[str, str, str | None, str]]:
    """Yield the page, the command, where its result stands, and the output shown."""
    for page in PAGES:
        for found in _SHOWN.finditer(page.read_text(encoding="utf-8")):
            place = page.relative_to(ROOT).as_posix()
            yield place, found["command"], found["folder"], found["text"]


def pictures() -> Iterator[tuple[Path, str, str]]:
    """Yield the file of each picture shown, what its result is, and its name there.

    The result is a folder of the repository, or a quick command.
    """
    for page in PAGES:
        for found in _PICTURE.finditer(page.read_text(encoding="utf-8")):
            yield page.parent / found["file"], found["folder"] or found["command"], found["name"]


def picture(folder: str, name: str) -> bytes:
    """Return a picture of a result, or of what a command writes, as SVG."""
    if folder.startswith("flowopt "):
        with TemporaryDirectory() as scratch:
            out = Path(scratch) / "out"
            run(f"{folder} --out {out}")
            run(f"flowopt report {out} --svg")
            return (out / f"{name}.svg").read_bytes()
    result = read_result(ROOT / folder, read_network(ROOT / folder / "network.json"))
    (drawing,) = drawn({name: drawings(result)[name]}, ROOT / folder, ["svg"]).values()
    return drawing


def with_tables(text: str) -> str:
    """Return a page with the tables of columns, keys and words as they are to be."""
    text = _COLUMNS.sub(lambda found: f"{found[1]}{column_table(found['name'])}", text)
    return _WORDS.sub(lambda found: found[1] + _words(found["question"]), text)


def _words(question: str | None) -> str:
    return word_table() if question is None else key_table(question)


def tables() -> Iterator[tuple[str, str, str]]:
    """Yield the page, the row class and the text of each table of columns."""
    for page in PAGES:
        for found in _COLUMNS.finditer(page.read_text(encoding="utf-8")):
            yield page.relative_to(ROOT).as_posix(), found["name"], found["table"]


if __name__ == "__main__":
    for file, folder, name in pictures():
        file.write_bytes(picture(folder, name))
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        fresh = _SHOWN.sub(
            lambda found: f"{found[1]}{run(found['command'], found['folder'])}{found[5]}", text
        )
        fresh = with_tables(fresh)
        if fresh != text:
            page.write_text(fresh, encoding="utf-8")
