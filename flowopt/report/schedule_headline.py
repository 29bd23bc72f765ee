"""Headline of a schedule: the answer in a sentence, key figures, and how sure they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from flowopt.network.network import Network
from flowopt.plain_text import plain_number
from flowopt.report.certainty import stopped_by
from flowopt.report.digits import decimals, fixed, percent
from flowopt.report.headline import Headline, KeyFigure, floored, number_in
from flowopt.report.luck_text import of_hundred
from flowopt.report.period_figures import period_name
from flowopt.report.units import Units

_NOTHING = 5e-6  # a gap that would be shown as 0.000%


def schedule_headline(network: Network, summary: Mapping[str, Any], units: Units) -> Headline:
    """Return the headline of a schedule.

    Parameters
    ----------
    network, units
        The network with the periods, and labels.
    summary
        The scalars of the result: totals over all periods.
    """
    baseline, value = number_in(summary, "baseline"), number_in(summary, "value")
    places = decimals(baseline, [baseline - value])
    return Headline(
        answer=_answer(network, summary, units, places),
        figures=_figures(summary, units, places),
        sure=(
            *_estimated(summary, units, places),
            schedule_certainty(summary, units, places),
            "The numbers are what the trafficker can still do once it has foreseen the whole "
            "schedule and opened what pays: a trafficker who foresees less brings no more.",
            *_simulated(summary, units, places),
        )
        if units.gain == units.unit
        else (
            *_estimated(summary, units, places),
            schedule_certainty(summary, units, places),
            _EARNS,
        ),
    )


_EARNS = "The trafficker ships and opens what earns most, not the most tonnes."


def is_lucky(summary: Mapping[str, Any]) -> bool:
    """Return whether the measures of a schedule may fail, so that its numbers are means."""
    return isinstance(summary.get("luck"), dict)


def _estimated(summary: Mapping[str, Any], units: Units, places: int) -> Iterator[str]:
    """Yield how sure a mean over what works is."""
    if not is_lucky(summary):
        return
    luck, value = summary["luck"], number_in(summary, "value")
    if luck["how"] == "counted":
        yield "The mean is over all that may work, each with its probability."
    else:
        low, high = (fixed(value + sign * luck["half_width"], places) for sign in (-1.0, 1.0))
        yield (
            f"The mean is an estimate by draws: {low} to {high} {units.unit} in 95 of 100 such "
            "intervals."
        )
    yield "The schedule is chosen before its luck shows; the trafficker sees it."


def is_number(value: object) -> TypeGuard[float]:
    """Return whether a budget is one number, and not one for each period."""
    return isinstance(value, int | float)


def span_of(network: Network) -> str:
    """Return the first and the last period in words."""
    first, last = (period_name(network.periods[place]) for place in (0, -1))
    return first if first == last else f"{first} to {last}"


def _answer(network: Network, summary: Mapping[str, Any], units: Units, places: int) -> str:
    baseline, value = number_in(summary, "baseline"), number_in(summary, "value")
    spent = f"{number_in(summary, 'spent'):,.2f} {units.money} in all"
    when = f"From {span_of(network)}"
    before, after = fixed(baseline, places), fixed(value, places)
    mean = " in the mean over what works" if is_lucky(summary) else ""
    if summary.get("target") is not None:
        return (
            f"{when}, bringing {units.quantity} from {before} to "
            f"{plain_number(number_in(summary, 'target'))} {units.unit} or below{mean} takes "
            f"{spent}; {after} {units.unit} are left."
        )
    if baseline <= 0.0:
        return f"{when} there is nothing to cut: {units.quantity} without any measure: 0."
    budget = summary.get("budget")
    money = f"{plain_number(budget)} {units.money} a year" if is_number(budget) else spent
    if baseline - value <= 1e-9 * baseline:
        return f"{when}, {money} cut nothing: {units.quantity} stay at {before} {units.unit}."
    share = percent((baseline - value) / baseline)
    return (
        f"{when}, {money} cut {units.quantity}{mean} by {fixed(baseline - value, places)} "
        f"{units.unit} of {before}: {share} less{_if_closed(summary, places)}."
    )


def _if_closed(summary: Mapping[str, Any], places: int) -> str:
    closed, without = (
        summary.get(key) for key in ("baseline_without_openings", "value_without_openings")
    )
    if closed is None or without is None or abs(closed - number_in(summary, "baseline")) < 1e-9:
        return ""
    return (
        f"; had the trafficker opened nothing, by {fixed(closed - without, places)} of "
        f"{fixed(closed, places)}"
    )


def _figures(summary: Mapping[str, Any], units: Units, places: int) -> tuple[KeyFigure, ...]:
    baseline, value = number_in(summary, "baseline"), number_in(summary, "value")
    share = percent((baseline - value) / baseline) if baseline > 0.0 else "0%"
    years = f"{units.unit} over {plain_number(number_in(summary, 'years'))} years"
    under = (
        KeyFigure("under the schedule", fixed(value, places), years),
        KeyFigure("less", share, units.quantity),
    )
    if is_lucky(summary):
        luck = summary["luck"]
        chance = of_hundred(number_in(luck, "all_works"))
        works = fixed(number_in(luck, "all_works_value"), places)
        under = (
            KeyFigure("left in the mean", fixed(value, places), f"{years}, over what works"),
            KeyFigure("left when all works", works, f"{years}, {chance} of 100 cases"),
        )
    return (
        KeyFigure("without measures", fixed(baseline, places), years),
        *under,
        KeyFigure(
            "the schedule costs", f"{number_in(summary, 'spent'):,.2f}", f"{units.money} in all"
        ),
    )


def schedule_certainty(summary: Mapping[str, Any], units: Units, places: int) -> str:
    """Return the sentence on the bound of a schedule, or of its cost for a target."""
    proved, stopped = summary["status"] == "optimal", stopped_by(summary.get("limit"))
    gap = number_in(summary, "gap")
    if summary.get("target") is not None:
        floor = f"{number_in(summary, 'cost_bound'):,.2f} {units.money} in all"
        if proved:
            return f"Proved: no schedule that does it costs less than {floor}."
        return f"Not proved{stopped}: a cheaper schedule may exist, but none below {floor}."
    if proved and gap < _NOTHING:
        return "Proved: no schedule for this money does better."
    if proved:
        return (
            f"Proved to within {gap:.3%}: no schedule for this money does better by more than that."
        )
    bound = f"{floored(number_in(summary, 'bound'), places)} {units.unit}"
    return (
        f"Not proved{stopped}: a better schedule may exist, but none below {bound} (gap {gap:.2%})."
    )


def _simulated(summary: Mapping[str, Any], units: Units, places: int) -> Iterator[str]:
    myopic = summary.get("value_myopic")
    if myopic is not None:
        cut = fixed(number_in(summary, "baseline") - myopic, places)
        yield (
            "Against a trafficker who expects what is in force to stay, the cut would be "
            f"{cut} {units.unit}; that is a simulation."
        )
