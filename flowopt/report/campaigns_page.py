"""Page of schedules side by side: money against effect, period by period, each one's chart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowopt.network.timeline import Timeline
from flowopt.plain_text import plain_number
from flowopt.report.beside_schedules import schedules_sections
from flowopt.report.campaigns_luck import luck_of_campaigns, sure_of_luck
from flowopt.report.digits import decimals, fixed
from flowopt.report.headline import Headline, KeyFigure, floored
from flowopt.report.page_parts import (
    Choice,
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
from flowopt.report.period_figures import Dot, dots_data
from flowopt.report.quality_text import comparison_quality_text
from flowopt.report.rerun_command import report_command, rerun_command
from flowopt.report.schedule_headline import span_of
from flowopt.report.source_section import source_section
from flowopt.report.stored_campaigns import StoredCampaigns

DOTS = "What each spends, and what it leaves"


def campaigns_page(result: StoredCampaigns, *, place: str, folder: str) -> str:
    """Return the page of schedules side by side as text; parameters as in `page_of`."""
    network = result.network
    names = result.names
    best = min(range(len(names)), key=lambda i: result.campaigns[i].value)
    choice = Choice(names, best, "Campaign")
    sections = [
        _money_section(result),
        luck_of_campaigns(result, names[best]) if result.outcomes else None,
        *schedules_sections(result, choice),
        _source(result, place, folder),
    ]
    in_force = [{row.measure for row in result.schedule_of(name) if row.in_force} for name in names]
    page = Page(
        name=f"{network.info.id}-campaigns",
        title=network.info.heading,
        period=span_of(network),
        about="schedules side by side, once the trafficker has gone round and opened what pays"
        + (", in the mean over what works" if result.outcomes else ""),
        headline=campaigns_headline(result),
        quality=comparison_quality_text(network, [sorted(each) for each in in_force], []),
        warnings=tuple(result.summary["warnings"]),
        sections=tuple(section for section in sections if section is not None),
    )
    return render(page)


def campaigns_headline(result: StoredCampaigns) -> Headline:
    """Return the headline of schedules side by side."""
    rows, units = result.campaigns, result.units
    baseline = result.summary["baseline"]
    closed = result.summary["baseline_without_openings"]
    best, least = min(rows, key=lambda row: row.value), max(rows, key=lambda row: row.value)
    places = decimals(baseline, [best.cut])
    unit, when = units.unit, f"From {span_of(result.network)}"
    said = fixed(best.cut, places)
    if len(rows) == 1:
        answer = f"{when}, {best.campaign} cuts {units.quantity} by {said} {unit}"
    else:
        answer = (
            f"{when}, {best.campaign} cuts {units.quantity} most of {len(rows)} schedules, by "
            f"{said} {unit}, and {least.campaign} least, by {fixed(least.cut, places)}"
        )
    years = f"{unit} over {plain_number(result.summary['years'])} years"
    return Headline(
        answer=f"{answer}, of {fixed(baseline, places)}{_MEAN if result.outcomes else ''}.",
        figures=(
            KeyFigure("without measures", fixed(baseline, places), years),
            KeyFigure(f"under {best.campaign}", fixed(best.value, places), years),
            KeyFigure("it spends", f"{best.spent:,.2f}", f"{units.money} in all"),
            KeyFigure(
                "it would cut, if nothing opened",
                fixed(best.cut_without_openings, places),
                f"{unit} of {fixed(closed, places)}",
            ),
        ),
        sure=tuple(_sure(result, places)),
    )


def _sure(result: StoredCampaigns, places: int) -> Iterator[str]:
    """Yield how sure the numbers are."""
    units, best = result.units, [row for row in result.campaigns if row.bound is not None]
    chosen = "" if best else ", and none was chosen as best"
    if result.outcomes:
        yield from sure_of_luck(result)
    else:
        yield f"What a schedule leaves is exact for these tables{chosen}."
    mean = " in the mean" if result.outcomes else ""
    for row in best:
        proved = "proved to be" if row.status == "optimal" else "not proved to be"
        bound = f"{floored(row.bound or 0.0, places)} {units.unit}{mean}"
        yield f"{row.campaign} is {proved} the best for its money: none leaves less than {bound}."
    if units.gain == units.unit:
        yield (
            "Each is against a trafficker who foresees the whole schedule: one who foresees less "
            "brings no more."
        )
    if broken := [row.campaign for row in result.campaigns if row.breaks]:
        yield f"A condition is broken by {', '.join(broken)}: the notes at their charts say which."


def _money_section(result: StoredCampaigns) -> Section:
    unit = result.units.unit
    years = plain_number(result.summary["years"])
    caption = (
        f"Each schedule by what it spends in all and what it leaves, {unit} over {years} years: "
        "the lower, the better. A hollow dot breaks a condition."
    )
    shown = [{"id": "dots", "look": "dots", "title": DOTS, "heading": "", "caption": caption}]
    return Section(
        "money",
        "Money and effect",
        "figures.html",
        {"shown": shown, "table": campaigns_table(result), "below": [_BELOW]},
        {"dots": money_data(result)},
    )


def money_data(result: StoredCampaigns) -> dict[str, Any]:
    """Return the schedules as dots."""
    years = plain_number(result.summary["years"])
    words = {
        "money": f"{result.units.money} over {years} years",
        "what": f"{result.units.quantity} that are left",
        "unit": f"{result.units.unit} over {years} years",
    }
    made = [row for row in result.campaigns if row.bound is None]  # the others are their bounds
    dots = [Dot(row.campaign, row.spent, row.value, bool(row.breaks)) for row in made]
    bound = [(row.spent, row.bound) for row in result.campaigns if row.bound is not None]
    return dots_data(dots, result.summary["baseline"], bound, words)


def campaigns_table(result: StoredCampaigns) -> Table:
    """Return the table of the schedules, what cuts most first."""
    units = result.units
    myopic = any(row.value_myopic is not None for row in result.campaigns)
    columns = (
        Column("campaign"),
        Column(f"spent, {units.money}", number=True),
        Column(f"left, {units.unit}", number=True),
        Column(f"cut, {units.unit}", number=True, sorted="descending"),
        Column("cut if nothing opened", number=True, minor=True),
        *([Column("cut without foresight", number=True, minor=True)] if myopic else []),
        Column("breaks", minor=True),
    )
    baseline = result.summary["baseline"]
    cells = (
        (
            name_cell(row.campaign),
            number_cell(row.spent),
            number_cell(row.value),
            number_cell(row.cut),
            number_cell(row.cut_without_openings),
            *([number_cell(_lost(baseline, row.value_myopic))] if myopic else []),
            text_cell("a condition" if row.breaks else "nothing"),
        )
        for row in sorted(result.campaigns, key=lambda row: -row.cut)
    )
    return Table("campaigns", "The schedules as a table", columns, tuple(map(Row, cells)), shown=30)


def _lost(baseline: float, value: float | None) -> float | None:
    return None if value is None else baseline - value


_MEAN = " in the mean over what works"
_BELOW = (
    "The cut is against a trafficker who foresees the whole schedule and opens what pays. "
    "If nothing opened, no capacity would be added, with measures or without. Without "
    "foresight it expects what is in force now to stay; that is a simulation."
)


def _source(result: StoredCampaigns, place: str, folder: str) -> Section:
    summary = result.summary
    quantity = result.units.quantity
    return source_section(
        result.network,
        [
            ("Periods", Timeline(result.network.periods).described()),
            ("Objective", f"{summary['objective']}: the planner keeps {quantity} low"),
            ("Made by", f"flowopt {summary['flowopt']}"),
        ],
        what="the result",
        commands=[
            rerun_command("evaluate", place, evaluate_options(summary["options"])),
            report_command(folder, place),
        ],
    )


def evaluate_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of `evaluate` under the names that its command has for them."""
    return {"campaign" if name == "campaigns" else name: each for name, each in options.items()}
