"""The table of criteria."""

from __future__ import annotations

from flowopt.criteria import CRITERIA, CRITERION_NAMES


def test_the_table_has_every_name_once() -> None:
    assert tuple(CRITERIA) == CRITERION_NAMES


def test_only_criteria_of_the_worst_scenario_compare_with_another_value() -> None:
    assert {name for name, each in CRITERIA.items() if each.differs} == {"cut", "regret"}
    assert not any(each.differs and each.weighted for each in CRITERIA.values())
