"""Results come back from JSON and from a pickle as they were, and nothing else comes back."""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowopt._version import __version__
from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.planning.compare import compare
from flowopt.planning.evaluate import evaluate
from flowopt.planning.recheck.verdict import Verdict
from flowopt.planning.respond import respond
from flowopt.planning.solve import solve
from flowopt.planning.verify import verify
from flowopt.result_names import FORMAT
from flowopt.results.document import Document, written
from flowopt.results.evaluation import Evaluation
from flowopt.results.frontier import Frontier
from flowopt.results.response import Response
from flowopt.results.solution import Solution
from tests.draws import draws
from tests.networks import ROOT, shipped
from tests.strategies import TEXTS, budgets, limits, networks, plans

KINDS = (Response, Solution, Evaluation, Frontier, Verdict)
_TINY = respond(shipped("tiny"))
objectives = st.sampled_from(["flow", "profit", "bilevel"])


def typed(value: Any) -> Any:
    """Return a value with every type in it, so that 1 and 1.0 and True differ."""
    if isinstance(value, tuple):
        return type(value).__name__, [typed(inner) for inner in value]
    if isinstance(value, dict):
        return {key: typed(inner) for key, inner in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return type(value), [typed(getattr(value, f.name)) for f in fields(value)]
    return type(value), value


def comes_back(result: Document) -> None:
    text = result.to_json()
    for again in (
        type(result).from_json(text),
        type(result).from_json(text.encode()),
        type(result).from_json(result.to_json(indent=2)),
        type(result).from_dict(result.to_dict()),
        pickle.loads(pickle.dumps(result)),
    ):
        assert again == result
        assert hash(type(again)) == hash(type(result))
        assert again.to_json() == text
    again = type(result).from_json(text)
    assert typed(again) == typed(result)
    assert list(again.to_dict()) == ["flowopt_result", "format", "flowopt", *names(result)]


def names(result: Any) -> list[str]:
    return [f.name for f in written(type(result))]


def tables(result: Document) -> dict[str, Any]:
    found = {}
    for name in dir(result):
        table: Any = getattr(result, name, None)  # a slot may be empty
        if hasattr(table, "to_frame") and hasattr(table, "columns"):
            found[name] = (table.row, table.columns, tuple(table))
    return found


@settings(max_examples=draws(8))
@given(data=st.data(), objective=objectives)
def test_a_response_comes_back(data: st.DataObject, objective: Any) -> None:
    network = data.draw(networks())
    comes_back(respond(network, data.draw(plans(network)), objective=objective))


@settings(max_examples=draws(4))
@given(data=st.data(), objective=objectives)
def test_a_solution_comes_back(data: st.DataObject, objective: Any) -> None:
    network = data.draw(networks(max_measures=5))
    found = solve(
        network,
        budget=data.draw(budgets(network)),
        resources=data.draw(limits(network)),
        objective=objective,
        alternatives=2,
    )
    comes_back(found)
    again = Solution.from_json(found.to_json())
    assert tables(again) == tables(found)
    assert again.summary() == found.summary()
    assert again.gap == found.gap


@settings(max_examples=draws(3))
@given(data=st.data())
def test_an_evaluation_comes_back(data: st.DataObject) -> None:
    network = data.draw(networks(max_measures=5))
    plan = data.draw(plans(network))
    found = evaluate(network, plan, budget=data.draw(budgets(network)), against=["coverage"])
    comes_back(found)
    assert tables(Evaluation.from_json(found.to_json())) == tables(found)


@settings(max_examples=draws(3))
@given(data=st.data())
def test_a_frontier_comes_back(data: st.DataObject) -> None:
    network = data.draw(networks(min_measures=1, max_measures=4))
    comes_back(compare(network, budgets=[0.0, data.draw(budgets(network))]))


def test_what_only_some_results_have_comes_back() -> None:
    tiny, crew = shipped("tiny"), shipped("shared-crew")
    clash = solve(tiny, budget=1, include=["m_scanner"])
    assert (clash.status, clash.after, bool(clash.reasons)) == ("infeasible", None, True)
    comes_back(clash)
    comes_back(solve(tiny, target=5))
    comes_back(solve(tiny, target=1e-3, budget=1))
    comes_back(solve(crew, budget=7, resources={"crews": 1} if _has(crew, "crews") else None))
    comes_back(compare([tiny, crew], budgets=[3], objectives=["flow", "profit"]))
    comes_back(compare(crew, budgets="all"))
    comes_back(verify(ROOT / "results" / "peru-2014" / "budget-20", shipped("peru-2014")))


def _has(network: Network, resource: str) -> bool:
    return any(row.resource == resource for row in network.resources)


def test_whole_numbers_given_for_others_come_back() -> None:
    tiny = shipped("tiny")
    comes_back(solve(tiny, budget=3, target=6))
    comes_back(evaluate(tiny, ["m_strip"], budget=3, resources={}, gap=0, time_limit=60))
    comes_back(compare(tiny, budgets=[1, 2], gap=0, time_limit=60))
    comes_back(compare(tiny, budgets=1, time_limit=math.inf))


def test_peru_comes_back() -> None:
    comes_back(respond(shipped("peru-2014"), ["m01", "m11"], objective="bilevel"))


def test_the_head_says_what_it_is() -> None:
    document = respond(shipped("tiny")).to_dict()
    assert list(document)[:3] == ["flowopt_result", "format", "flowopt"]
    assert (document["flowopt_result"], document["format"]) == ("response", FORMAT)
    assert document["flowopt"] == __version__
    assert document["flows"][0] == {
        name: getattr(respond(shipped("tiny")).flows[0], name) for name in document["flows"][0]
    }
    heads = {"flowopt_result", "format", "flowopt"}
    for kind in KINDS:
        assert not heads & {f.name for f in fields(kind)}


def leaves(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield the place of everything in a document, the containers too."""
    if at:
        yield at, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*at, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*at, index))


def changed(document: dict[str, Any], at: tuple[Any, ...], value: Any) -> dict[str, Any]:
    copy: Any = json.loads(json.dumps(document))
    inner = copy
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = value
    found: dict[str, Any] = copy
    return found


def test_a_value_of_another_type_is_refused_wherever_it_stands() -> None:
    document = json.loads(solve(shipped("tiny"), budget=3).to_json())
    places = list(leaves(document))
    assert len(places) > 500
    for at, value in places[::19]:
        with pytest.raises(RequestError) as refused:
            Solution.from_dict(changed(document, at, {"not": {"this": None}}))
        assert str(at[0]) in str(refused.value) or at[0] in ("flowopt_result", "format", "flowopt")
        if isinstance(value, float):
            for wrong in (True, math.inf, math.nan, "1.0"):
                if "primal" in at or "dual" in at:
                    continue  # rows of names and a number
                with pytest.raises(RequestError):
                    Solution.from_dict(changed(document, at, wrong))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"flowopt_result": "response"}, "`flowopt_result` is 'response', not 'solution'"),
        ({"format": 3, "flowopt": "9.1.0"}, "in format 3, written by flowopt 9.1.0"),
        ({"later": 1}, "solution has an unknown later"),
        ({"status": "best"}, "solution.status should be one of 'optimal', "),
        ({"baseline": "ten"}, "solution.baseline should be a number, not 'ten'"),
        ({"interrupted": 1}, "solution.interrupted should be true or false, not 1"),
        ({"plan": [{"rank": 1}]}, r"solution.plan\[0\] has no measure and no name and "),
        ({"measures": ["m_strip", 3]}, r"solution.measures\[1\] should be a text, not 3"),
        ({"after": []}, r"solution.after should be an object, not \[\]"),
        ({"before": None}, "solution.before should be an object, not None"),
        ({"used": 1}, "solution.used should be an object, not 1"),
        ({"measures": "m_strip"}, "solution.measures should be a list, not 'm_strip'"),
        ({"baseline": 10**400}, r"solution.baseline should be a number, not 1000.*\.\.\."),
        ({"baseline": math.nan}, "solution.baseline should be a number, not nan"),
    ],
)
def test_what_is_no_such_document_is_refused_with_its_place(
    change: dict[str, Any], message: str
) -> None:
    document = solve(shipped("tiny"), budget=3).to_dict()
    with pytest.raises(RequestError, match=message):
        Solution.from_dict({**document, **change})


def refused(result: Document, **change: Any) -> list[str]:
    """Return the lines of the message for a document of a result with some other values."""
    with pytest.raises(RequestError) as error:
        type(result).from_dict({**result.to_dict(), **change})
    return str(error.value).splitlines()


def test_all_faults_are_told_at_once_each_with_its_place() -> None:
    found = solve(shipped("tiny"), budget=3)
    document = found.to_dict()
    plan = [{**document["plan"][0], "cost": "3"}, *document["plan"][1:]]
    del document["after"]["value"]
    lines = refused(
        found, later=1, baselin=2, plan=plan, after=document["after"], used={"a": 1, "b": None}
    )
    assert lines == [
        "solution.used.b should be a number, not None",
        "solution.plan[0].cost should be a number, not '3'",
        "solution.after has no value",
        "solution has an unknown later and an unknown baselin; "
        "read it with the version that wrote it",
    ]
    measures = refused(found, measures=list(range(1000)))
    assert measures[0] == "solution.measures[0] should be a text, not 0"
    assert (len(measures), measures[-1]) == (21, "and 980 more")


def test_of_several_types_the_one_that_is_meant_is_told() -> None:
    found = solve(shipped("tiny"), budget=3)
    assert refused(found, options={"gap": ["a", 1]}) == [
        "solution.options.gap[1] should be a text, not 1"
    ]
    assert refused(found, options={"float": {"b": "c"}}) == [
        "solution.options.float.b should be a number, not 'c'"
    ]
    proof = {**found.to_dict()["before"]["proof"], "primal": {"ship": [["a", None]]}}
    before = {**found.to_dict()["before"], "proof": proof, "totals": [["a", "b"], ["a", "b", 1, 2]]}
    assert refused(found, before=before) == [
        "solution.before.totals[0] should be a list of 3 values, not ['a', 'b']",
        "solution.before.totals[1] should be a list of 3 values, not ['a', 'b', 1, 2]",
        "solution.before.proof.primal.ship[0][1] should be a text or a number, not None",
    ]
    several = compare(shipped("tiny"), budgets=[1])
    assert refused(several, budgets=[1, "2"]) == ["frontier.budgets[1] should be a number, not '2'"]
    assert refused(several, budgets="some") == [
        "frontier.budgets should be a list or 'all', not 'some'"
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("baseline", value) for value in (True, "1", None, [1.0])),
        *(("interrupted", value) for value in (0, "true", "yes", 1.0, None)),
        *(("network", value) for value in (1, None, True, ["tiny"])),
        *(("measures", value) for value in ("m_strip", {"m_strip": 1}, None)),
        *(("solver", {"name": "a", "version": "1", "threads": n}) for n in (1.0, "1", True)),
        *(("status", value) for value in ("Optimal", 1, None)),
    ],
)
def test_no_value_is_taken_for_one_of_another_type(field: str, value: Any) -> None:
    (line,) = refused(solve(shipped("tiny"), budget=3), **{field: value})
    assert line.startswith(f"solution.{field}")


@settings(max_examples=draws(15))
@given(value=st.floats(allow_nan=False, allow_infinity=False), text=TEXTS)
def test_every_number_and_every_text_comes_back(value: float, text: str) -> None:
    found = replace(_TINY, value=value, warnings=(text,), options={text: value})
    again = Response.from_json(found.to_json())
    assert again == found
    assert math.copysign(1.0, again.value) == math.copysign(1.0, value)


def test_an_option_keeps_its_type() -> None:
    options = {"a": True, "b": 1, "c": 1.0, "d": "1", "e": None, "f": ["x"], "g": {"y": 2.0}}
    document = {**respond(shipped("tiny")).to_dict(), "options": options, "value": 10}
    found = Response.from_dict(document)
    assert typed(dict(found.options)) == typed({**options, "f": ("x",)})
    assert type(found.value) is float


@pytest.mark.parametrize("value", [10**5000, {1, 2}, b"x", "\ud800", solve], ids=range(5))
def test_what_json_has_no_word_for_is_refused(value: Any) -> None:
    (line,) = refused(respond(shipped("tiny")), value=value)
    assert line.startswith("this is no response of flowopt: ")


def test_what_is_nested_too_deeply_is_refused() -> None:
    value: Any = 1.0
    for _ in range(300):
        value = [value]
    (line,) = refused(respond(shipped("tiny")), value=value)
    assert line.startswith("response can't be read: recursion limit")


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "7", "{", b"\xff", "[" * 200_000, '{"flowopt_result": NaN}']
)
def test_what_is_no_document_at_all_is_refused(text: str | bytes) -> None:
    with pytest.raises(RequestError, match="this is no frontier of flowopt"):
        Frontier.from_json(text)


def test_fields_with_a_default_may_be_missing() -> None:
    found = respond(shipped("two-bridges"))
    document = found.to_dict()
    assert document.pop("organisations") == []
    assert document.pop("ties") is None
    assert Response.from_dict(document) == found


def test_a_pickle_of_an_earlier_version_takes_defaults_for_what_it_lacks() -> None:
    found = solve(shipped("two-bridges"), budget=3)
    earlier = object.__new__(Solution)
    came_later = names(found).index("limit")
    earlier.__setstate__(found.__getstate__()[:came_later])
    assert names(found)[came_later:] == ["limit", "options", "scenario", "of", "served"]
    assert earlier == replace(found, options={})


def test_numbers_that_json_has_not_are_not_written() -> None:
    found = respond(shipped("tiny"))
    broken = Response.from_dict(found.to_dict())
    object.__setattr__(broken, "value", math.inf)
    with pytest.raises(ValueError, match="JSON"):
        broken.to_json()
