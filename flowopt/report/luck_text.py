"""Text of a plan whose measures may fail: its mean, what may work of it, and its scenarios."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console

from flowopt.model.luck import COUNTED
from flowopt.model.luck_means import LEAST
from flowopt.network.network import Network
from flowopt.plain_text import plain_number
from flowopt.report.alternatives_text import print_alternatives
from flowopt.report.certainty import stopped_by
from flowopt.report.digits import fixed
from flowopt.report.part_text import part_sentences
from flowopt.report.plan_words import resource_names
from flowopt.report.scenario_text import print_heading, print_warnings
from flowopt.report.scenario_words import target_answer
from flowopt.report.terminal import new_console, new_table, plain, print_table
from flowopt.report.units import Units
from flowopt.results.luck_solution import LuckRow, LuckSolution, OutcomeRow

_PLANS = {"yours": "yours", "coverage": "covering"}
_SAID = 1e-4  # share of the most that is left: a difference that is worth a sentence
_SHOWN = 10  # outcomes of the first screen
_FEW = 3  # measures that come next there
_BY = {
    "expected": " in the mean of the scenarios",
    "worst": " in the worst scenario",
    "cvar": " in the mean of the worst scenarios",
}


def luck_report(network: Network, solution: LuckSolution, *, full: bool = True) -> None:
    """Print a plan whose measures may fail.

    Parameters
    ----------
    network, solution
        The network and the plan.
    full
        Print all outcomes; else the likeliest ones.
    """
    console, units = new_console(), Units(network, solution.objective, solution.of)
    if solution.criterion is None:
        print_heading(console, network, plans=True)
    else:
        console.print(plain(f"{network.info.title} ({network.info.label})", style="bold"))
    for sentence in luck_sentences(network, solution, units):
        console.print(plain(sentence))
    if solution.criterion is not None:
        _print_scenarios(console, solution.scenarios, units)
    _print_outcomes(console, solution, units, full=full)
    if solution.plan:
        _print_plan(console, network, solution, units)
    if solution.alternatives:
        print_alternatives(console, network, solution.alternatives, units)
    _print_beside(console, solution, units)
    _print_next(console, solution, units, most=len(solution.next) if full else _FEW)
    print_warnings(console, solution.warnings)


def luck_sentences(network: Network, solution: LuckSolution, units: Units) -> Iterator[str]:
    """Yield the plan's mean, how sure it is, how it spreads, its cost, and what it breaks."""
    count, unit, luck = len(solution.measures), units.unit, solution.luck
    by = in_what(solution.criterion)
    whose = "Your" if solution.by_hand else "The"
    many = f"{whose} plan of {count} measure{'s' * (count != 1)}"
    if solution.target is not None:
        yield target_sentence(solution.summary(), len(solution.scenarios), units)
    elif solution.criterion == "regret":
        yield regret_sentence(many, solution.value, solution.baseline, unit, 2)
    elif solution.criterion == "cut":
        yield cut_sentence(many, solution.cut, unit, 2)
    elif not count:
        yield f"No measures, so that {fixed(solution.value, 2)} {unit} a year are left{by}."
    else:
        yield (
            f"{many} leaves {fixed(solution.value, 2)} {unit} a year in the mean over what "
            f"works{by}, of {fixed(solution.baseline, 2)} without measures: "
            f"{fixed(solution.cut, 2)} less"
            + (f" ({solution.cut_share:.1%})." if solution.cut_share is not None else ".")
        )
    if luck.draws is not None:
        why = "too many to count what may work"
        if luck.coins <= COUNTED:
            why = "and there was no time to count all that may work"
        mean = mean_by_draws(luck.draws, solution.low, solution.high)
        yield f"That is an estimate: it hangs on {luck.coins} chances, {why}. {mean}"
    if solution.target is not None:
        yield from target_certainty(solution.summary(), units)
    elif solution.bound is not None:
        yield certainty_of(solution.summary(), unit)
    yield from regret_range(solution.summary(), solution.base, unit)
    if solution.criterion is None and count:
        yield spread_sentence(solution.scenarios[0])
    yield from part_sentences(solution.summary(), units, lambda tonnes: fixed(tonnes, 2))
    takes = [f"{solution.spent:,.2f} {units.money} a year"]
    resources = resource_names(network)
    takes += [
        f"{plain_number(amount)} {resources[name]}"
        for name, amount in solution.used.items()
        if amount > 0.0
    ]
    if count:
        yield f"It takes {', '.join(takes)}, whether it works or not."
    for breach in solution.broken:
        yield f"It breaks a condition: {breach}."


def target_sentence(summary: Mapping[str, Any], scenarios: int, units: Units) -> str:
    """Return what reaching a target in the mean takes, by `summary.json`."""
    if summary["criterion"] is not None:
        return target_answer(summary, scenarios, units, ", in the mean over what works,")
    count, unit = len(summary["measures"]), units.unit
    return (
        f"Bringing {units.quantity} from {fixed(summary['baseline'], 2)} to "
        f"{plain_number(summary['target'])} {unit} a year or below in the mean over what works "
        f"takes {count} measure{'s' * (count != 1)} for {summary['spent']:,.2f} {units.money} a "
        f"year; they leave {fixed(summary['value'], 2)} {unit}."
    )


