"""The errors `flowopt` raises on purpose, and the exit code each one means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flowopt.plain_text import cut, visible

_LONGEST = 2_000  # letters of a message: an id that it quotes may fill a cell


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong (or odd) in a planner's files, with its place; as text, one line.

    Attributes
    ----------
    file : str
        The table's file, as ``arcs.csv``.
    row : int or None
        The row as an editor shows it (the header is row 1); None for the table as a whole.
    column : str or None
        The column; None for the row as a whole.
    message : str
        What is wrong, the value seen, and how to mend it.
    """

    file: str
    row: int | None
    column: str | None
    message: str

    def __str__(self) -> str:
        place = self.file if self.row is None else f"{self.file}:{self.row}"
        column = None if self.column is None else cut(self.column)
        return visible(": ".join(filter(None, (place, column, cut(self.message, _LONGEST)))))

    @property
    def place(self) -> tuple[str, int, str]:
        """File, row and column, by which problems are sorted."""
        return (self.file, self.row or 0, self.column or "")


class FlowoptError(Exception):
    """Anything `flowopt` refuses or fails to do; `exit_code` is what the command line ends with."""

    exit_code = 4


class InputError(FlowoptError):
    """The network's files are wrong; `problems` lists everything found, sorted by place."""

    exit_code = 1

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: p.place))
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        return (type(self), (self.problems,))


class RequestError(FlowoptError):
    """The question is wrong: an unknown measure, a negative budget, an option out of range."""

    exit_code = 2


class SolverError(FlowoptError):
    """A solver failed, is missing, has no licence, or contradicted a check of its answer."""

    exit_code = 4


class OutOfTime(FlowoptError):
    """A time limit that is over before there is any answer, even what the trafficker does today."""

    exit_code = 3
