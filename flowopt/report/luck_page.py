"""Page of a plan whose measures may fail: its mean, how it spreads, and the flow when all works."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowopt.plain_text import plain_number
from flowopt.report.digits import decimals, fixed, percent
from flowopt.report.evaluation_headline import PLANS
from flowopt.report.flow_sections import map_section, ringed, sankey_section, where_section
from flowopt.report.flow_states import result_states
from flowopt.report.headline import Headline, KeyFigure, number_in
from flowopt.report.luck_text import (
    certainty_of,
    cut_sentence,
    failing_rows,
    in_what,
    mean_by_draws,
    of_hundred,
    regret_range,
    regret_sentence,
    spread_sentence,
    target_certainty,
    target_sentence,
    worth_within,
)
from flowopt.report.map import picture_of
from flowopt.report.page_parts import (
    NO_CHOICE,
    Cell,
    Column,
    Page,
    Row,
    Section,
    Table,
    name_cell,
    number_cell,
    text_cell,
)
from flowopt.report.page_render import render
from flowopt.report.part_text import part_sentences
from flowopt.report.plan_sections import alternatives_section, plan_section
from flowopt.report.plan_words import MeasureNames
from flowopt.report.printable import printable
from flowopt.report.quality import quality_of
from flowopt.report.quality_text import plan_quality_text
from flowopt.report.rerun_command import report_command, rerun_command
from flowopt.report.source_section import source_section
from flowopt.report.stored_luck import StoredLuck
from flowopt.results.luck_solution import LuckRow, OutcomeRow
from flowopt.results.schedules_under_luck import CampaignOutcome

TITLE = "How what is left spreads over the years"
_BARS = 12  # of the distribution
SHOWN = 20  # outcomes of the table before the reader asks for the others


def luck_page(result: StoredLuck, *, place: str, folder: str) -> str:
    """Return the page of a plan whose measures may fail; parameters as in `page_of`."""
    network, units = result.network, result.units
    states = result_states(result.flow)
    picture = picture_of(network, states)
    quality = quality_of(result.flow)
    page = Page(
        name=f"{network.info.id}-{'evaluation' if result.by_hand else 'plan'}-luck",
        title=network.info.heading,
        period=network.info.period,
        about="a plan whose measures may fail, in the mean over what works",
        headline=luck_headline(result),
        quality=plan_quality_text(network, quality, chosen=not result.by_hand),
        warnings=(
            *(f"The plan breaks a condition: {text}." for text in result.summary["broken"]),
            *result.summary["warnings"],
        ),
        sections=(
            luck_section(result),
            plan_section(result, quality, units, ringed(picture)),
            *([beside_section(result)] if result.beside else []),
            *filter(None, [alternatives_section(result, units)]),
            map_section(network, states, picture),
            sankey_section([result.flow], units, NO_CHOICE),
            where_section([result.flow], units, NO_CHOICE),
            _source(result, place, folder),
        ),
    )
    return render(page)


def luck_headline(result: StoredLuck) -> Headline:
    """Return the headline of a plan whose measures may fail."""
    summary, units = result.summary, result.units
    value, baseline = number_in(summary, "value"), number_in(summary, "baseline")
    count, first = len(summary["measures"]), result.rows[0]
    places = decimals(max(baseline, 0.0), [abs(baseline - value)])
    less = f": {percent(max(0.0, (baseline - value) / baseline))} less" if baseline > 0.0 else ""
    whose = "Your plan" if result.by_hand else "The plan"
    many, year = f"{whose} of {count} measure{'s' * (count != 1)}", f"{units.unit} a year"
    by = in_what(summary["criterion"])
    answer = (
        f"{many} leaves {fixed(value, places)} of {fixed(baseline, places)} {year} in the mean "
        f"over what works{by}{less}."
    )
    if summary.get("target") is not None:
        answer = target_sentence(summary, len(result.rows), units)
    left = KeyFigure("left in the mean", fixed(value, places), f"{year}, over what works{by}")
    if summary["criterion"] == "regret":
        if summary.get("target") is None:
            answer = regret_sentence(many, value, baseline, units.unit, places)
        against = f"{year} in the mean, against the best plan there"
        left = KeyFigure("missed at most", fixed(value, places), against)
    elif summary["criterion"] == "cut":
        cut = number_in(summary, "cut")
        if summary.get("target") is None:
            answer = cut_sentence(many, cut, units.unit, places)
        left = KeyFigure("sure cut", fixed(cut, places), f"{year} in the mean, in each scenario")
    figures = (
        left,
        KeyFigure("left when all works", fixed(first.all_works_value, places), year),
        KeyFigure("all works in", of_hundred(first.all_works), "of 100 years"),
        KeyFigure("the plan costs", f"{number_in(summary, 'spent'):,.2f}", f"{units.money} a year"),
    )
    return Headline(answer=answer, figures=figures, sure=_sure(result))


def _sure(result: StoredLuck) -> tuple[str, ...]:
    """Return how sure the mean is, and what no plan leaves less than."""
    summary, luck = result.summary, result.summary["luck"]
    found = ["The mean is over all that may work, each with its probability."]
    if luck["draws"] is not None:
        mean = mean_by_draws(luck["draws"], summary["low"], summary["high"])
        found = [f"The mean is an estimate. {mean}"]
    if result.by_hand:
        found.append("Whether another plan for this money does better was not asked.")
    elif summary.get("target") is not None:
        found += target_certainty(summary, result.units)
    else:
        found.append(certainty_of(summary, result.units.unit))
    base = max(row.baseline for row in result.rows)
    found += regret_range(summary, base, result.units.unit)
    found += part_sentences(summary, result.units, lambda tonnes: fixed(tonnes, 2))
    return (*found, "The plan is chosen before its luck shows; the trafficker sees it.")


def luck_section(result: StoredLuck) -> Section:
    """Return the section of what may work: bars of what is left, and the outcomes."""
    unit = result.units.unit
    several = len(result.rows) > 1
    where = f" in {result.rows[0].name}" if several else ""
    return Section(
        "luck",
        "What may work",
        "strip.html",
        {
            "above": [f"{row.name}: {spread_sentence(row)}{_behind(row, unit)}" if several
                      else spread_sentence(row) for row in result.rows],
            "title": TITLE,
            "caption": f"{TITLE}{where}: of 100 years, in how many so much is left, {unit} a year.",
            "table": outcome_table(result),
            "below": ["Flows, maps and markets below are those when all works that can."],
        },
        {"strip": distribution(outcomes_of(result, result.rows[0].scenario))},
    )  # fmt: skip


def _behind(row: LuckRow, unit: str) -> str:
    """Return how far the plan is from the best one for a scenario, where that is told."""
    if row.regret is None or row.own_best is None:
        return ""
    return (
        f" It leaves {fixed(row.value, 2)} {unit} in the mean; the best plan known for this "
        f"scenario alone {fixed(row.own_best, 2)}, {fixed(row.regret, 2)} less."
    )


def beside_section(result: StoredLuck) -> Section:
    """Return the section of the plans that stand beside one made by hand."""
    units, names = result.units, MeasureNames(result.network)
    columns = (
        Column("plan"),
        Column(f"cost, {units.money}/yr", number=True),
        Column(f"left in the mean, {units.unit}/yr", number=True),
        Column("left when all works", number=True),
        Column("and if nobody re-routed", number=True, minor=True),
        Column("measures", minor=True),
    )
    rows = tuple(
        Row((
            text_cell(PLANS[row.plan][0]),
            number_cell(row.spent),
            number_cell(row.value, worth_within(row.value, row.half_width)),
            number_cell(row.all_works_value),
            number_cell(max(0.0, number_in(result.summary, "baseline") - row.promised)),
            text_cell(names.in_table(row.measures) if row.measures else "no measure"),
        ))
        for row in result.beside
    )  # fmt: skip
    table = Table("beside", "The plans side by side", columns, rows)
    return Section("beside", "Beside it", "table.html", {"table": table})


def outcomes_of(result: StoredLuck, scenario: str) -> list[OutcomeRow]:
    """Return the outcomes in one scenario."""
    return [row for row in result.outcomes if row.scenario == scenario]


def distribution(
    outcomes: Sequence[OutcomeRow | CampaignOutcome], each: str = "years"
) -> dict[str, Any]:
    """Return bars of how often so much is left, of a hundred `each`, as plain values for JSON."""
    drawn = sum(row.drawn or 0 for row in outcomes)
    weight = {i: (row.drawn or 0) / drawn if drawn else row.probability
              for i, row in enumerate(outcomes)}  # fmt: skip
    low = min(row.value for row in outcomes)
    high = max(row.value for row in outcomes)
    width = (high - low) / _BARS
    shares = [0.0] * (_BARS if width > 0.0 else 1)
    for i, row in enumerate(outcomes):
        place = 0 if width <= 0.0 else min(_BARS - 1, int((row.value - low) / width))
        shares[place] += weight[i]
    places = decimals(max(high, 0.0), [width])
    return {
        "draw": "strip",
        "unit": f"of 100 {each}",
        "axis": f"{each} of 100",
        "kinds": [["plan", "under the plan"]],
        "rows": [
            {
                "name": printable(_ends(low + place * width, width, places)),
                "bars": [{"kind": "plan", "t": round(100.0 * share, 3), "text": of_hundred(share)}],
            }
            for place, share in enumerate(shares)
        ],
    }


def _ends(low: float, width: float, places: int) -> str:
    """Return the ends of a bar."""
    if width <= 0.0:
        return fixed(low, places)
    return f"{fixed(low, places)} to {fixed(low + width, places)}"


def outcome_table(result: StoredLuck) -> Table:
    """Return the table of outcomes."""
    unit, names = result.units.unit, MeasureNames(result.network)
    labels = {row.scenario: row.name for row in result.rows}
    several = len(labels) > 1
    columns = (
        *([Column("scenario")] if several else []),
        *outcome_columns("years", f"{unit}/yr"),
    )
    rows = tuple(
        Row((
            *([name_cell(labels[row.scenario], row.scenario)] if several else []),
            *outcome_cells(row, names),
        ))
        for row in result.outcomes
    )  # fmt: skip
    return Table("outcomes", "What may work of the plan", columns, rows, shown=SHOWN)


def outcome_columns(each: str, unit: str) -> tuple[Column, ...]:
    """Return the columns that tables of outcomes have, of a hundred `each`."""
    return (
        Column("works"),
        Column("what fails of it", minor=True),
        Column(f"of 100 {each}", number=True),
        Column(f"left, {unit}", number=True),
    )


def outcome_cells(row: OutcomeRow | CampaignOutcome, names: MeasureNames) -> tuple[Cell, ...]:
    """Return their cells of one outcome."""
    return (
        text_cell(names.in_table(row.works) if row.works else "nothing"),
        text_cell(failing_rows(row.failed_effects) if row.failed_effects else ""),
        number_cell(100.0 * row.probability, of_hundred(row.probability)),
        number_cell(row.value),
    )


def _source(result: StoredLuck, place: str, folder: str) -> Section:
    summary, units = result.summary, result.units
    solver = f"{summary['solver']['name']} {summary['solver']['version']}"
    ties = f", {summary['ties']} ties" if "ties" in summary else ""
    criterion = "" if summary["criterion"] is None else f", {summary['criterion']} of the scenarios"
    verb = "evaluate" if result.by_hand else "solve"
    return source_section(
        result.network,
        [
            ("Objective", f"{summary['objective']}{ties}: the planner keeps {units.quantity} low"),
            ("Counted", f"the mean over what works{criterion}"),
            ("Chances", f"{plain_number(summary['luck']['coins'])} in the plan"),
            (
                "Solved by",
                f"flowopt {summary['flowopt']} with {solver} in "
                f"{summary['seconds']['total']:.1f} s",
            ),
        ],
        what="the result",
        commands=[rerun_command(verb, place, summary["options"]), report_command(folder, place)],
    )