def target_certainty(summary: Mapping[str, Any], units: Units) -> Iterator[str]:
    """Yield whether an estimate says for sure that the target is reached; the bound on costs."""
    sign = -1.0 if summary["criterion"] == "cut" else 1.0
    most = sign * summary["target"]
    if summary["luck"]["how"] == "sampled":
        if summary["high"] <= most:
            yield "All of that reaches the target."
        elif summary["low"] > most:
            yield "None of that reaches the target: a dearer plan may be needed."
        else:
            yield "The target lies between these: whether the plan reaches it is not certain."
    floor = f"{summary['cost_bound']:,.2f} {units.money}"
    if summary["cost_bound"] >= summary["spent"]:
        yield f"Proved: no plan that does it costs less than {floor}."
    elif summary["status"] == "optimal":
        gap = f"{summary['cost_gap']:.3%}"
        yield f"Proved to {gap}: no plan that does it costs less than {floor}."
    else:
        yield (
            f"Not proved{stopped_by(summary['limit'])}: a cheaper plan may exist, but none below "
            f"{floor} (gap {summary['cost_gap']:.2%})."
        )


def in_what(criterion: str | None) -> str:
    """Return in what of the scenarios a value lies, for a criterion that counts what is left."""
    return _BY.get(criterion or "", "")


def cut_sentence(many: str, cut: float, unit: str, places: int) -> str:
    """Return what a plan of so many measures cuts, whichever scenario holds."""
    return (
        f"{many} cuts at least {fixed(cut, places)} {unit} a year in the mean over what works, "
        "whichever scenario holds."
    )


def regret_sentence(many: str, value: float, baseline: float, unit: str, places: int) -> str:
    """Return how far a plan of so many measures is from the best one, whichever scenario holds."""
    return (
        f"{many} leaves at most {fixed(value, places)} {unit} a year more, in the mean over what "
        "works, than the best plan for the scenario that holds; no measures would leave "
        f"{fixed(baseline, places)} more."
    )


def regret_range(summary: Mapping[str, Any], base: float, unit: str) -> Iterator[str]:
    """Yield between what the true regret lies, where that is worth a sentence.

    `base` is the most left without measures in any scenario.
    """
    low, high = summary["low"], summary.get("regret_high")
    if high is not None and high - low > _SAID * base:
        sampled = summary["luck"]["how"] == "sampled"
        yield (
            f"The best plans of the scenarios are known within a gap{' or an interval' * sampled}, "
            f"so the true regret is between {fixed(max(0.0, low), 2)} and {fixed(high, 2)} {unit}."
        )


def mean_by_draws(draws: int, low: float, high: float) -> str:
    """Return between what the mean lies by so many draws."""
    ends = f"{fixed(low, 2)} and {fixed(high, 2)}"
    if draws < LEAST:
        return (
            f"There was time for {draws} draw{'s' * (draws != 1)} alone, so that no more is known "
            f"for certain of the mean than that it lies between {ends}."
        )
    return f"By {draws:,} draws the mean lies between {ends} (95 of 100)."


def certainty_of(summary: Mapping[str, Any], unit: str) -> str:
    """Return the sentence on what no plan leaves less than, by `summary.json`."""
    bound, gap = summary["bound"], summary["gap"]
    if summary["criterion"] == "regret":
        return _certainty_of_regret(summary, unit)
    if summary["criterion"] == "cut":
        than = f"is sure to cut more than {fixed(-bound, 2)} {unit}"
        of = " of the most that is left without measures"
    else:
        than = f"leaves less than {fixed(bound, 2)} {unit}"
        than, of = than + in_what(summary["criterion"]).replace(" in the mean of", " over", 1), ""
    if summary["status"] == "optimal":
        closeness = f" to {gap:.3%}" if gap > 0.0005e-2 else ""
        return f"Proved{closeness}: no plan {than} in the mean."
    return (
        f"Not proved{stopped_by(summary['limit'])}: a better plan may exist, but none that {than} "
        f"in the mean (gap {gap:.2%}{of})."
    )


def _certainty_of_regret(summary: Mapping[str, Any], unit: str) -> str:
    least, gap = fixed(max(0.0, summary["bound"]), 2), summary["gap"]
    of = f"gap {gap:.2%} of the most that is left without measures"
    if summary["status"] == "optimal":
        return f"Proved: no plan's most regret is less than {least} {unit} in the mean ({of})."
    return (
        f"Not proved{stopped_by(summary['limit'])}: a better plan may exist, but none whose most "
        f"regret is less than {least} {unit} in the mean ({of})."
    )


def spread_sentence(row: LuckRow) -> str:
    """Return how what is left spreads over the years, and what is left when all works."""
    return (
        f"5 to 95 of 100: {fixed(row.left_p05, 2)} to {fixed(row.left_p95, 2)}; all of it works in "
        f"{of_hundred(row.all_works)} of 100 years and then leaves "
        f"{fixed(row.all_works_value, 2)}."
    )


