"""The form of `summary.json` as pages need it: what somebody may have edited is judged first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flowopt.model.objectives import OBJECTIVES
from flowopt.plain_text import shown


@dataclass(frozen=True, slots=True)
class Maybe:
    """A value, or null."""

    form: Any


@dataclass(frozen=True, slots=True)
class Many:
    """A list of values of one form."""

    form: Any


@dataclass(frozen=True, slots=True)
class Each:
    """An object whose values have one form."""

    form: Any


@dataclass(frozen=True, slots=True)
class Either:
    """A value of one of several forms."""

    forms: tuple[Any, ...]


NUMBER, TEXT = "a number", "a text"
# An object: its keys, those that may be missing with a question mark.
_OPTION = Either(
    (Maybe(NUMBER), TEXT, True, Many(TEXT), Many(NUMBER), Each(Maybe(NUMBER)), Each(TEXT))
)
_SOLVER = {"name": TEXT, "version": TEXT}
_OBJECTIVE = tuple(OBJECTIVES)
PLAN = {
    "flowopt": TEXT, "network": TEXT, "input_sha256": TEXT, "objective": _OBJECTIVE, "ties?": TEXT,
    "status": TEXT, "limit?": Maybe(TEXT), "measures": Many(TEXT), "warnings": Many(TEXT),
    "broken?": Many(TEXT), "used": Each(NUMBER), "resources?": Each(Maybe(NUMBER)),
    "options?": Each(_OPTION), "solver": _SOLVER, "seconds": {"total": NUMBER}, "baseline": NUMBER,
    "value": NUMBER, "spent": NUMBER,
    **{f"{name}?": Maybe(NUMBER) for name in ("bound", "gap", "cut", "cut_share", "cost_bound")},
    **{f"{name}?": Maybe(NUMBER) for name in ("budget", "target", "delivered", "weighted")},
}  # fmt: skip
_SWEEP = {
    "network": TEXT, "input_sha256": TEXT, "objective": _OBJECTIVE, "baseline": NUMBER,
    "budgets": NUMBER, "proved": NUMBER, "complete?": Maybe(True), "core": Many(TEXT),
    "stays": Many(TEXT), "switches": Each(Many(NUMBER)), "knees": Many(NUMBER),
    "most_lost": Maybe(NUMBER), "warnings?": Many(TEXT),
}  # fmt: skip
COMPARISON = {
    "flowopt": TEXT, "budgets": Either((TEXT, Many(NUMBER))), "resources?": Each(Maybe(NUMBER)),
    "include?": Many(TEXT), "exclude?": Many(TEXT), "gap?": NUMBER, "time_limit?": Maybe(NUMBER),
    "frontiers": Many(_SWEEP), "options?": Each(_OPTION), "solver": _SOLVER,
}  # fmt: skip


def misshapen(value: object, form: Any, at: str = "summary.json") -> str:
    """Return the first thing that is not of a form, with its place; "" if all is.

    >>> misshapen({"used": "x"}, {"used": Each(NUMBER)})
    "summary.json: used is 'x', not an object"
    >>> misshapen({}, {"limit?": Maybe(TEXT)})
    ''
    """
    return next(_faults(value, form, at), "")


def _faults(value: Any, form: Any, at: str) -> Iterator[str]:
    inner = f"{at}: " if at == "summary.json" else f"{at}."
    match form:
        case Maybe(form=inside):
            yield from () if value is None else _faults(value, inside, at)
        case Either(forms=forms):
            if all(misshapen(value, each, at) for each in forms):
                yield f"{at} is {shown(value)}, which no option is"
        case tuple():
            if value not in form:
                yield f"{at} is {shown(value)}, not one of {', '.join(form)}"
        case Many(form=inside):
            if not isinstance(value, list):
                yield f"{at} is {shown(value)}, not a list"
                return
            for number, each in enumerate(value):
                yield from _faults(each, inside, f"{at}[{number}]")
        case Each() | Mapping():
            if not isinstance(value, dict):
                yield f"{at} is {shown(value)}, not an object"
            elif isinstance(form, Each):
                for name, each in value.items():
                    yield from _faults(each, form.form, f"{inner}{name}")
            else:
                yield from _of_object(value, form, inner)
        case _:
            if not _is(value, form):
                yield f"{at} is {shown(value)}, not {'true or false' if form is True else form}"


def _of_object(value: dict[str, Any], form: Mapping[str, Any], inner: str) -> Iterator[str]:
    for key, inside in form.items():
        name = key.removesuffix("?")
        if name in value:
            yield from _faults(value[name], inside, f"{inner}{name}")
        elif name == key:
            yield f"{inner}{name} is missing"


def _is(value: object, form: object) -> bool:
    """Whether a value is a number, a text, or true or false."""
    if isinstance(value, bool) or form is True:
        return isinstance(value, bool) and form is True
    if form == TEXT:
        return isinstance(value, str)
    return isinstance(value, int | float) and abs(value) <= 1e308
