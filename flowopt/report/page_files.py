"""Files of `flowopt report`: the page of a result folder and its pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from flowopt.atomic import check_file, write_files
from flowopt.errors import RequestError
from flowopt.network.network import Network
from flowopt.report.budgets_page import budgets_page
from flowopt.report.campaigns_page import campaigns_page
from flowopt.report.campaigns_pictures import campaigns_drawings
from flowopt.report.comparison_page import comparison_page
from flowopt.report.comparison_reader import is_comparison, read_comparison
from flowopt.report.criteria_page import criteria_page
from flowopt.report.luck_page import luck_page
from flowopt.report.luck_pictures import luck_drawings, luck_plans_drawings
from flowopt.report.luck_plans_page import luck_budgets_page, luck_criteria_page
from flowopt.report.pictures import (
    FORMATS,
    drawings,
    drawn,
    frontier_drawings,
    picture_files,
)
from flowopt.report.response_over_time_page import response_over_time_page
from flowopt.report.response_over_time_pictures import response_over_time_drawings
from flowopt.report.result_page import page_of
from flowopt.report.result_reader import read_result
from flowopt.report.result_writer import write_result
from flowopt.report.scenario_page import scenario_page
from flowopt.report.scenario_pictures import plans_drawings, scenario_drawings
from flowopt.report.schedule_frontier_page import schedule_frontier_page
from flowopt.report.schedule_frontier_pictures import schedule_frontier_drawings
from flowopt.report.schedule_page import schedule_page
from flowopt.report.schedule_pictures import schedule_drawings
from flowopt.report.stored_campaigns import is_of_campaigns, read_campaigns
from flowopt.report.stored_luck import is_under_luck, read_luck
from flowopt.report.stored_luck_plans import is_of_luck_plans, read_luck_plans
from flowopt.report.stored_response_over_time import (
    is_of_response_over_time,
    read_response_over_time,
)
from flowopt.report.stored_scenario_plans import is_of_scenario_plans, read_scenario_plans
from flowopt.report.stored_scenarios import is_of_scenarios, read_scenarios
from flowopt.report.stored_schedule import is_of_schedule, read_stored_schedule
from flowopt.report.stored_schedule_frontier import (
    is_of_schedule_frontier,
    read_schedule_frontier,
)
from flowopt.report.stored_several import folder_about
from flowopt.report.stress_page import stress_page
from flowopt.report.stress_pictures import stress_drawings
from flowopt.report.stress_reader import is_stress, read_stress
from flowopt.results.folder_result import PageResult
from flowopt.similar_names import closest_path

PAGE_ENDS = (".html", ".htm")
_NETWORK, _FOLDER = "NETWORK", "DIR"  # in the commands of a page whose result has no folder


def check_page_folder(page: Path) -> None:
    """Refuse a page in a folder that is not there: it may be a typing error, and none is made.

    Raises
    ------
    RequestError
        With the folder that is probably meant.
    """
    folder = page.parent
    if not folder.exists():
        near = closest_path(folder)
        hint = f"did you mean {near / page.name}?" if near and near.is_dir() else "make it first"
        raise RequestError(f"{page}: there is no folder {folder}; {hint}")


def write_page(
    result: PageResult,
    networks: Sequence[Network],
    network: Network,
    page: Path,
    *,
    formats: Iterable[str] = (),
    force: bool = False,
) -> tuple[Path, ...]:
    """Write the page of a result that has no folder of its own, and pictures of it.

    Parameters
    ----------
    result, networks, network
        The result, the networks that it is about, and the one to show.
    page, formats, force
        As for `make_report`.

    Returns
    -------
    tuple of Path
        The page and the pictures.

    Raises
    ------
    RequestError
        As `make_report`, and where a format is unknown or there is no plan.
    """
    wanted = (formats,) if isinstance(formats, str) else tuple(formats)
    if unknown := [each for each in wanted if each not in FORMATS]:
        raise RequestError(f"pictures {unknown[0]!r} is not one of {', '.join(FORMATS)}")
    if page.suffix.lower() not in PAGE_ENDS:
        raise RequestError(f"{page}: end the name of a page in {PAGE_ENDS[0]}")
    if getattr(result, "value", 0.0) is None:
        raise RequestError("there is no plan, so there is nothing to show")
    with TemporaryDirectory(prefix="flowopt-") as scratch:
        folder = Path(scratch) / "result"
        write_result(result, networks, folder)
        pictures = make_report(
            folder, network, place=_NETWORK, page=page, formats=wanted, force=force, called=_FOLDER
        )
    return (page, *pictures)


def make_report(
    folder: Path,
    network: Network,
    *,
    place: str,
    page: Path,
    formats: Sequence[str] = (),
    force: bool = False,
    called: str | None = None,
) -> list[Path]:
    """Write the page of a result or a comparison, and pictures of it.

    Parameters
    ----------
    folder
        A folder that `solve --out` or `compare --out` wrote.
    network
        The network that it is about.
    place
        Path of the network, for the commands shown.
    page
        The file to write; pictures go beside it.
    formats
        ``png``, ``svg``, or none.
    force
        Whether to replace files that are there.
    called
        The folder in the commands shown, where it is not the one read.

    Returns
    -------
    list of Path
        The pictures.

    Raises
    ------
    RequestError
        When the extra `report` is not installed, when the folder can't be read or is about other
        data, when there is no folder for the page, when a file is there already, or when one can't
        be written. Then none is.
    """
    check_page_folder(page)
    whole, folder = folder, folder_about(folder, network)
    if called is not None:
        called = str(Path(called) / folder.relative_to(whole))
    if is_comparison(folder):
        comparison = read_comparison(folder, network)
        figures = frontier_drawings(comparison)
        text = comparison_page(comparison, place=place, folder=called or str(folder))
    elif is_stress(folder):
        stress = read_stress(folder, network)
        figures = stress_drawings(stress)
        text = stress_page(stress, place=place, folder=called or str(folder))
    elif is_of_scenario_plans(folder):
        plans = read_scenario_plans(folder, network)
        figures = plans_drawings(plans)
        page_of_plans = budgets_page if plans.by_budget else criteria_page
        text = page_of_plans(plans, place=place, folder=called or str(folder))
    elif is_of_luck_plans(folder):
        means = read_luck_plans(folder, network)
        figures = luck_plans_drawings(means) if means.by_budget else {}
        page_of_means = luck_budgets_page if means.by_budget else luck_criteria_page
        text = page_of_means(means, place=place, folder=called or str(folder))
    elif is_under_luck(folder):
        luck = read_luck(folder, network)
        figures = luck_drawings(luck)
        text = luck_page(luck, place=place, folder=called or str(folder))
    elif is_of_scenarios(folder):
        scenarios = read_scenarios(folder, network)
        figures = scenario_drawings(scenarios)
        text = scenario_page(scenarios, place=place, folder=called or str(folder))
    elif is_of_schedule(folder):
        schedule = read_stored_schedule(folder, network)
        figures = schedule_drawings(schedule)
        text = schedule_page(schedule, place=place, folder=called or str(folder))
    elif is_of_schedule_frontier(folder):
        budgets = read_schedule_frontier(folder, network)
        figures = schedule_frontier_drawings(budgets)
        text = schedule_frontier_page(budgets, place=place, folder=called or str(folder))
    elif is_of_campaigns(folder):
        campaigns = read_campaigns(folder, network)
        figures = campaigns_drawings(campaigns)
        text = campaigns_page(campaigns, place=place, folder=called or str(folder))
    elif is_of_response_over_time(folder):
        response = read_response_over_time(folder, network)
        figures = response_over_time_drawings(response)
        text = response_over_time_page(response, place=place, folder=called or str(folder))
    else:
        result = read_result(folder, network)
        figures = drawings(result)
        text = page_of(result, place=place, folder=called or str(folder))
    for path in (page, *picture_files(figures, page.parent, formats)):
        check_file(path, force=force)
    pictures = drawn(figures, page.parent, formats)
    write_files({page: text, **pictures}, force=force)
    return list(pictures)
