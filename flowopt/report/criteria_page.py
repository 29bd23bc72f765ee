"""Page of the plans that several criteria choose: side by side, and how to choose among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowopt.plain_text import plain_number
from flowopt.report.digits import decimals, fixed
from flowopt.report.headline import Headline, KeyFigure
from flowopt.report.held_measures import held_section
from flowopt.report.page_parts import (
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
from flowopt.report.plan_words import MeasureNames
from flowopt.report.quality_text import comparison_quality_text
from flowopt.report.rerun_command import report_command, rerun_command
from flowopt.report.scenario_sections import barred, label_of, strip_of
from flowopt.report.scenario_words import COLUMNS, base_of
from flowopt.report.source_section import source_section
from flowopt.report.stored_scenario_plans import StoredPlans
from flowopt.results.scenario_plans import ScenarioPlan

CHOOSING = {
    "cut": (
        "The plan that is sure to cut most, whichever holds",
        "when a promise has to be kept whatever comes, and nobody believes the weights",
    ),
    "regret": (
        "The plan that is never far from the best one for the scenario that holds",
        "when the plan has to be defended afterwards, whoever was right",
    ),
    "expected": (
        "The plan that leaves least in the mean",
        "when the weights are believed, and the choice is made again and again",
    ),
    "cvar": (
        "The plan that leaves least in the worst part of the weight",
        "when the weights are believed, but the bad scenarios hurt more than the good ones help",
    ),
    "worst": (
        "The plan that leaves least where most is left",
        "when a limit must not be passed; the scenario with the most flow decides alone",
    ),
}
TITLE = "What each plan leaves in each scenario"
_NUMBERS = tuple(COLUMNS.values())
_HEADS = ("left in the mean", "left at most", "sure cut", "most regret")


def criteria_page(plans: StoredPlans, *, place: str, folder: str) -> str:
    """Return the page of the plans of several criteria as text; parameters as in `page_of`."""
    network = plans.network
    by_hand = plans.first.by_hand
    page = Page(
        name=f"{network.info.id}-criteria",
        title=network.info.heading,
        period=network.info.period,
        about=f"plans for {len(plans.first.rows)} scenarios by several criteria, once the "
        "trafficker has gone round",
        headline=criteria_headline(plans),
        quality=comparison_quality_text(
            network, [each.summary["measures"] for each in plans.results.values()], []
        ),
        warnings=tuple(plans.summary["warnings"]),
        sections=(
            _table(plans, folder),
            *([] if by_hand else [_choosing(plans)]),
            _strip(plans),
            held_section(plans.network, measures_by_plan(plans)),
            plans_source(plans, place, folder, verb="evaluate" if by_hand else "solve"),
        ),
    )
    return render(page)


def criteria_headline(plans: StoredPlans) -> Headline:
    """Return the headline of the plans of several criteria."""
    rows, unit = plans.found, plans.units.unit
    first = plans.first
    base = base_of(first.rows)
    places = decimals(base, [r for row in rows if (r := row.most_regret or 0.0) >= 0.005])
    count, many = len(list(plans.distinct())), len(first.rows)
    budget = first.summary["budget"]
    money = f"For {plain_number(budget)} {plans.units.money} a year," if budget is not None else ""
    sure, regret = _best(rows, "sure_cut"), _best(rows, "most_regret")
    if first.by_hand:
        answer = (
            f"By every criterion: in {many} scenarios your plan cuts at least "
            f"{fixed(sure, places)} {unit} a year, and is at most {fixed(regret, places)} "
            f"{unit} behind the best plan for the scenario that holds."
        )
    elif count == 1:
        answer = f"{money} all {len(rows)} criteria choose the same plan for the {many} scenarios."
    else:
        answer = (
            f"{money} {len(rows)} criteria choose {count} plans for {many} scenarios: one is sure "
            f"to cut {fixed(sure, places)} {unit} a year whichever holds, one is never more than "
            f"{fixed(regret, places)} behind the best."
        )
    proved = sum(row.status == "optimal" for row in rows)
    sure_text = f"All {len(rows)} plans are proved to be the best by their criterion."
    if first.by_hand:
        sure_text = "The plan was made by hand and its values are exact for these tables."
    elif proved < len(rows):
        sure_text = (
            f"{proved} of the {len(rows)} plans are proved to be the best by their criterion; how "
            "sure the others are is in the table."
        )
    figures = zip(_HEADS, _NUMBERS, strict=True)
    return Headline(
        answer=answer.strip(),
        figures=tuple(
            KeyFigure(f"{head}, best", fixed(_best(rows, name), places), f"{unit} a year")
            for head, name in figures
        ),
        sure=(sure_text, "Each plan is chosen before it shows which scenario holds."),
    )


def _best(rows: Sequence[ScenarioPlan], name: str) -> float:
    numbers = [float(getattr(row, name) or 0.0) for row in rows]
    return max(numbers) if name == "sure_cut" else min(numbers)


def _table(plans: StoredPlans, folder: str) -> Section:
    rows, units, names = plans.found, plans.units, MeasureNames(plans.network)
    columns = (
        Column("criterion"),
        *(Column(f"{head}, {units.unit}/yr", number=True) for head in _HEADS),
        Column(f"costs, {units.money}/yr", number=True, minor=True),
        Column("proved"),
        Column("measures", minor=True),
    )
    cells = (
        (
            name_cell(row.criterion),
            *(_number(rows, row, name) for name in _NUMBERS),
            number_cell(row.spent),
            text_cell("yes" if row.status == "optimal" else _gap(row)),
            text_cell(names.in_table(row.measures)),
        )
        for row in rows
    )
    table = Table("criteria", "The plans as a table", columns, tuple(map(Row, cells)))
    below = [
        "Bold is the best of a column. Every plan is valued by every criterion; a gap is what is "
        "left to prove by its own.",
        f"Each plan has a page of its own: flowopt report {folder}/{rows[0].plan} makes that of "
        "the first one.",
    ]
    title = "One plan by every criterion" if plans.first.by_hand else "A plan for each criterion"
    return Section("criteria-of", title, "table.html", {"table": table, "below": below})


def _gap(row: ScenarioPlan) -> str:
    return "by hand" if row.gap is None else f"gap {row.gap:.2%}"


def _number(rows: Sequence[ScenarioPlan], row: ScenarioPlan, name: str) -> Cell:
    value = float(getattr(row, name) or 0.0)
    best = abs(value - _best(rows, name)) < 0.005
    return Cell("best" if best else "number", f"{value:,.2f}", value)


def _choosing(plans: StoredPlans) -> Section:
    """Return the section of how to choose, with what each choice gives up."""
    unit, rows = plans.units.unit, {row.criterion: row for row in plans.found}
    columns = (Column("criterion"), Column("it is"), Column("choose it"), Column("and give up"))
    cells = (
        (
            name_cell(name),
            text_cell(what),
            text_cell(when),
            text_cell(_given_up(plans.found, rows[name], unit)),
        )
        for name, (what, when) in CHOOSING.items()
        if name in rows
    )
    table = Table("choosing", "How to choose among the plans", columns, tuple(map(Row, cells)))
    return Section("choose", "How to choose", "table.html", {"table": table})


def _given_up(rows: Sequence[ScenarioPlan], row: ScenarioPlan, unit: str) -> str:
    """Return what a plan gives up against the best ones by the other criteria."""
    words = {
        "mean_left": "{} more left in the mean",
        "most_left": "{} more left at most",
        "sure_cut": "{} of the sure cut",
        "most_regret": "{} more regret",
    }
    found = []
    for name, text in words.items():
        less = abs(float(getattr(row, name) or 0.0) - _best(rows, name))
        if less >= 0.005 and name != COLUMNS.get(row.criterion):
            found.append(text.format(f"{less:,.2f} {unit}"))
    return ", ".join(found) or "nothing"


def plans_strip(plans: StoredPlans) -> dict[str, Any]:
    """Return the strip of what each plan leaves in each scenario as plain values for JSON."""
    distinct = _distinct(plans)
    rows = [
        (
            label_of(row),
            row.baseline,
            [("nothing", row.baseline)]
            + [(name, plans.results[name].row(row.scenario).value) for name, _ in distinct],
        )
        for row in barred(plans.first.rows)
    ]
    return strip_of([("nothing", "without measures"), *distinct], rows, plans.units.unit)


def _distinct(plans: StoredPlans) -> list[tuple[str, str]]:
    """Return the first criterion of each plan, and all that choose it in words."""
    return [(names[0], ", ".join(names)) for _, names in plans.distinct()]


def _strip(plans: StoredPlans) -> Section:
    """Return the section of what each plan leaves in each scenario."""
    unit, distinct = plans.units.unit, _distinct(plans)
    columns = (
        Column("scenario"),
        Column("weight", number=True, minor=True),
        Column("without measures", number=True),
        *(Column(words, number=True) for _, words in distinct),
        Column("best there", number=True),
    )
    cells = (
        (
            name_cell(row.name, row.scenario),
            number_cell(row.weight, f"{plain_number(round(100.0 * row.weight, 1))}%"),
            number_cell(row.baseline),
            *(number_cell(plans.results[name].row(row.scenario).value) for name, _ in distinct),
            number_cell(min(each.row(row.scenario).own_best for each in plans.results.values())),
        )
        for row in plans.first.rows
    )
    table = Table("worlds", "The scenarios as a table", columns, tuple(map(Row, cells)), shown=30)
    return Section(
        "scenarios",
        "The plans in each scenario",
        "strip.html",
        {
            "above": [],
            "title": TITLE,
            "caption": f"{TITLE}, {unit} a year, with what it is less than without measures.",
            "table": table,
            "below": [],
        },
        {"strip": plans_strip(plans)},
    )


def measures_by_plan(plans: StoredPlans) -> dict[str, list[str]]:
    """Return the measures of each plan, by its budget or criterion."""
    return {
        _label(row, by_budget=plans.by_budget): [*filter(None, row.measures.split(";"))]
        for row in plans.found
    }


def _label(row: ScenarioPlan, *, by_budget: bool) -> str:
    return plain_number(row.budget or 0.0) if by_budget else row.criterion


def plans_source(plans: StoredPlans, place: str, folder: str, *, verb: str) -> Section:
    """Return the section of where plans come from, which the command `verb` makes again."""
    summary, first = plans.summary, plans.first.summary
    solver = f"{first['solver']['name']} {first['solver']['version']}"
    seconds = f"{summary['seconds']['total']:.1f} s"
    return source_section(
        plans.network,
        [
            (
                "Solved by",
                f"flowopt {summary['flowopt']} with {solver} in {seconds}",
            )
        ],
        what="the result",
        commands=[
            rerun_command(verb, place, summary["options"]),
            report_command(folder, place),
        ],
    )
