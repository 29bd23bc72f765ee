"""The request and the options of a run: one default everywhere, one check, one record."""

from __future__ import annotations

import dataclasses
import inspect
import math
from typing import Any

import click
import pytest

import flowopt
from flowopt import defaults
from flowopt.cli import (
    compare_command,
    evaluate_command,
    export_command,
    flow_command,
    solve_command,
)
from flowopt.errors import RequestError
from flowopt.model.build import activity_model
from flowopt.model.feasible_plans import PlanConstraints
from flowopt.model.solver import SolverOptions
from flowopt.planning.compare import compare
from flowopt.planning.plan_constraints import problem_of
from flowopt.planning.plan_request import AlternativesRequest, PlanRequest
from flowopt.planning.run_options import RunOptions
from tests.networks import shipped

FUNCTIONS = ("solve", "evaluate", "compare", "formulate", "respond")
COMMANDS = (
    solve_command.solve,
    evaluate_command.evaluate,
    compare_command.compare,
    export_command.export,
    flow_command.flow,
)


def written_once() -> dict[str, Any]:
    """Return the default of each argument, by the name that the library gives it."""
    request, options, alternatives = PlanRequest(), RunOptions(), AlternativesRequest()
    return {
        **{field.name: getattr(request, field.name) for field in dataclasses.fields(request)},
        **{field.name: getattr(options, field.name) for field in dataclasses.fields(options)},
        "alternatives": alternatives.count,
        "within": alternatives.within,
        "resources": None,
        "objectives": (request.objective,),
    }


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_the_defaults_of_the_request_and_the_options(name: str) -> None:
    parameters = inspect.signature(getattr(flowopt, name)).parameters
    for argument, default in written_once().items():
        given = parameters.get(argument)
        if given is not None and given.default is not inspect.Parameter.empty:
            assert given.default == default, argument


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_command_has_the_same_but_for_its_time_limit(command: click.Command) -> None:
    expected = {**written_once(), "time_limit": defaults.COMMAND_TIME_LIMIT}
    for option in command.params:
        given = isinstance(option.default, str | float | int | list)
        if isinstance(option, click.Option) and given and option.name in expected:
            wanted = expected[option.name]
            assert option.default == (list(wanted) if isinstance(wanted, tuple) else wanted)


def test_the_solver_s_own_options_agree() -> None:
    """But for the threads: those of a run are the caller's to share out."""
    assert RunOptions(solver="highs", threads=1).for_solver == SolverOptions()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"budget": -1.0}, "budget -1.0 is not a number of at least 0"),
        ({"budget": math.nan}, "budget nan is not a number"),
        ({"resources": {"crew": math.inf}}, "crew inf is not a number"),
        ({"target": -2.0}, "target -2.0 is not a number"),
        ({"objective": "gain"}, "objective 'gain' is not one of flow, profit, bilevel"),
        ({"ties": "fair"}, "ties 'fair' is not one of pessimistic, optimistic"),
    ],
)
def test_a_request_that_no_network_can_answer_is_refused(fields: Any, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        PlanRequest(**fields).check()
    PlanRequest().check()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"time_limit": 0.0}, "time limit 0.0 is not a positive number"),
        ({"time_limit": math.nan}, "time limit nan is not a positive number"),
        ({"threads": 0}, "threads 0 is not a whole number of at least 1"),
        ({"gap": 1.0}, "gap 1.0 is not a share from 0 to below 1"),
        ({"gap": math.nan}, "gap nan is not a share"),
    ],
)
def test_options_out_of_range_are_refused(fields: Any, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        RunOptions(**fields).check()
    RunOptions().check()


@pytest.mark.parametrize(
    ("fields", "target", "message"),
    [
        ({"count": 0}, None, "alternatives 0 is not a whole number"),
        ({"count": 2}, 5.0, "alternatives are for a budget"),
        ({"within": -0.1}, None, "within -0.1 is not a share"),
    ],
)
def test_a_list_of_plans_that_makes_no_sense_is_refused(
    fields: Any, target: float | None, message: str
) -> None:
    with pytest.raises(RequestError, match=message):
        AlternativesRequest(**fields).check(PlanRequest(target=target))


def test_a_record_has_every_field_under_the_name_of_its_option() -> None:
    recorded = PlanRequest(budget=4, of="Europe", resources={"crew": 2.0}).recorded()
    expected = [field.name for field in dataclasses.fields(PlanRequest)]
    expected[expected.index("resources")] = "resource"
    assert list(recorded) == expected
    assert (recorded["budget"], recorded["resource"]) == (4, {"crew": 2.0})
    assert list(PlanRequest().recorded("ties", "objective")) == ["ties", "objective"]
    assert RunOptions(gap=0.5).recorded("gap") == {"gap": 0.5}


def test_a_problem_has_the_limits_of_the_request_before_those_of_the_network() -> None:
    network = shipped("shared-crew")
    own = {row.resource: row.limit for row in network.resources}
    found = flowopt.solve(network, budget=4)
    assert found.resources == {name: limit for name, limit in own.items() if limit is not None}
    model = activity_model(network)
    request = PlanRequest(resources={"crew": 1.5}, include=(model.measures[1],))
    problem = problem_of(network, model, request)
    assert problem.resource_limits["crew"] == 1.5
    assert problem.constraints == PlanConstraints(
        resources=((model.resources.index("crew"), 1.5),), include=frozenset({1}), budget=math.inf
    )
    other = problem.with_objective("profit")
    assert (other.request.objective, other.constraints) == ("profit", problem.constraints)


def test_a_comparison_of_one_objective_twice_is_refused() -> None:
    with pytest.raises(RequestError, match="objective 'flow' is asked for twice"):
        compare(shipped("tiny"), budgets="0", objectives=["flow", "flow"])
