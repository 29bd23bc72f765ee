"""Sentences of a stress: how the plan fares, beside its rivals, and what drives it.

They always call it a sample of the ranges: a quantile is no bound, and nothing is proved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flowopt.network.network import Network
from flowopt.report.units import Units
from flowopt.results.numbers import EQUAL
from flowopt.results.stress import Driver, Stress, StressedPlan

_SURE = 3.0  # standard deviations of a rank correlation by chance, from which a group matters
_FLIPS = 3  # in the text; the others are in the table
_PHRASES = {
    ("arc", "capacity"): ("{kind} capacities", "smaller", "larger"),
    ("arc", "cost"): ("costs on {kind} legs", "lower", "higher"),
    ("arc", "loss"): ("ordinary losses on {kind} legs", "lower", "higher"),
    ("node", "capacity"): ("what nodes let pass", "less", "more"),
    ("site", "capacity"): ("capacities of sites", "smaller", "larger"),
    ("site", "cost"): ("costs of sites", "lower", "higher"),
    ("supply", "capacity"): ("the supply of {good}", "scarcer", "more plentiful"),
    ("supply", "cost"): ("what {good} costs at its source", "less", "more"),
    ("demand", "quantity"): ("what markets take of {good}", "less", "more"),
    ("demand", "price"): ("what markets pay for {good}", "less", "more"),
    ("recipe", "quantity"): ("{good} in recipes", "less", "more"),
    ("effect", "cut"): ("what {kind} measures cut", "less", "more"),
    ("effect", "loss"): ("what {kind} measures seize", "less", "more"),
    ("effect", "cost"): ("what {kind} measures make dearer", "less", "more"),
    ("effect", "success"): ("the odds that what {kind} measures do works", "lower", "higher"),
    ("measure", "success"): ("the odds that {kind} measures work", "lower", "higher"),
}


def sentences(network: Network, stress: Stress) -> Iterator[str]:
    """Yield what the sample shows, in sentences."""
    units = Units(network, stress.objective)
    yield from _distribution(stress, units)
    if len(stress.plans) > 1:
        yield from _beside_rivals(stress, units)
    yield from _drivers(network, stress)
    yield from _flips(network, stress)
    if stress.draws.own:
        yield _own(network, stress, units)
    if stress.luck_draws is not None:
        yield "Values are means over what works of a plan, with the chances of each draw" + (
            f": estimates by {stress.luck_draws:,} throws, the same for all plans and draws."
            if stress.luck_draws
            else "."
        )
    yield (
        f"This is a sample of the ranges (seed {stress.seed}, {stress.numbers:,} numbers in "
        f"{stress.groups} groups), not a proof: no plan is shown to be the best, and no value to "
        "be the worst."
    )


def _distribution(stress: Stress, units: Units) -> Iterator[str]:
    plan, draws = stress.plans[0], len(stress.draws.values)
    low, high = plan.cut_p05 + 0.0, plan.cut_p95 + 0.0
    base = stress.baseline - plan.value
    yield (
        f"When the numbers move within their ranges, in {draws:,} draws, the plan cuts "
        f"{low:,.1f} to {high:,.1f} {units.unit} a year (5 to 95 of 100), {plan.cut_p50:,.1f} in "
        f"the middle; the network as it stands says {base:,.1f}."
    )
    if len(stress.plans) > 1:
        if stress.nothing_cut > 0.0:
            yield f"In {_of_100(stress.nothing_cut)} draws no plan compared cuts anything."
    elif plan.cuts_nothing > 0.0:
        yield f"In {_of_100(plan.cuts_nothing)} draws it cuts nothing."


def _beside_rivals(stress: Stress, units: Units) -> Iterator[str]:
    plan, *rivals = stress.plans
    shares = ", ".join(f"'{each.plan}' in {each.best_share * 100:.0f}" for each in rivals)
    yield (
        f"Of the {len(stress.plans)} plans it is the best in {_of_100(plan.best_share)}; {shares} "
        "(ties count for all)."
    )
    means = ", ".join(f"'{each.plan}' {each.cut_mean:,.1f}" for each in rivals)
    yield f"In the mean it cuts {plan.cut_mean:,.1f} {units.unit}, {means}."
    if plan.behind_max > 0.0:
        least = min(rivals, key=lambda each: each.behind_max)
        beside = ""
        if least.behind_max < plan.behind_max:
            beside = f"; for '{least.plan}' that is {least.behind_max:,.1f} {units.unit}"
        yield (
            f"In the worst draw another of them cuts {plan.behind_max:,.1f} {units.unit} more"
            f"{beside}."
        )


def _drivers(network: Network, stress: Stress) -> Iterator[str]:
    least = _SURE / (len(stress.draws.values) - 1) ** 0.5
    found = [row for row in stress.drivers if abs(row.correlation or 0.0) >= least]
    found.sort(key=lambda row: -abs(row.correlation or 0.0))
    if not found:
        return
    first, *rest = (f"{phrase(network, row.group)}" for row in found[:2])
    text = f"What matters most is {first} (rank correlation {found[0].correlation:.2f})"
    if rest:
        text += f", next {rest[0]} ({found[1].correlation:.2f})"
    if stress.r2 is not None:
        text += (
            f"; the groups together explain {stress.r2:.0%} of how the draws rank (R2), the rest "
            "is what each number has of its own, and interaction"
        )
    yield text + "."


def flips(stress: Stress) -> list[tuple[Driver, float, str]]:
    """Return group, factor and rival of every flip, the nearest to 1 first."""
    found = []
    for row in stress.drivers:
        names = row.rival.split(";")
        if row.flip_low is not None:
            found.append((row, row.flip_low, names[0]))
        if row.flip_high is not None:
            found.append((row, row.flip_high, names[-1]))
    return sorted(found, key=lambda each: max(each[1], 1.0 / each[1]))


def _flips(network: Network, stress: Stress) -> Iterator[str]:
    found, plan = flips(stress), stress.plans[0]
    is_best = plan.value <= min(row.value for row in stress.plans) + stress.tolerance
    if not found:
        if len(stress.plans) > 1:
            better = "another of the plans the better one" if is_best else "the plan the best one"
            yield f"No group alone, within its ranges, makes {better}."
        return
    parts = []
    for row, factor, rival in found[:_FLIPS]:
        better = f"'{rival}' is better" if is_best else f"the plan is better than '{rival}'"
        parts.append(f"if {_moved(network, row.group, factor)}, {better}")
    more = len(found) - len(parts)
    ending = f"; {more} more in drivers.csv" if more else ""
    text = "; ".join(parts)
    yield f"{text[0].upper()}{text[1:]}{ending}."


def _own(network: Network, stress: Stress, units: Units) -> str:
    count, held = len(stress.draws.own), stress.measures[stress.plans[0].plan]
    cost = sum(row.cost for row in network.measures if row.measure in held)
    dearer = stress.budget is not None and cost > stress.budget * (1.0 + EQUAL) + EQUAL
    beside = f" (the plan itself, for {cost:g}, among them)" if dearer else ""
    # A bound may lie above the best value by its rounding.
    regret = {name: max(0.0, more) for name, more in stress.regret.items()}
    return (
        f"In the first {count} draws the best plan known for {stress.budget:g} {units.money}"
        f"{beside} cuts {regret['mean']:,.1f} {units.unit} more in the mean, "
        f"{regret['max']:,.1f} at most (by the bounds no plan cuts more than "
        f"{regret['max_by_bound']:,.1f} more)."
    )


def phrase(network: Network, group: str) -> str:
    """Return a group of numbers in words."""
    on, _, rest = group.partition(" ")
    column, _, kind = rest.partition(" ")
    words = _PHRASES.get((on, column))
    if words is None:
        return group
    names = {row.commodity: row.name for row in network.commodities}
    text = words[0].format(kind=kind.replace("_", " "), good=names.get(kind, kind))
    return " ".join(text.split())


def _moved(network: Network, group: str, factor: float) -> str:
    """Return a group at a factor, as "road capacities are 18 % smaller"."""
    on, _, rest = group.partition(" ")
    words = _PHRASES.get((on, rest.partition(" ")[0]), ("", "smaller", "larger"))
    change = f"{abs(factor - 1.0) * 100:.0f} % {words[1 if factor < 1.0 else 2]}"
    text = phrase(network, group)
    return f"{text} {'are' if _plural(text) else 'is'} {change}"


def _plural(text: str) -> bool:
    return (
        text.split(" ")[0] in ("costs", "capacities")
        or text.startswith("the odds")
        or text.endswith("capacities")
        or (text.startswith("ordinary losses"))
    )


def _of_100(share: float) -> str:
    return f"{share * 100:.0f} of 100"


def plan_cells(row: StressedPlan, baseline: float) -> Sequence[str]:
    """Return the cells of a plan's row in a table."""
    return (
        row.plan,
        f"{baseline - row.value + 0.0:,.1f}",
        f"{row.cut_p05 + 0.0:,.1f}",
        f"{row.cut_p50 + 0.0:,.1f}",
        f"{row.cut_p95 + 0.0:,.1f}",
        f"{row.cut_mean:,.1f}",
        f"{row.cuts_nothing:.0%}",
        f"{row.best_share:.0%}",
        f"{row.behind_max:,.1f}",
    )


PLAN_HEADERS = ("plan", "as is", "5 %", "50 %", "95 %", "mean", "cuts nothing", "best", "regret")
