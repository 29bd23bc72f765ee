"""Schema of `summary.json` as pages need it, to check a file that may have been edited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flowopt.criteria import CRITERIA
from flowopt.objectives import OBJECTIVES
from flowopt.plain_text import shown


@dataclass(frozen=True, slots=True)
class Nullable:
    """Schema of a value or null."""

    schema: Any


@dataclass(frozen=True, slots=True)
class ListOf:
    """Schema of a list of like values."""

    schema: Any


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """Schema of an object with like values."""

    schema: Any


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Schema of a value that fits one of several."""

    schemas: tuple[Any, ...]


NUMBER, TEXT = "a number", "a text"
# An object: its keys, those that may be missing with a question mark.
_OPTION = AnyOf(
    (
        Nullable(NUMBER),
        TEXT,
        True,
        ListOf(TEXT),
        ListOf(NUMBER),
        ObjectOf(Nullable(NUMBER)),
        ObjectOf(TEXT),
    )
)
_SOLVER = {"name": TEXT, "version": TEXT}
_OBJECTIVE = tuple(OBJECTIVES)
PLAN = {
    "flowopt": TEXT, "network": TEXT, "scenario?": Nullable(TEXT), "input_sha256": TEXT,
    "objective": _OBJECTIVE, "ties?": TEXT,
    "status": TEXT, "limit?": Nullable(TEXT), "measures": ListOf(TEXT), "warnings": ListOf(TEXT),
    "of?": TEXT, "served?": ObjectOf(ObjectOf(NUMBER)),
    "broken?": ListOf(TEXT), "used": ObjectOf(NUMBER), "resources?": ObjectOf(Nullable(NUMBER)),
    "options?": ObjectOf(_OPTION), "solver": _SOLVER, "seconds": {"total": NUMBER},
    "baseline": NUMBER, "value": NUMBER, "spent": NUMBER,
    **{f"{name}?": Nullable(NUMBER) for name in ("bound", "gap", "cut", "cut_share")},
    **{f"{name}?": Nullable(NUMBER) for name in ("cost_bound", "cost_gap")},
    **{f"{name}?": Nullable(NUMBER) for name in ("budget", "target", "delivered", "weighted")},
}  # fmt: skip
SCENARIOS = {
    "flowopt": TEXT, "network": TEXT, "input_sha256": TEXT, "objective": _OBJECTIVE,
    "ties?": TEXT, "criterion": tuple(CRITERIA), "tail_share": Nullable(NUMBER),
    "budget": Nullable(NUMBER), "target?": NUMBER, "cost_bound?": NUMBER, "cost_gap?": NUMBER,
    "status": TEXT, "limit": Nullable(TEXT), "broken": ListOf(TEXT),
    "baseline": NUMBER, "value": NUMBER, "spent": NUMBER, "used": ObjectOf(NUMBER),
    **{name: Nullable(NUMBER) for name in ("bound", "gap", "regret_high", "cut", "cut_share")},
    **{name: Nullable(NUMBER) for name in ("looking", "knowing", "knowing_bound")},
    "measures": ListOf(TEXT), "options": ObjectOf(_OPTION), "solver": _SOLVER,
    "seconds": {"total": NUMBER}, "warnings": ListOf(TEXT),
}  # fmt: skip
LUCK = {
    "flowopt": TEXT, "network": TEXT, "scenario?": Nullable(TEXT), "input_sha256": TEXT,
    "objective": _OBJECTIVE, "ties?": TEXT,
    "criterion": Nullable(TEXT), "tail_share": Nullable(NUMBER),
    "budget": Nullable(NUMBER), "target?": NUMBER, "cost_bound?": NUMBER, "cost_gap?": NUMBER,
    "status": TEXT, "limit": Nullable(TEXT), "broken": ListOf(TEXT),
    "baseline": NUMBER, "value": NUMBER, "low": NUMBER, "high": NUMBER, "spent": NUMBER,
    **{name: Nullable(NUMBER) for name in ("bound", "gap", "cut", "cut_share")},
    "regret_high?": NUMBER, "used": ObjectOf(NUMBER), "measures": ListOf(TEXT),
    "luck": {
        "how": TEXT, "coins": NUMBER, "outcomes": NUMBER, "half_width": NUMBER,
        "draws": Nullable(NUMBER), "seed": Nullable(NUMBER),
    },
    "options": ObjectOf(_OPTION), "solver": _SOLVER, "seconds": {"total": NUMBER},
    "warnings": ListOf(TEXT),
}  # fmt: skip
LUCK_PLANS = {
    "flowopt": TEXT, "network": TEXT, "input_sha256": TEXT, "objective": _OBJECTIVE,
    "by": TEXT, "criterion": Nullable(TEXT), "plans": ListOf(TEXT), "of?": TEXT,
    "complete?": True, "beyond?": ListOf(NUMBER),
    "interrupted": True, "options": ObjectOf(_OPTION), "seconds": {"total": NUMBER},
    "warnings": ListOf(TEXT),
}  # fmt: skip
SCENARIO_PLANS = {
    "flowopt": TEXT, "network": TEXT, "input_sha256": TEXT, "objective": _OBJECTIVE,
    "by": ("criterion", "budget"), "criteria": ListOf(TEXT), "plans": ListOf(TEXT),
    "interrupted": True, "options": ObjectOf(_OPTION), "seconds": {"total": NUMBER},
    "warnings": ListOf(TEXT),
}  # fmt: skip
_BUDGET = AnyOf((Nullable(NUMBER), ObjectOf(NUMBER)))
_OVER_TIME = {
    "flowopt": TEXT, "network": TEXT, "input_sha256": TEXT, "objective": _OBJECTIVE,
    "ties?": TEXT, "years": NUMBER, "discount": NUMBER, "carry": True, "budget": _BUDGET,
    "status": TEXT, "baseline": NUMBER, "baseline_without_openings": NUMBER,
    "options": ObjectOf(_OPTION), "warnings": ListOf(TEXT),
}  # fmt: skip
_PERIOD = {
    "period": TEXT, "years": NUMBER, "budget": Nullable(NUMBER), "spent": NUMBER,
    "baseline": NUMBER, "value": NUMBER, "value_myopic?": Nullable(NUMBER),
    "value_mean?": Nullable(NUMBER),
}  # fmt: skip
SCHEDULE = _OVER_TIME | {
    "target?": NUMBER, "cost_bound?": Nullable(NUMBER), "limit": Nullable(TEXT), "value": NUMBER,
    "bound": Nullable(NUMBER), "gap": Nullable(NUMBER), "spent": NUMBER,
    "value_without_openings": NUMBER, "value_myopic": Nullable(NUMBER),
    "periods": ListOf(_PERIOD), "solver": _SOLVER, "seconds": NUMBER,
    "luck?": {
        "how": TEXT, **dict.fromkeys(("coins", "half_width", "all_works"), NUMBER),
        "all_works_value": NUMBER,
    },
}  # fmt: skip
SCHEDULE_FRONTIER = {
    "flowopt": TEXT, "network": TEXT, "input_sha256": TEXT, "objective": _OBJECTIVE,
    "ties?": Nullable(TEXT), "years": NUMBER, "discount": NUMBER, "carry": True,
    "baseline": NUMBER, "plans": ListOf(TEXT), "frontier": ListOf({"budget": NUMBER}),
    "interrupted": True, "options": ObjectOf(_OPTION), "seconds": NUMBER, "warnings": ListOf(TEXT),
}  # fmt: skip
CAMPAIGNS = _OVER_TIME | {"campaigns": ListOf({"campaign": TEXT})}
RESPONSE_OVER_TIME = {
    "flowopt": TEXT, "network": TEXT, "input_sha256": TEXT, "objective": _OBJECTIVE,
    "ties?": TEXT, "years": NUMBER, "discount": NUMBER, "measures": ListOf(TEXT),
    **dict.fromkeys(("value", "value_without_openings", "profit"), NUMBER),
    "periods": ListOf(
        {"period": TEXT, **dict.fromkeys(("years", "value", "profit", "opened"), NUMBER)}
    ),
    "options": ObjectOf(_OPTION), "warnings": ListOf(TEXT),
}  # fmt: skip
_SWEEP = {
    "network": TEXT, "scenario?": Nullable(TEXT), "input_sha256": TEXT, "objective": _OBJECTIVE,
    "baseline": NUMBER,
    "rows": NUMBER, "proved": NUMBER, "complete?": Nullable(True), "core": ListOf(TEXT),
    "stays": ListOf(TEXT), "switches": ObjectOf(ListOf(NUMBER)), "knees": ListOf(NUMBER),
    "most_regret": Nullable(NUMBER), "warnings?": ListOf(TEXT),
}  # fmt: skip
COMPARISON = {
    "flowopt": TEXT, "budgets": AnyOf((TEXT, ListOf(NUMBER))), "of?": TEXT, "ties?": TEXT,
    "resources?": ObjectOf(Nullable(NUMBER)), "include?": ListOf(TEXT), "exclude?": ListOf(TEXT),
    "allowed_gap?": NUMBER, "time_limit?": Nullable(NUMBER),
    "frontiers": ListOf(_SWEEP), "options?": ObjectOf(_OPTION), "solver": _SOLVER,
}  # fmt: skip