def failing_rows(numbers: str) -> str:
    """Return the rows of the effects that fail, as an editor counts them: the header is row 1."""
    rows = [str(int(number) + 1) for number in numbers.split(";")]
    return f"row{'s' * (len(rows) > 1)} {', '.join(rows)} of the effects"


def of_hundred(part: float) -> str:
    """Return a share as a number of a hundred, exact where it is small."""
    return f"{100.0 * part:.0f}" if part >= 0.095 or part == 0.0 else f"{100.0 * part:.2g}"


def _print_scenarios(console: Console, rows: Sequence[LuckRow], units: Units) -> None:
    compared = any(row.regret is not None for row in rows)
    beside = ["best there", "regret"] if compared else []
    columns = ["name", "weight", "nothing", "plan", "cut", *beside, "5 of 100", "95 of 100"]
    table = new_table(columns)
    table.columns[0].header = "scenario"
    for row in rows:
        own = (row.own_best, row.regret) if compared else ()
        numbers = (row.baseline, row.value, row.cut, *own, row.left_p05, row.left_p95)
        label = row.name or row.scenario
        table.add_row(
            plain(label), f"{row.weight:.0%}", *(fixed(each or 0.0, 2) for each in numbers)
        )
    print_table(console, f"Scenarios, {units.unit} a year in the mean over what works", table)


def _print_plan(console: Console, network: Network, solution: LuckSolution, units: Units) -> None:
    """Print the measures of the plan, with the chance of each in the network as it stands."""
    chances = {row.measure: row.success for row in network.measures}
    lost = f"{units.unit} lost if dropped"
    table = new_table(["measure", "name", units.money, "works in 100", lost])
    for row in solution.plan:
        table.add_row(
            plain(row.measure),
            plain(row.name),
            f"{row.cost:,.2f}",
            of_hundred(chances[row.measure]),
            worth_within(row.lost_if_dropped, row.half_width),
        )
    most = "" if solution.budget is None else f" of {plain_number(solution.budget)}"
    print_table(console, f"The plan: {solution.spent:,.2f}{most} {units.money} a year", table)


def worth_within(amount: float | None, half_width: float | None) -> str:
    """Return what a measure is worth in the mean, with its interval where it was estimated."""
    if amount is None:
        return ""
    return f"{amount:,.2f}" + (f" ± {half_width:,.2f}" if half_width else "")


def _print_beside(console: Console, solution: LuckSolution, units: Units) -> None:
    """Print the plans that stand beside one made by hand."""
    if not solution.comparison:
        return
    year = f"{units.unit} left"
    table = new_table(["plan", units.money, f"{year} in the mean", "when all works", "if nobody "
                       "re-routed"])  # fmt: skip
    for row in solution.comparison:
        table.add_row(
            _PLANS[row.plan],
            f"{row.spent:,.2f}",
            worth_within(row.value, row.half_width),
            f"{row.all_works_value:,.2f}",
            f"{solution.baseline - row.promised:,.2f}",
        )
    money = solution.spent if solution.budget is None else solution.budget
    print_table(
        console,
        f"Beside it, for {money:,.2f} {units.money} a year: the plan that covers most of today's "
        "flow when all of it works",
        table,
    )


def _print_next(console: Console, solution: LuckSolution, units: Units, *, most: int) -> None:
    """Print the measures that would add most on top of the plan in the mean, one at a time."""
    if not solution.next:
        return
    table = new_table(["measure", "name", units.money, f"{units.unit} further"])
    for row in solution.next[:most]:
        adds = worth_within(row.adds, row.half_width)
        table.add_row(plain(row.measure), plain(row.name), f"{row.added_cost:,.2f}", adds)
    print_table(
        console,
        "What comes next in the mean: one more measure, with what it requires, on top of the plan",
        table,
        "Measures work together: what two of them add is not the sum.",
    )


def _print_outcomes(console: Console, solution: LuckSolution, units: Units, *, full: bool) -> None:
    rows: Sequence[OutcomeRow] = solution.outcomes
    shown = rows if full else rows[:_SHOWN]
    several = solution.criterion is not None
    table = new_table([*(["scenario"] if several else []), "works", "of 100 years", "left"])
    for column in table.columns[:-2]:
        column.justify, column.overflow, column.no_wrap = "left", "fold", False
    for row in shown:
        works = row.works.replace(";", ", ") or "nothing"
        if row.failed_effects:
            works += f" (not {failing_rows(row.failed_effects)})"
        first = [plain(row.scenario)] if several else []
        table.add_row(*first, plain(works), of_hundred(row.probability), fixed(row.value, 2))
    print_table(console, f"What may work of it, {units.unit} a year left", table)
    if len(shown) < len(rows):
        rest = len(rows) - len(shown)
        console.print(plain(f"and {rest:,} more outcomes; --full lists them"))
