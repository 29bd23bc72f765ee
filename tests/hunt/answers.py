"""Answers of the program held against the truth, and against its own re-check."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from flowopt.network.network import Network
from flowopt.planning.evaluate import evaluate
from flowopt.planning.verify import verify
from flowopt.report.result_writer import write_solution
from flowopt.results.solution import Solution
from tests.drawn.dice import Dice
from tests.hunt.questions import ASKED, Question, drawn_budget
from tests.hunt.truth import Truth
from tests.networks import WAYS
from tests.oracles.enumerate import Plan
from tests.oracles.response import Aim, Ties
from tests.oracles.rounding import EQUAL, Range, allowed, missing, within

Outcome = Literal["equal", "near", "unverified", "differs"]
FAULTS: tuple[Outcome, ...] = ("unverified", "differs")


@dataclass(frozen=True, slots=True)
class Answer:
    """How one question was answered.

    Attributes
    ----------
    kind
        The kind of question, for counts.
    outcome
        `equal`: the best there is. `near`: not that, but as near as the gap that was asked for.
        `unverified`: either, but `verify` refuses the result.
    command
        What shows it, with `NET` for the network.
    seen, right
        What came out and what should have, where they differ.
    """

    kind: str
    outcome: Outcome
    command: str = ""
    seen: str = ""
    right: str = ""


def answers(
    network: Network,
    dice: Dice,
    asked: Sequence[tuple[Aim, Ties]] = ASKED,
    *,
    ways: Sequence[str] = WAYS,
    whole: bool = True,
) -> Iterator[Answer]:
    """Ask each objective for a budget, and one of them for a target, in some ways to answer.

    The whole of it verifies each answer as well, and has a plan evaluated.
    """
    truth = Truth(network)
    gap = dice.pick((1e-4, 1e-9, 0.0, 1e-2))
    for objective, ties in asked:
        budget = drawn_budget(dice, network)
        for way in ways:
            question = Question(objective, ties, budget=budget, gap=gap, solver=way)
            yield _answer(truth, question, whole)
    objective, ties = dice.pick(asked)
    target = truth.drawn_target(dice, objective, ties)
    if target is not None:
        for way in ways:
            yield _answer(truth, Question(objective, ties, target=target, solver=way), whole)
    if whole:
        yield _evaluated(truth, dice.pick(list(truth.costs) or [()]), *dice.pick(asked))


def _answer(truth: Truth, question: Question, verified: bool) -> Answer:
    command = question.command("NET")
    try:
        found = question.ask(truth.network)
    except Exception as error:  # whatever the program raises is a finding
        return Answer(question.name, "differs", command, _raised(error), "an answer")
    judge = _within_budget if question.target is None else _on_target
    outcome, right = judge(truth, question, found)
    if verified and outcome != "differs" and found.status != "infeasible":
        try:
            _verify(found, truth.network)
        except Exception as error:  # a fault of the re-check, or of what it is given
            return Answer(question.name, "unverified", command, _raised(error), _told(found))
    return Answer(question.name, outcome, command, _told(found), right)


def _raised(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _told(found: Solution) -> str:
    plan = ",".join(found.measures or ()) or "no measure"
    return (
        f"{found.status}: {found.value!r} with {plan} for {found.spent!r} M USD, "
        f"bound {found.bound!r}, gap {found.gap!r}"
    )


def _within_budget(truth: Truth, question: Question, found: Solution) -> tuple[Outcome, str]:
    assert question.budget is not None
    objective, size = question.objective, truth.size(question.objective)
    values = truth.ranges(objective, question.ties, question.budget)
    if not values:
        return ("equal" if found.status == "infeasible" else "differs"), "infeasible"
    best = Range(min(v.low for v in values.values()), min(v.high for v in values.values()))
    plan = min(values, key=lambda p: values[p].high)
    right = f"optimal: {best.low!r} to {best.high!r}, as with {','.join(plan) or 'no measure'}"
    slack = allowed(objective, best.high, size) + EQUAL * size
    own = values.get(tuple(found.measures or ()))
    if found.status != "optimal" or found.value is None or found.bound is None or own is None:
        return "differs", right
    room = missing(question.gap, found.value) + slack
    most = best.high + room
    sound = (
        within(found.value, own, objective, size)
        and best.low - slack <= found.value <= most
        and found.bound <= best.high + slack
        and found.value - found.bound <= room
    )
    if not sound:
        return "differs", f"{right}; its plan is worth {own.low!r} to {own.high!r}"
    return ("equal" if found.value <= best.high + slack else "near"), right


def _on_target(truth: Truth, question: Question, found: Solution) -> tuple[Outcome, str]:
    assert question.target is not None
    objective, size = question.objective, truth.size(question.objective)
    values = truth.ranges(objective, question.ties)
    slack = allowed(objective, question.target, size) + EQUAL * size

    def least(reached: list[Plan]) -> float:
        return min((truth.costs[plan] for plan in reached), default=math.inf)

    surely = least([plan for plan, v in values.items() if v.high <= question.target])
    perhaps = least([plan for plan, v in values.items() if v.low <= question.target + slack])
    right = f"the target for {perhaps!r} to {surely!r} M USD" if surely < math.inf else "infeasible"
    if found.status == "infeasible":
        return ("equal" if surely == math.inf else "differs"), right
    own = values.get(tuple(found.measures or ()))
    if found.status != "optimal" or found.spent is None or own is None:
        return "differs", right
    near = question.gap * surely + 1e-9
    sound = own.low <= question.target + slack and perhaps - 1e-9 <= found.spent <= surely + near
    if not sound or not within(found.value, own, objective, size):
        return "differs", f"{right}; its plan is worth {own.low!r} to {own.high!r}"
    return ("equal" if found.spent <= surely + 1e-9 else "near"), right


def _evaluated(truth: Truth, plan: Plan, objective: Aim, ties: Ties) -> Answer:
    """Return whether `evaluate` says what a plan is worth."""
    kind = f"{ties if objective == 'bilevel' else objective} evaluate"
    command = f"flowopt evaluate NET --measures {','.join(plan)} --objective {objective}"
    command += f" --ties {ties}" if objective == "bilevel" else ""
    own = truth.range(plan, objective, ties)
    right = f"{own.low!r} to {own.high!r}"
    try:
        found = evaluate(truth.network, plan, objective=objective, ties=ties, threads=1)
    except Exception as error:  # whatever the program raises is a finding
        return Answer(kind, "differs", command, _raised(error), right)
    sound = within(found.value, own, objective, truth.size(objective))
    return Answer(kind, "equal" if sound else "differs", command, repr(found.value), right)


def _verify(found: Solution, network: Network) -> None:
    """Raise where the program's own re-check, by arithmetic alone, finds a fault."""
    with TemporaryDirectory() as folder:
        write_solution(found, network, Path(folder) / "result")
        verdict = verify(Path(folder) / "result", network)
    if not verdict.passed:
        raise AssertionError("\n".join(verdict.lines(only_failures=True)))
