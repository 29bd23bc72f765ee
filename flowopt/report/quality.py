"""Quality of the data behind a plan, from the grades in the planner's tables.

A measure rests on the rows of its cost (`measures`), its effects (`effects`, and `reforms` with the
effects of the measures it reforms) and its targets (the arc, node, site, supply or demand). Its
grade is the worst among them. The plan's effect is shared out by what each measure's loss would
cost (`lost_if_dropped`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flowopt.network import schema
from flowopt.network.network import Network
from flowopt.network.tables import matches
from flowopt.report.result_reader import StoredFlow, number

GRADES = {
    "A": "official or first-rank",
    "B": "a single source",
    "C": "derived or recalled",
    "X": "assumed for illustration",
    "": "no grade given",
}
_ORDER = "ABCX"
DEFINITION = (
    "A measure rests on the rows of the tables that say what it costs, what it does and what it "
    "acts on; the worst grade among them counts, and a row without a grade counts as assumed. The "
    "plan's effect is shared out over its measures by what each would lose if dropped."
)


@dataclass(frozen=True, slots=True)
class Basis:
    """Basis of one measure: the worst grade ("" for a row without any) and the sources."""

    grade: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quality:
    """Quality of the data behind a plan.

    Attributes
    ----------
    effect : mapping
        Share of the plan's effect by the worst grade of what it rests on; empty without effect.
    legs : float or None
        Share of the tonnes that move under the plan, counted on every leg, on legs whose row is
        assumed or not graded.
    basis : mapping
        Basis of each measure of the plan.
    known : bool
        Whether the worth of each measure is known; else `effect` is empty too.
    """

    effect: Mapping[str, float]
    legs: float | None
    basis: Mapping[str, Basis]
    known: bool = True

    @property
    def assumed(self) -> float | None:
        """Share of the plan's effect that rests on assumed numbers, None without effect."""
        return sum(self.effect.get(g, 0.0) for g in ("X", "")) if self.effect else None


def quality_of(result: StoredFlow) -> Quality:
    """Return the quality of the data behind a plan."""
    plan = [row["measure"] for row in result.plan]
    basis = {name: basis_of(result.network, name, plan) for name in plan}
    # The share of each measure in the effect is known only if all were valued.
    known = all(row["lost_if_dropped"] for row in result.plan)
    weights = {r["measure"]: max(0.0, number(r["lost_if_dropped"])) for r in result.plan if known}
    total = sum(weights.values())
    effect: dict[str, float] = {}
    for name, weight in weights.items():
        if weight > 0.0:
            grade = basis[name].grade
            effect[grade] = effect.get(grade, 0.0) + weight / total
    moved = ((row["arc"], row["commodity"], number(row["after"])) for row in result.flows)
    return Quality(dict(sorted(effect.items(), key=lambda item: _rank(item[0]))),
                   assumed_legs(result.network, moved), basis, known)  # fmt: skip


def assumed_effects(network: Network) -> tuple[int, int]:
    """Return how many rows say what measures do, and how many of them are assumed or not graded."""
    rows: list[schema.Row] = [*network.effects, *network.reforms]
    return len(rows), sum(row.grade in (None, "X") for row in rows)


def assumed_measures(network: Network, plan: Iterable[str]) -> tuple[int, int]:
    """Return how many measures a plan has, and how many rest on an assumed or ungraded row."""
    names = list(plan)
    grades = [basis_of(network, name, names).grade for name in names]
    return len(names), sum(grade in ("X", "") for grade in grades)


def basis_of(network: Network, measure: str, plan: Iterable[str]) -> Basis:
    """Return the basis of a measure of a plan."""
    rows = list(_rows(network, measure, set(plan)))
    grades = [row.grade or "" for row in rows]
    sources = dict.fromkeys(source for row in rows for source in row.source)
    return Basis(max(grades, key=_rank, default=""), tuple(sources))


def targets(network: Network, effect: schema.Effect) -> list[schema.Row]:
    """Return the rows that an effect acts on."""
    if effect.on == "pool":
        pools = network.pools
        return [row for name in matches(effect.target, pools) for row in pools[name]]
    table, key = {
        "arc": (network.arcs, "arc"),
        "node": (network.nodes, "node"),
        "site": (network.sites, "site"),
        "supply": (network.supplies, "node"),
        "demand": (network.demands, "node"),
    }[effect.on]
    rows: list[schema.Row] = list(table)
    matched = set(matches(effect.target, [getattr(row, key) for row in rows]))
    return [
        row
        for row in rows
        if getattr(row, key) in matched
        and (effect.on not in ("supply", "demand") or effect.commodity in ("", _good(row)))
    ]


def reformed_by(network: Network, measure: str, plan: set[str]) -> list[str]:
    """Return the measures of a plan that one of its measures reforms."""
    matched: dict[str, None] = {}
    for reform in network.reforms:
        if reform.measure == measure:
            names = matches(reform.target, [row.measure for row in network.measures])
            matched.update(dict.fromkeys(name for name in names if name in plan))
    return list(matched)


def _rows(network: Network, measure: str, plan: set[str]) -> Iterator[schema.Row]:
    yield from (row for row in network.measures if row.measure == measure)
    reformed = set(reformed_by(network, measure, plan))
    yield from (
        row
        for row in network.reforms
        if row.measure == measure
        and reformed & set(matches(row.target, [m.measure for m in network.measures]))
    )
    for effect in network.effects:
        if effect.measure == measure or effect.measure in reformed:
            yield effect
            yield from targets(network, effect)


def assumed_legs(network: Network, amounts: Iterable[tuple[str, str, float]]) -> float | None:
    """Return the share of tonnes, counted on every leg, on legs that are assumed or not graded.

    Parameters
    ----------
    network
        The network.
    amounts
        Arc, commodity and t/yr; only what markets buy is counted.
    """
    goods = network.market_commodities
    grades = {arc.arc: arc.grade for arc in network.arcs}
    moved = [(arc, amount) for arc, good, amount in amounts if good in goods]
    total = sum(amount for _, amount in moved)
    guessed = sum(amount for arc, amount in moved if grades.get(arc) in (None, "X"))
    return guessed / total if total > 0.0 else None


def _good(row: schema.Row) -> str:
    return str(getattr(row, "commodity", ""))


def _rank(grade: str) -> int:
    return _ORDER.index(grade) if grade in _ORDER and grade else len(_ORDER)
