"""Reader of the JSON files of a result, which trusts nothing in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flowopt.plain_text import shown
from flowopt.planning.recheck import option_kinds
from flowopt.planning.recheck.arithmetic import Good, Names
from flowopt.planning.recheck.json_values import (
    MalformedError,
    check_keys,
    check_version,
    label,
    number_of,
    number_or_none,
    numbers_of,
    read_json,
    text_of,
    texts_of,
)
from flowopt.result_names import SUMMARY, summary_now

CERTIFICATE = "certificate.json"
RESULTS = ("solution", "response", "evaluation")
SCENARIOS = "scenarios"  # the result about several, which `scenario_reader` reads
_PRIMAL = {"ship": 2, "run": 1, "supply": 2, "deliver": 2}  # names in a row before its number
_DUAL = {"goods": 2, "arc": 1, "node": 1, "site": 1, "pool": 1, "supply": 2, "demand": 2}
_KEPT_DUAL = {**_DUAL, "arc": 2, "node": 2}  # without re-routing, capacities are per commodity
_KEYS = (
    "certificate", "result", "network", "input_sha256", "objective", "ties", "budget", "target",
    "resources", "include", "exclude", "plan", "value", "baseline", "claim", "before", "after",
    "dropped", "next", "alternatives", "compared", "options", "of", "served",
)  # fmt: skip
_WHEN, _TIES = ("before", "after"), ("least", "most")


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of goods and of capacities, as in `StatedProof`."""

    goods: Mapping[Good, float]
    prices: Mapping[Names, float]


@dataclass(frozen=True, slots=True)
class StatedProof:
    """Proof as stated: a plan, its value, and the flow and prices behind it, zeros left out.

    Attributes
    ----------
    measures, value
        The plan, and the objective under it.
    amounts : mapping
        t/yr of each activity, named as in `arithmetic.Residual.activities`.
    goods : mapping
        Price of a tonne of each (node, commodity), in the unit of the trafficker's objective.
    prices : mapping
        Price of a tonne more of each capacity, named as in `arithmetic.Residual.capacity`.
    rate : float
        For ``bilevel``: weighted tonnes per M USD of profit in `tie`.
    tie : Prices or None
        For ``bilevel``: a second set of prices, in weighted tonnes.
    """

    measures: tuple[str, ...]
    value: float
    amounts: Mapping[Names, float]
    goods: Mapping[Good, float]
    prices: Mapping[Names, float]
    rate: float = 0.0
    tie: Prices | None = None

    def amount(self, *names: str) -> float:
        """Return the amount of an activity."""
        return self.amounts.get(names, 0.0)

    def price(self, *names: str) -> float:
        """Return the shadow price of a capacity."""
        return self.prices.get(names, 0.0)


@dataclass(frozen=True, slots=True)
class Claim:
    """The solver's claim about a plan; `limit` is the limit that stopped its proof."""

    status: str
    bound: float | None
    cost_bound: float | None
    solver: str
    version: str
    threads: float
    limit: str | None = None


@dataclass(frozen=True, slots=True)
class ComparedPlan:
    """One of the plans that an evaluation compares.

    Attributes
    ----------
    plan, status, bound
        Its name, and the solver's claim.
    after : Stated or None
        The proof of its value; None for the plan that the result is about.
    kept : Stated
        The proof of its value without re-routing.
    """

    plan: str
    status: str
    bound: float | None
    after: StatedProof | None
    kept: StatedProof


@dataclass(frozen=True, slots=True)
class Certificate:
    """`certificate.json`; None for parts that a kind of result lacks.

    `options` are those of the request as `summary.json` must have them, None in certificates of
    earlier versions. `of` is the part of the markets that counts, None for all of them; `served`
    has, by ``before`` and ``after``, the proofs of the ``least`` and ``most`` that arrives there
    when all are served.
    """

    result: str
    network: str
    input_sha256: str
    objective: str
    ties: str | None
    budget: float | None
    target: float | None
    resources: Mapping[str, float]
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    plan: tuple[str, ...]
    value: float | None
    baseline: float | None
    claim: Claim | None
    before: StatedProof | None
    after: StatedProof | None
    dropped: Mapping[str, StatedProof]
    next: Mapping[str, StatedProof]
    alternatives: tuple[StatedProof, ...]
    compared: tuple[ComparedPlan, ...]
    options: Mapping[str, Any] | None = None
    of: str | None = None
    served: Mapping[str, Mapping[str, StatedProof]] = field(default_factory=dict)


