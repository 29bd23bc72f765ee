"""`python -m tests.hunt.ladder`: the proofs of `bilevel` by targets, held against brute force.

It asks networks of many shapes, for both ties, about a budget that leaves something to prove: one
for which no plan stops all deliveries, where there is any. Most networks of the hunt have such
budgets, but a budget drawn without a look is mostly enough to stop all. Answers come by the
programme, never by trying plans; with `--alone` no search finds the best one before it either, as
one mostly does on small networks, where a false proof then changes nothing.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from itertools import islice
from typing import Any
from unittest.mock import patch

from flowopt.model.search import Search
from flowopt.network.network import Network
from flowopt.planning.solve import solve
from flowopt.planning.solve_run import SolveRun
from flowopt.planning.target_ladder import TargetLadder
from tests.drawn.dice import Dice
from tests.drawn.shapes import HUNTED
from tests.hunt.networks import Quarry, quarries
from tests.hunt.truth import Truth
from tests.oracles.response import Ties
from tests.oracles.rounding import EQUAL, within

TIES: tuple[Ties, ...] = ("pessimistic", "optimistic")
GAPS = (1e-4, 1e-6, 0.0, 1e-2)


def drawn_budget(truth: Truth, dice: Dice, ties: Ties) -> float:
    """Return a budget that no plan stops all with, or half of all costs where there is none."""
    ranges = truth.ranges("bilevel", ties)
    size = truth.size("bilevel")
    done = [truth.costs[plan] for plan, value in ranges.items() if value.low <= 1e-3 * size]
    most = min(done, default=float("inf"))
    open_ = sorted({cost for cost in truth.costs.values() if cost < most - 1e-6})
    paid = [cost for cost in open_ if cost > 0.0] or open_ or [max(truth.costs.values()) / 2.0]
    return dice.pick(paid)


def judged(
    network: Network, truth: Truth, ties: Ties, budget: float, gap: float, solver: str
) -> str:
    """Return what is wrong with an answer, blank if it is right."""
    try:
        found = solve(
            network, budget=budget, objective="bilevel", ties=ties, gap=gap, solver=solver
        )
    except Exception as error:  # whatever the program raises is a finding
        return f"{type(error).__name__}: {error}"
    values, size = truth.ranges("bilevel", ties, budget), truth.size("bilevel")
    if not values:
        return "" if found.status == "infeasible" else f"{found.status}, not infeasible"
    least = min(value.low for value in values.values())
    most = min(value.high for value in values.values())
    assert found.value is not None
    assert found.bound is not None
    own = values[tuple(found.measures or ())]
    rounding = 2.0 * EQUAL * size + 1e-6 * most
    wrong = [
        word
        for word, bad in (
            ("status", found.status != "optimal"),
            ("value of the plan", not within(found.value, own, "bilevel", size)),
            ("bound", found.bound > most + rounding),
            ("gap", own.low > most * (1.0 + gap) + rounding),
        )
        if bad
    ]
    told = f"{found.status} {found.value!r} bound {found.bound!r}, right {least!r} to {most!r}"
    return f"{', '.join(wrong)}: {told}" if wrong else ""


@contextmanager
def alone() -> Iterator[None]:
    """Leave all to the rungs: no search before them, and no first try of the last one."""
    rung = TargetLadder._rung

    def no_first_try(self: TargetLadder, gap: float, bound: float, *rest: Any) -> float:
        return rung(self, gap, bound, *rest) if rest[-1] is None else bound

    nothing = {
        "_first_hints": lambda _: [],
        "_value_candidates": lambda *_: None,
        "_improve": lambda *_: None,
        "_spread": lambda _: None,
    }
    with ExitStack() as stack:
        for name, instead in nothing.items():
            stack.enter_context(patch.object(SolveRun, name, instead))
        stack.enter_context(patch.object(Search, "climb", lambda self, plan, _: self.offer(plan)))
        stack.enter_context(patch.object(TargetLadder, "_rung", no_first_try))
        yield


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hunt.ladder", description=__doc__)
    parser.add_argument("--networks", type=int, default=100, help="how many (default: 100)")
    parser.add_argument("--start", type=int, default=0, help="the first of the seed (default: 0)")
    parser.add_argument("--seed", type=int, default=1, help="which networks (default: 1)")
    parser.add_argument("--solver", default="highs", help="highs (the default), scip or race")
    parser.add_argument("--alone", action="store_true", help="without a search before the proof")
    parser.add_argument("--only", action="append", metavar="NAME", help="one network by its name")
    asked = parser.parse_args(words)
    calls, options_of = [0], TargetLadder._options

    def counted(self, *given):  # type: ignore[no-untyped-def]  # as the method it stands for
        calls[0] += 1  # each rung, in one piece or in parts, has options of its own
        return options_of(self, *given)

    TargetLadder._options = counted  # type: ignore[method-assign]  # that is the method
    warnings.simplefilter("ignore")
    count: Counter[str] = Counter()
    drawn = quarries(list(HUNTED), asked.seed)
    names: Iterator[Quarry] = islice(drawn, asked.start, asked.start + asked.networks)
    if asked.only:
        names = iter([Quarry.named(name) for name in asked.only])
    for quarry in names:
        network, dice = quarry.drawn()
        truth = Truth(network)
        count["networks"] += 1
        for ties in TIES:
            before, budget, gap = calls[0], drawn_budget(truth, dice, ties), dice.pick(GAPS)
            with alone() if asked.alone else nullcontext():
                wrong = judged(network, truth, ties, budget, gap, asked.solver)
            count["questions"] += 1
            count["proved by the solver"] += calls[0] > before
            if wrong:
                count["wrong"] += 1
                print(f"{quarry} {ties} budget {budget!r} gap {gap!r}: {wrong}", flush=True)
    TargetLadder._options = options_of  # type: ignore[method-assign]  # back again
    count["rungs"] = calls[0]
    print(", ".join(f"{name} {number}" for name, number in count.items()))
    return int(count["wrong"] > 0)


if __name__ == "__main__":
    sys.exit(main())
