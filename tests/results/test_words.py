"""One word means one thing: every column and every key of a result is in the register, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from itertools import chain
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from flowopt.results import (
    budget_rows,
    displacement_rows,
    evaluation,
    luck_plans,
    luck_rows,
    luck_solution,
    over_time_rows,
    rows,
    scenario_plans,
    scenario_solution,
    several_frontiers,
    stress,
)
from flowopt.results.column_units import Money, units
from flowopt.results.word_register import Word, register
from flowopt.results.words import KEYS, WORDS
from tests.command import run
from tests.network.overlays import BASE
from tests.networks import SHIPPED

TABLES = [
    *(rows.Flow, rows.SiteRun, rows.SupplyUse, rows.Delivery, rows.Earned, rows.Binding),
    *(
        rows.PlanRow,
        rows.NextMeasure,
        rows.Alternative,
        displacement_rows.FlowChange,
        displacement_rows.MarketChange,
    ),
    *(
        displacement_rows.Displacement,
        displacement_rows.OrganisationChange,
        evaluation.PlanCompared,
    ),
    *(
        budget_rows.FrontierRow,
        budget_rows.MeasureAt,
        budget_rows.MarketAt,
        budget_rows.DisplacementAt,
    ),
    *(budget_rows.LadderRow, budget_rows.PlanAt, scenario_solution.ScenarioRow),
    *(scenario_plans.ScenarioPlan, scenario_plans.PlanInScenario),
    *(luck_solution.LuckRow, luck_solution.OutcomeRow),
    *(luck_plans.LuckPlan, luck_plans.LuckPlanInScenario),
    several_frontiers.SeveralFrontiersRow,
    *(
        luck_rows.LuckPlanRow,
        luck_rows.LuckNextMeasure,
        luck_rows.LuckCompared,
        luck_rows.LuckAlternative,
    ),
    *(stress.StressedPlan, stress.Driver, stress.GroupFactor),
]
OVER_TIME = [
    *(over_time_rows.PeriodRow, over_time_rows.SchedulePeriodRow, over_time_rows.OpeningChange),
    *(over_time_rows.ScheduleRow, over_time_rows.ScheduledMeasure, over_time_rows.ScheduledRow),
    *(over_time_rows.CampaignRow, over_time_rows.CampaignPeriodRow),
]
TABLES += OVER_TIME
YEARS = SHIPPED / "tiny-years"
TINY, PLAN = SHIPPED / "tiny", ["--measures", "m_scanner,m_vetting"]
LUCKY, CLOSED = SHIPPED / "two-bridges-luck", ["--measures", "m_north,m_south"]
QUESTIONS: dict[str, list[list[str | Path | float]]] = {
    "solve": [
        ["solve", TINY, "--budget", 4],
        ["solve", TINY, "--target", 7, "--objective", "bilevel"],
        ["solve", TINY, "--target", 7, "--of", "commodity:product"],
        ["solve", BASE, "--budget", 4, "--scenario", "dry"],
    ],
    "evaluate": [["evaluate", TINY, *PLAN], ["evaluate", BASE, "--measures", "m1", "--alone"]],
    "flow": [["flow", TINY], ["flow", BASE, "--objective", "bilevel", "--scenario", "dry"]],
    "compare": [["compare", BASE, "--budgets", "0:4:4", "--objective", "bilevel", "--workers", 1]],
    "stress": [["stress", TINY, *PLAN, "--draws", 2, "--resolve", 1, "--workers", 1]],
    "criterion": [["solve", BASE, "--budget", 4, "--criterion", "expected"]],
    "luck": [["evaluate", LUCKY, *CLOSED], ["evaluate", LUCKY, *CLOSED, "--objective", "bilevel"]],
    "plans": [["solve", BASE, "--budget", 4, "--criterion", "all"]],
    "schedule": [
        ["solve", YEARS, "--budget", 3],
        ["solve", YEARS, "--target", 20, "--objective", "bilevel"],
    ],
    "flow-over-time": [["flow", YEARS], ["flow", YEARS, "--objective", "bilevel"]],
    "campaigns": [["evaluate", YEARS, "--campaign", "all"]],
}


def columns() -> Iterator[tuple[str, str]]:
    """Yield every column of every table, with the word that it is made of."""
    for row in TABLES:
        yield from ((row.__name__, each.name) for each in fields(row))
    draws = stress.DrawTable(("plan",), ((1.0, 2.0),), ("plan",), ((1.0, 1.0),))
    yield from (("DrawTable", name.partition(":")[0]) for name in draws.columns)


def test_every_column_is_in_the_register_with_its_unit() -> None:
    assert [(row, name) for row, name in columns() if name not in WORDS] == []
    for row in TABLES:
        own = units(row)
        for name in (each.name for each in fields(row)):
            word = WORDS[name]
            wanted = {word.unit, word.unit_in_all} if row in OVER_TIME else {word.unit}
            assert own.get(name, "") in wanted, (row, name)


def test_a_column_has_one_type_whatever_its_table() -> None:
    types: dict[str, set[Any]] = {}
    for row in TABLES:
        for name, kind in get_type_hints(row).items():
            bare = next((each for each in (str, int, float) if kind in (each, each | None)), str)
            types.setdefault(name, set()).add(bare)
    assert {name: kinds for name, kinds in types.items() if len(kinds) > 1} == {}


def test_no_word_is_there_for_nothing() -> None:
    keys = {key.removesuffix("?") for key in chain.from_iterable(KEYS.values())}
    assert set(WORDS) == {name for _, name in columns()} | keys


def test_a_word_with_two_meanings_is_refused() -> None:
    with pytest.raises(ValueError, match="cost has two meanings"):
        register(Word("cost", "Of a measure.", Money), Word("cost", "Of all.", Money))


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_key_that_is_written_is_in_the_register(question: str, tmp_path: Path) -> None:
    seen: dict[str, list[dict[str, Any]]] = {question: [], "frontiers": []}
    for number, words in enumerate(QUESTIONS[question]):
        done = run(*words, "--out", tmp_path / str(number))
        assert done.returncode == 0, done.stderr
        summary = json.loads((tmp_path / str(number) / "summary.json").read_text("utf-8"))
        seen[question].append(summary)
        seen["frontiers"] += summary.get("frontiers", [])
    for name, summaries in seen.items():
        for summary in summaries:
            always = [key for key in KEYS[name] if not key.endswith("?")]
            assert [key for key in summary if key in always] == always
            assert set(summary) - set(always) <= {key.removesuffix("?") for key in KEYS[name]}
    if question == "compare":
        assert seen["frontiers"]
