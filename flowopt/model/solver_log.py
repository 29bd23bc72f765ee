"""Log of the solvers' own output in a file: what HiGHS, SCIP or CBC print, run after run.

The solvers append to the file while they work, so that it can be followed; nothing of it reaches
the terminal. A file is appended to only if it is such a log: nothing of others is damaged.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flowopt._version import __version__
from flowopt.disk import check_writable, telling
from flowopt.errors import RequestError
from flowopt.model.milp import Milp

_FIRST = "# Solver log of flowopt"


@contextmanager
def logged(path: Path | None, question: str) -> Iterator[None]:
    """Keep the log of a question, where one is wanted, in a new file or after earlier ones.

    Parameters
    ----------
    path
        The file.
    question
        What is asked, in a line.

    Raises
    ------
    RequestError
        When the place can't be written, or something else is there.
    """
    if path is None:
        yield
        return
    with telling(path):
        _check(path)
        _append(path, f"{_FIRST} {__version__}: {question}\n")
    yield
    with suppress(OSError):
        text = path.read_text(encoding="utf-8", errors="replace")
        if "\n## " not in text.rpartition(_FIRST)[2]:
            _append(path, "\nNo programme went to a solver: the plans were tried one by one.\n")


def _check(path: Path) -> None:
    """Refuse a place that can't be written, or where something else is."""
    if path.is_file():
        with path.open(encoding="utf-8", errors="replace") as file:
            known = file.readline().startswith(_FIRST)
        if not known:
            raise RequestError(f"{path} is no solver log of flowopt; give another name")
    elif path.exists():
        raise RequestError(f"{path} is no file; give the name of one")
    check_writable(path.parent)


def log_run(path: Path | None, solver: str, milp: Milp, limits: str) -> None:
    """Head the output of a run that follows; a disk that fills meanwhile stops no solve."""
    if path is not None:
        rows, columns = milp.matrix.shape
        with suppress(OSError):
            _append(path, f"\n## {solver}: {columns:,} variables, {rows:,} rows, {limits}\n\n")


def log_output(path: Path, output: Path) -> None:
    """Append the output of a solver that writes a file of its own."""
    with suppress(OSError):
        _append(path, output.read_text(encoding="utf-8", errors="replace"))


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
