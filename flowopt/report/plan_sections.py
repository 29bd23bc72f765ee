"""Sections on the plan: its measures, what comes next, other plans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote

from flowopt.network.network import Network
from flowopt.plain_text import plain_number
from flowopt.report.evaluation_headline import PLANS
from flowopt.report.measure_regions import measure_regions
from flowopt.report.page_parts import (
    Cell,
    Column,
    Row,
    Section,
    Table,
    change_cell,
    name_cell,
    number_cell,
    text_cell,
)
from flowopt.report.quality import GRADES, Quality
from flowopt.report.result_reader import Record, StoredResult, number
from flowopt.report.stored_luck import StoredLuck
from flowopt.report.stored_scenarios import StoredScenarios
from flowopt.report.units import Units

_EQUAL = 0.001  # of the best value: plans within it are a free choice


def plan_section(
    result: StoredResult | StoredScenarios | StoredLuck,
    quality: Quality,
    units: Units,
    rings: set[str],
    *,
    counted: str = "",
) -> Section:
    """Return the section of the measures; those in `rings` are on the map.

    `counted` tells what grows without a measure where it is not the objective.
    """
    proved = result.summary.get("status") == "optimal"
    return Section(
        "plan",
        "The plan",
        "plan.html",
        {
            "measures": _measures(result, quality, units, rings, counted) if result.plan else None,
            "ids": "--measures " + ",".join(result.certificate.plan),
            "uses": list(_uses(result)),
            "nothing": "No measure is worth buying." if proved else "The plan buys nothing.",
            "following": _following(result, units) if result.following else None,
        },
    )


def per_million(amount: float | None, cost: float) -> Cell:
    """Return a cell of what each million of a cost does."""
    return number_cell(None if amount is None or cost <= 0.0 else amount / cost)


def _estimated(row: Record, amount: float | None) -> Cell:
    """Return a cell of what a measure is worth, with its interval where draws were taken."""
    if amount is None or row.get("how") != "sampled":
        return number_cell(amount)
    return number_cell(amount, f"{amount:,.2f} ± {number(row['half_width']):,.2f}")


def _measures(
    result: StoredResult | StoredScenarios | StoredLuck,
    quality: Quality,
    units: Units,
    rings: set[str],
    counted: str,
) -> Table:
    year = "" if units.unit == units.money else "/yr"
    regions = measure_regions(result.network, [row["measure"] for row in result.plan])
    columns = (
        Column("rank", number=True, sorted="ascending"),
        Column("measure"),
        Column("kind", minor=True),
        *([Column("region", minor=True)] if any(regions.values()) else []),
        Column(f"cost, {units.money}/yr", number=True),
        Column(f"lost if dropped, {units.unit}{year}", number=True),
        Column(f"per {units.money}, {units.unit}", number=True, minor=True),
        Column("grade", minor=True),
        Column("sources", minor=True),
    )
    grows = counted or f"{units.quantity} grow back"
    rows = []
    for row in result.plan:
        basis, name = quality.basis[row["measure"]], row["measure"]
        lost = number(row["lost_if_dropped"]) if row["lost_if_dropped"] else None
        anchor = f"ring-{quote(name)}" if name in rings else ""
        cells = (
            Cell("number", row["rank"], number(row["rank"]), anchor=anchor),
            name_cell(row["name"], name),
            text_cell(row["kind"]),
            *([text_cell(", ".join(regions[name]))] if any(regions.values()) else []),
            number_cell(number(row["cost"])),
            _estimated(row, lost),
            per_million(lost, number(row["cost"])),
            text_cell(f"{basis.grade or 'none'}: {GRADES[basis.grade]}"),
            Cell("links", links=tuple((each, f"source-{quote(each)}") for each in basis.sources)),
        )
        rows.append(Row(cells, id=f"measure-{quote(name)}"))
    return Table(
        "measures",
        "The measures as a table",
        columns,
        tuple(rows),
        caption=(
            f"What the plan buys. Lost if dropped is how much {grows} if this "
            "one measure, with those that require it, is taken out; these do not add up, because "
            "measures work together. The grade is the worst among the numbers behind a measure."
        ),
    )


def _following(result: StoredResult | StoredScenarios | StoredLuck, units: Units) -> Table:
    year = "" if units.unit == units.money else "/yr"
    columns = (
        Column("measure"),
        Column(f"cost, {units.money}/yr", number=True),
        Column(f"would cut further, {units.unit}{year}", number=True, sorted="descending"),
        Column(f"per {units.money}, {units.unit}", number=True),
    )
    rows = tuple(
        Row((
            name_cell(row["name"], row["measure"]),
            number_cell(number(row["added_cost"])),
            _estimated(row, number(row["adds"])),
            number_cell(float(row["per_million"]) if row["per_million"] else None),
        ))
        for row in result.following
    )  # fmt: skip
    caption = (
        "One more measure, with what it requires, on top of the plan. Measures work together: what "
        "two of them add is not the sum."
    )
    return Table("next", "What would come next", columns, rows, caption=caption)


def _uses(result: StoredResult | StoredScenarios | StoredLuck) -> Iterator[str]:
    """Yield phrases for the plan's use of other resources."""
    about = {row.resource: row for row in result.network.resources}
    for name, used in result.summary.get("used", {}).items():
        if used > 0.0:
            limit = result.certificate.resources.get(name)
            of = "" if limit is None else f" of {plain_number(limit)}"
            row = about.get(name)
            unit = f" {row.unit}" if row and row.unit else ""
            yield f"{row.name if row else name}: {plain_number(used)}{of}{unit}"