def summary_of(folder: Path) -> dict[str, Any]:
    """Return `summary.json` of a result, under the names of today.

    Raises
    ------
    MalformedError
        When the file is missing, is no JSON, or holds NaN or infinity.
    """
    return summary_now(read_json(folder / SUMMARY))


def kind_of(folder: Path) -> str | None:
    """Return the kind of the result in a folder, by its certificate; None where it has none."""
    try:
        kind = read_json(folder / CERTIFICATE).get("result")
    except MalformedError:
        return None
    return kind if isinstance(kind, str) else None


def read_certificate(path: Path) -> Certificate:
    """Return a certificate.

    Raises
    ------
    MalformedError
        When the file is missing or malformed.
    """
    return certificate_of(read_json(path), path.name)


def certificate_of(raw: dict[str, Any], where: str) -> Certificate:
    """Return a certificate from its object; `where` is its place in messages.

    Raises
    ------
    MalformedError
        When it is malformed.
    """
    check_version(raw, _KEYS, where)
    if raw["result"] not in RESULTS:
        raise MalformedError(
            f"{where}: result is {shown(raw['result'])}, none of {', '.join(RESULTS)}"
        )
    if raw["objective"] not in ("flow", "profit", "bilevel"):
        raise MalformedError(f"{where}: objective {shown(raw['objective'])} can't be verified")
    settled = ("pessimistic", "optimistic") if raw["objective"] == "bilevel" else (None,)
    if raw["ties"] not in settled:
        raise MalformedError(f"{where}: ties {shown(raw['ties'])} can't be verified")
    for key in ("resources", "dropped", "next"):
        if not isinstance(raw[key], dict):
            raise MalformedError(f"{where}: {key} is no object with names")
    for key in ("alternatives", "compared"):
        if not isinstance(raw[key], list):
            raise MalformedError(f"{where}: {key} is no list")
    places = {key: f"{where}: {key}" for key in _KEYS}
    proof = partial(stated_proof, tied=raw["objective"] == "bilevel")
    return Certificate(
        result=raw["result"],
        network=text_of(raw["network"], places["network"]),
        input_sha256=text_of(raw["input_sha256"], places["input_sha256"]),
        objective=raw["objective"],
        ties=raw["ties"],
        budget=number_or_none(raw["budget"], places["budget"]),
        target=number_or_none(raw["target"], places["target"]),
        resources=numbers_of(raw["resources"], places["resources"]),
        include=texts_of(raw["include"], places["include"]),
        exclude=texts_of(raw["exclude"], places["exclude"]),
        plan=texts_of(raw["plan"], places["plan"]),
        value=number_or_none(raw["value"], places["value"]),
        baseline=number_or_none(raw["baseline"], places["baseline"]),
        claim=None if raw["claim"] is None else claim_of(raw["claim"], places["claim"]),
        before=None if raw["before"] is None else proof(raw["before"], places["before"]),
        after=None if raw["after"] is None else proof(raw["after"], places["after"]),
        dropped=_proofs(raw["dropped"], places["dropped"], proof),
        next=_proofs(raw["next"], places["next"], proof),
        alternatives=tuple(
            proof(rows, f"{places['alternatives']}: {rank}")
            for rank, rows in enumerate(raw["alternatives"], start=1)
        ),
        compared=tuple(
            _compared(entry, f"{places['compared']}: {number}", proof)
            for number, entry in enumerate(raw["compared"], start=1)
        ),
        options=options_of(raw, where),
        of=None if raw.get("of") is None else text_of(raw["of"], places["of"]),
        served=_served(raw.get("served", {}), places["served"]),
    )


def options_of(raw: Mapping[str, Any], where: str) -> Mapping[str, Any] | None:
    """Return the options of a certificate; None in those of earlier versions."""
    if "options" not in raw:
        return None
    if not isinstance(raw["options"], dict):
        raise MalformedError(f"{where}: options is no object with names")
    if wrong := option_kinds.faults(raw["options"], raw["result"]):
        raise MalformedError(f"{where}: options: {', '.join(wrong)}")
    options: dict[str, Any] = raw["options"]
    return options


# -- parts -----------------------------------------------------------------------------------