def schema_fault(value: object, schema: Any, at: str = "summary.json") -> str:
    """Return the first fault of a value against a schema, with its place; "" for none.

    >>> schema_fault({"used": "x"}, {"used": ObjectOf(NUMBER)})
    "summary.json: used is 'x', not an object"
    >>> schema_fault({}, {"limit?": Nullable(TEXT)})
    ''
    """
    return next(_faults(value, schema, at), "")


def _faults(value: Any, schema: Any, at: str) -> Iterator[str]:
    inner = f"{at}: " if at == "summary.json" else f"{at}."
    match schema:
        case Nullable(schema=inner_schema):
            yield from () if value is None else _faults(value, inner_schema, at)
        case AnyOf(schemas=schemas):
            if all(schema_fault(value, each, at) for each in schemas):
                yield f"{at} is {shown(value)}, which no option is"
        case tuple():
            if value not in schema:
                yield f"{at} is {shown(value)}, not one of {', '.join(schema)}"
        case ListOf(schema=inner_schema):
            if not isinstance(value, list):
                yield f"{at} is {shown(value)}, not a list"
                return
            for number, each in enumerate(value):
                yield from _faults(each, inner_schema, f"{at}[{number}]")
        case ObjectOf() | Mapping():
            if not isinstance(value, dict):
                yield f"{at} is {shown(value)}, not an object"
            elif isinstance(schema, ObjectOf):
                for name, each in value.items():
                    yield from _faults(each, schema.schema, f"{inner}{name}")
            else:
                yield from _of_object(value, schema, inner)
        case _:
            if not _is(value, schema):
                yield f"{at} is {shown(value)}, not {'true or false' if schema is True else schema}"


def _of_object(value: dict[str, Any], schema: Mapping[str, Any], inner: str) -> Iterator[str]:
    for key, inner_schema in schema.items():
        name = key.removesuffix("?")
        if name in value:
            yield from _faults(value[name], inner_schema, f"{inner}{name}")
        elif name == key:
            yield f"{inner}{name} is missing"


def _is(value: object, schema: object) -> bool:
    """Return whether a value is a number, a text, or true or false, as the schema says."""
    if isinstance(value, bool) or schema is True:
        return isinstance(value, bool) and schema is True
    if schema == TEXT:
        return isinstance(value, str)
    return isinstance(value, int | float) and abs(value) <= 1e308