# -- plans side by side ---------------------------------------------------------------------------


def beside_section(result: StoredResult, units: Units) -> Section | None:
    """Return the section of the plans set side by side; None where there is one only."""
    if len(result.beside) < 2:
        return None
    plans = [(row["plan"], row) for row in result.beside]
    held = {row["plan"]: set(filter(None, row["measures"].split(";"))) for row in result.beside}
    values = {"numbers": _numbers(plans, units), "measures": _held(result.network, plans, held)}
    return Section("beside", "Plans side by side", "beside.html", values)


def _numbers(plans: Iterable[tuple[str, Record]], units: Units) -> Table:
    columns = (
        Column("plan"),
        Column(f"cost, {units.money}/yr", number=True, minor=True),
        Column(f"{units.unit} left", number=True),
        Column("cut", number=True),
        Column("cut if nobody re-routed", number=True),
        Column("taken back", number=True),
    )
    rows = tuple(
        Row((
            name_cell(PLANS.get(name, (name, name))[0]),
            *(number_cell(number(row[key])) for key in ("spent", "value", "cut", "promised")),
            number_cell(max(0.0, number(row["promised"]) - number(row["cut"]))),
        ))
        for name, row in plans
    )  # fmt: skip
    return Table("plans", "The plans as a table", columns, rows)


def _held(
    network: Network, plans: Sequence[tuple[str, Record]], held: Mapping[str, set[str]]
) -> Table:
    """Return which measure is in which plan, those of the first plan first."""
    columns = (
        Column("measure"),
        Column("cost", number=True),
        *(Column(PLANS.get(name, (name, name))[1]) for name, _ in plans),
    )
    some = [row for row in network.measures if any(row.measure in each for each in held.values())]
    some.sort(key=lambda row: [row.measure not in held[plan["plan"]] for _, plan in plans])
    rows = tuple(
        Row((
            name_cell(row.name, row.measure),
            number_cell(row.cost),
            *(text_cell("yes" if row.measure in held[plan["plan"]] else "") for _, plan in plans),
        ))
        for row in some
    )  # fmt: skip
    return Table("held", "Which measure is in which plan", columns, rows)


# -- alternatives ---------------------------------------------------------------------------------


def alternatives_section(result: StoredResult | StoredLuck, units: Units) -> Section | None:
    """Return the section of the next best plans; None where none were asked for."""
    if len(result.alternatives) < 2:
        return None
    first, *others = result.alternatives
    estimated = any(number(row.get("half_width", "")) for row in result.alternatives)
    names = {row.measure: row.name for row in result.network.measures}
    columns = (
        Column("rank", number=True, sorted="ascending"),
        Column("instead of the best plan's"),
        Column("it buys"),
        Column(f"cost, {units.money}/yr", number=True),
        Column(f"{units.unit} more", number=True),
        *([Column("± by draws", number=True)] if estimated else []),
    )
    best = set(first["measures"].split(";"))
    rows = []
    for row in others:
        mine = set(row["measures"].split(";"))
        dropped = [
            names.get(each, each) for each in first["measures"].split(";") if each not in mine
        ]
        bought = [names.get(each, each) for each in row["measures"].split(";") if each not in best]
        cells = (
            Cell("number", row["rank"], number(row["rank"])),
            text_cell("; ".join(filter(None, dropped)) or "nothing"),
            text_cell("; ".join(filter(None, bought)) or "nothing"),
            number_cell(number(row["spent"])),
            change_cell(number(row["value"]) - number(first["value"])),
            *([number_cell(number(row["half_width"]))] if estimated else []),
        )
        rows.append(Row(cells))
    table = Table("other-plans", "Other plans as a table", columns, tuple(rows))
    values = {"finding": _freedom(first, others, units), "table": table}
    return Section("alternatives", "Other plans, from the best down", "alternatives.html", values)


def _freedom(first: Record, others: Sequence[Record], units: Units) -> str:
    """Return how free the choice among the best plans is."""
    value = number(first["value"])
    near = sum(number(row["value"]) - value <= _EQUAL * abs(value) for row in others)
    if not near:
        return (
            f"None of the {len(others)} other plans comes within 0.1% of the best: the choice "
            "matters."
        )
    return (
        f"{near + 1} plans lie within 0.1% of the best {units.quantity}: the choice among them is "
        "free, and may follow what is not in the tables."
    )
