"""Parts of a rung of `bilevel`, and what workers share that look at them side by side."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace

from flowopt.model.bilevel_milp import TargetBounds
from flowopt.model.feasible_plans import PlanConstraints, out_of_reach
from flowopt.model.formulations import Bilevel
from flowopt.model.interdiction import Interdiction
from flowopt.model.open_nodes import Path
from flowopt.model.relaxation import Relaxation
from flowopt.model.solver import MilpResult, SolverOptions

_EFFORT = 400_000_000  # simplex steps, times rows, of a relaxation and of the looks at splits
_POLL = 0.05  # seconds between looks at the clock of a worker that waits for a part

Left = tuple[Interdiction, tuple[Path, ...]]  # a programme, and the decisions to its open nodes


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Plans that hold some measures and lack others.

    Attributes
    ----------
    path : tuple of int
        At each split from the whole on, 0 for the plans with the measure and 1 for those without:
        what orders parts.
    include, exclude : frozensets of int
        The measures.
    bounds : TargetBounds
        Bounds that hold for them.
    near : float
        Regret in the relaxation from which on the part is the solver's.
    after : tuple of Part
        What is left of the whole behind it, as it was when it was split off.
    """

    path: tuple[int, ...]
    include: frozenset[int]
    exclude: frozenset[int]
    bounds: TargetBounds
    near: float
    after: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A solution in a part."""

    part: Part
    problem: Interdiction
    result: MilpResult


class RungWork:
    """Parts that wait, and what has become of others.

    Parameters
    ----------
    programme, limits, target, scale
        The programmes of the question, what plans may be, the target, and the tonnes without
        measures.
    options
        Options of the solver for all of it.
    parts
        What is open.

    Attributes
    ----------
    stop : threading.Event
        Set to end all work.
    found : Found or None
        The first solution in order, so far.
    splits : int
        How often a part was split.
    """

    def __init__(
        self,
        programme: Bilevel,
        limits: PlanConstraints,
        target: float,
        scale: float,
        options: SolverOptions,
        parts: tuple[Part, ...],
    ) -> None:
        self.programme, self.limits, self.options = programme, limits, options
        self.target, self.scale = target, scale
        self.stop = threading.Event()
        self.found: Found | None = None
        self.splits = 0
        self._efforts: list[tuple[Part, int]] = []
        self._waiting = list(parts)
        self._working: dict[tuple[int, ...], Part] = {}  # by path
        self._unfinished: list[tuple[Part, Left]] = []
        self._changed = threading.Condition()
        self._deadline = (
            None if options.time_limit is None else time.perf_counter() + options.time_limit
        )

    @property
    def deadline(self) -> float | None:
        """`time.perf_counter` at which all of it ends."""
        return self._deadline

    def late(self, patience: float = 0.0) -> bool:
        """Return whether the time is over, and so many seconds more."""
        deadline = self._deadline
        return deadline is not None and time.perf_counter() > deadline + patience

    def ended(self) -> bool:
        """Return whether nobody is to go on."""
        return self.stop.is_set() or self.late()

    def in_vain(self, part: Part) -> bool:
        """Return whether all work is stopped, or a part before this one has a solution."""
        return self.stop.is_set() or self._behind(part)

    def _behind(self, part: Part) -> bool:
        return self.found is not None and self.found.part.path < part.path

    def take(self) -> Part | None:
        """Return the last part that waits, once there is one; None at the end."""
        with self._changed:
            while not self.ended():
                self._waiting = [each for each in self._waiting if not self._behind(each)]
                if self._waiting:
                    part = self._waiting.pop()
                    self._working[part.path] = part
                    return part
                if not self._working:
                    return None
                self._changed.wait(_POLL)
            return None

    @property
    def effort(self) -> int:
        """Simplex steps, times rows, of the solver in all parts but those behind a solution."""
        return sum(effort for part, effort in self._efforts if not self._behind(part))

    def count(self, part: Part, effort: int) -> None:
        """Count work of the solver on a part."""
        with self._changed:
            self._efforts.append((part, effort))

    def close(self, part: Part, found: Found | None = None) -> None:
        """Note that a part is done, with a solution or without."""
        with self._changed:
            del self._working[part.path]
            if found is not None and not self._behind(part):
                self.found = found
            self._changed.notify_all()

    def split(self, part: Part, parts: tuple[Part, ...]) -> None:
        """Put parts in the place of one."""
        with self._changed:
            self.splits += 1
            del self._working[part.path]
            self._waiting.extend(parts)
            self._changed.notify_all()

    def leave(self, part: Part, problem: Interdiction, paths: tuple[Path, ...]) -> None:
        """Note what is open of a part when the time is over."""
        with self._changed:
            del self._working[part.path]
            self._unfinished.append((part, (problem, paths)))
            self._changed.notify_all()

    def left(self) -> list[Left]:
        """Return the programmes that are open, with the decisions that lead to their nodes."""
        with self._changed:
            untouched = (*self._waiting, *self._working.values())
            unfinished = [left for _, left in self._unfinished]
        whole: list[Left] = [(self.problem(part), ((),)) for part in untouched]
        return [*unfinished, *whole]

    def still_open(self) -> tuple[Part, ...]:
        """Return the parts that are open; from one with a solution on, as they came up."""
        with self._changed:
            stopped = (part for part, _ in self._unfinished)
            parts = (*self._waiting, *self._working.values(), *stopped)
        if self.found is None:
            return parts
        first = self.found.part
        before = (part for part in parts if part.path < first.path)
        return (*reversed(first.after), first, *before)

    def limits_of(self, part: Part) -> PlanConstraints:
        """Return what plans of a part may be."""
        within = replace(
            self.limits,
            include=self.limits.include | part.include,
            exclude=self.limits.exclude | part.exclude,
        )
        model = self.programme.model
        return replace(within, exclude=within.exclude | out_of_reach(model, within))

    def problem(self, part: Part) -> Interdiction:
        """Return the programme of the least regret in a part."""
        return self.programme.build_regret_within(
            part.bounds, self.limits_of(part), self.target, self.scale
        )

    def relaxed(self, part: Part) -> tuple[Interdiction, Relaxation, float | None]:
        """Return the programme of a part, its relaxation, and the least regret in it, if known."""
        problem = self.problem(part)
        relaxation = Relaxation(
            problem.milp, effort=_EFFORT, stop=self.stop, deadline=self._deadline
        )
        return problem, relaxation, relaxation.optimum()