def claim_of(raw: Any, where: str) -> Claim:
    """Return the solver's claim."""
    keys = ("status", "limit", "bound", "cost_bound", "solver", "version", "threads")
    check_keys(raw, keys, where)
    limit = raw.get("limit")
    return Claim(
        status=text_of(raw["status"], f"{where}: status"),
        limit=None if limit is None else text_of(limit, f"{where}: limit"),
        bound=number_or_none(raw["bound"], f"{where}: bound"),
        cost_bound=number_or_none(raw["cost_bound"], f"{where}: cost_bound"),
        solver=text_of(raw["solver"], f"{where}: solver"),
        version=text_of(raw["version"], f"{where}: version"),
        threads=number_of(raw["threads"], f"{where}: threads"),
    )


def _served(raw: Any, where: str) -> dict[str, dict[str, StatedProof]]:
    """Return the proofs of what arrives when all markets are served."""
    known = isinstance(raw, dict) and set(raw) <= set(_WHEN)
    check_keys(raw, tuple(raw) if known else _WHEN, where)
    served: dict[str, dict[str, StatedProof]] = {}
    for when, proofs in raw.items():
        check_keys(proofs, _TIES, f"{where}: {when}")
        served[when] = {
            tie: stated_proof(proofs[tie], f"{where}: {when}: {tie}", tied=True) for tie in _TIES
        }
    return served


def _compared(raw: Any, where: str, proof: Callable[[Any, str], StatedProof]) -> ComparedPlan:
    check_keys(raw, ("plan", "status", "bound", "after", "kept"), where)
    return ComparedPlan(
        plan=text_of(raw["plan"], f"{where}: plan"),
        status=text_of(raw["status"], f"{where}: status"),
        bound=number_or_none(raw["bound"], f"{where}: bound"),
        after=None if raw["after"] is None else proof(raw["after"], f"{where}: after"),
        kept=stated_proof(raw["kept"], f"{where}: kept", tied=False, sizes=_KEPT_DUAL),
    )


def _proofs(
    raw: Mapping[str, Any], where: str, proof: Callable[[Any, str], StatedProof]
) -> dict[str, StatedProof]:
    return {name: proof(rows, f"{where}: {name}") for name, rows in raw.items()}


def stated_proof(
    raw: Any, where: str, *, tied: bool, sizes: Mapping[str, int] = MappingProxyType(_DUAL)
) -> StatedProof:
    """Return a proof, with a second set of prices if it is `tied`."""
    second = ("rate", "tie") if tied else ()
    check_keys(raw, ("measures", "value", "primal", "dual", *second), where)
    check_keys(raw["primal"], tuple(_PRIMAL), f"{where}: primal")
    amounts: dict[Names, float] = {}
    for table, size in _PRIMAL.items():
        for names, number in _rows(raw["primal"][table], size, f"{where}: primal: {table}"):
            amounts[table, *names] = number
    first = _prices(raw["dual"], f"{where}: dual", sizes)
    return StatedProof(
        measures=texts_of(raw["measures"], f"{where}: measures"),
        value=number_of(raw["value"], f"{where}: value"),
        amounts=amounts,
        goods=first.goods,
        prices=first.prices,
        rate=number_of(raw["rate"], f"{where}: rate") if tied else 0.0,
        tie=_prices(raw["tie"], f"{where}: tie", _DUAL) if tied else None,
    )


def _prices(raw: Any, where: str, sizes: Mapping[str, int]) -> Prices:
    check_keys(raw, tuple(sizes), where)
    goods: dict[Good, float] = {}
    prices: dict[Names, float] = {}
    for table, size in sizes.items():
        for names, number in _rows(raw[table], size, f"{where}: {table}"):
            if table == "goods":
                goods[names[0], names[1]] = number
            else:
                prices[table, *names] = number
    return Prices(goods, prices)


def _rows(raw: Any, size: int, where: str) -> list[tuple[Names, float]]:
    if not isinstance(raw, list):
        raise MalformedError(f"{where} is no list")
    entries: dict[Names, float] = {}
    for row in raw:
        if not isinstance(row, list) or len(row) != size + 1:
            raise MalformedError(f"{where}: {shown(row)} is not {size} names and a number")
        names = texts_of(row[:-1], where)
        if names in entries:
            raise MalformedError(f"{where}: {label(names)} stands twice")
        entries[names] = number_of(row[-1], f"{where}: {label(names)}")
    return list(entries.items())
