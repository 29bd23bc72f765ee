"""Writer of result folders: CSV tables and JSON files, written atomically."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flowopt.atomic import check_folder, folder, kind_of
from flowopt.network.files.json_file import json_bytes
from flowopt.network.network import Network
from flowopt.planning.recheck.result_networks import NETWORK, numbered
from flowopt.report.certificate_over_time import certificate_over_time
from flowopt.report.certificate_writer import FILE as CERTIFICATE
from flowopt.report.certificate_writer import CertifiedResult, certificate, write_certificate
from flowopt.report.frontier_certificate import compact_json, frontier_certificate
from flowopt.report.result_kinds import ORGANISATIONS, RESULTS, SUMMARY
from flowopt.results.evaluation import Evaluation
from flowopt.results.folder_result import FolderResult
from flowopt.results.frontier import Frontier
from flowopt.results.luck_plans import LuckPlans
from flowopt.results.luck_solution import LuckSolution
from flowopt.results.over_time import EvaluationOverTime, ResponseOverTime
from flowopt.results.response import Response
from flowopt.results.rows import Rows
from flowopt.results.scenario_plans import ScenarioPlans
from flowopt.results.scenario_solution import ScenarioSolution
from flowopt.results.schedule_frontier import ScheduleFrontier
from flowopt.results.schedule_solution import ScheduleSolution
from flowopt.results.schedules_under_luck import LuckEvaluationOverTime, LuckScheduleSolution
from flowopt.results.several_frontiers import SeveralFrontiers
from flowopt.results.solution import Solution
from flowopt.results.stacked import StackedTable
from flowopt.results.stress import DrawTable, Stress

# Tables of results over time by the attribute that has them, which names the file.
_EACH_YEAR = ("openings", "flows", "markets", "binding", "organisations")
_CAMPAIGNS = (
    "campaigns",
    "campaign_periods",
    "schedule",
    "openings",
    "markets",
    "displacement",
)
_SCHEDULE = ("schedule", "plan", "displacement", *_EACH_YEAR)
_TIME_TABLES: dict[type, tuple[str, ...]] = {
    ScheduleSolution: _SCHEDULE,
    LuckScheduleSolution: (*_SCHEDULE, "outcomes"),
    EvaluationOverTime: _CAMPAIGNS,
    LuckEvaluationOverTime: (*_CAMPAIGNS, "outcomes"),
    ResponseOverTime: (*_EACH_YEAR, "sites", "supplies"),
}
_FRONTIER = (
    "frontier",
    "frontier_periods",
    "schedule",
    "plan",
    "openings",
    "markets",
    "displacement",
)
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def check_target(target: Path, *, force: bool) -> None:
    """Check a target before any work, as `result_folder` would after it.

    Raises
    ------
    RequestError
        When the folder holds another result (without `force`) or anything else, or the place
        can't be written.
    """
    check_folder(target, RESULTS, force=force)


@contextmanager
def result_folder(target: Path, *, force: bool) -> Iterator[Path]:
    """Yield a temporary folder that becomes `target` once everything in it is written.

    Raises
    ------
    RequestError
        As `check_target`, or when the disk is full or fails.
    """
    with folder(target, RESULTS, force=force) as fresh:
        yield fresh
        kind = kind_of(fresh, RESULTS)
        if kind is None or (unlisted := kind.others(fresh)):
            # A later `--force` would refuse to replace it.
            raise ValueError(f"flowopt.report.result_kinds does not list {kind and unlisted}")


def write_solution(
    solution: Solution, network: Network, folder: Path, *, force: bool = False
) -> None:
    """Write `summary.json`, `certificate.json`, `network.json` and, with a plan, its tables."""
    with result_folder(folder, force=force) as fresh:
        if solution.after is not None:
            _write_plan(solution, fresh)
            if solution.alternatives:
                write_table(solution.alternatives, fresh / "alternatives.csv")
        _write_record(solution, network, fresh)


def write_evaluation(
    evaluation: Evaluation, network: Network, folder: Path, *, force: bool = False
) -> None:
    """Write the files of `write_solution`, and `comparison.csv`."""
    with result_folder(folder, force=force) as fresh:
        _write_plan(evaluation, fresh)
        write_table(evaluation.comparison, fresh / "comparison.csv")
        _write_record(evaluation, network, fresh)


def write_scenarios(
    solution: ScenarioSolution, network: Network, folder: Path, *, force: bool = False
) -> None:
    """Write summary, certificate and network, and the tables of a plan with a column `scenario`."""
    with result_folder(folder, force=force) as fresh:
        _write_scenarios(solution, network, fresh)


def _write_scenarios(solution: ScenarioSolution, network: Network, folder: Path) -> None:
    if solution.value is not None:
        write_table(solution.scenarios, folder / "scenarios.csv")
        write_table(solution.plan_table, folder / "plan.csv")
        write_table(solution.flows, folder / "flows.csv")
        write_table(solution.markets, folder / "markets.csv")
        write_table(solution.displacement, folder / "displacement.csv")
        write_table(solution.next, folder / "next.csv")
    _write_record(solution, network, folder)


def write_luck(
    solution: LuckSolution, network: Network, folder: Path, *, force: bool = False
) -> None:
    """Write summary, certificate and network, what may work, and the tables when all of it does."""
    with result_folder(folder, force=force) as fresh:
        _write_luck(solution, network, fresh)


def _write_luck(solution: LuckSolution, network: Network, folder: Path) -> None:
    for name in ("scenarios", "outcomes", "plan", "next", "flows", "markets", "displacement"):
        write_table(getattr(solution, name), folder / f"{name}.csv")
    if solution.comparison:
        write_table(solution.comparison, folder / "comparison.csv")
    if solution.alternatives:
        write_table(solution.alternatives, folder / "alternatives.csv")
    _write_record(solution, network, folder)


def write_plans(
    plans: LuckPlans | ScenarioPlans, network: Network, folder: Path, *, force: bool = False
) -> None:
    """Write the summary, a table of the plans and one of the scenarios, and a result for each."""
    with result_folder(folder, force=force) as fresh:
        _write_plans(plans, network, fresh)


def _write_plans(plans: LuckPlans | ScenarioPlans, network: Network, folder: Path) -> None:
    write_table(plans.plans, folder / "plans.csv")
    write_table(plans.scenarios, folder / "scenarios.csv")
    _write_summary(plans, network, folder)
    for name, solution in plans.named():
        (folder / name).mkdir()
        if isinstance(solution, LuckSolution):
            _write_luck(solution, network, folder / name)
        else:
            _write_scenarios(solution, network, folder / name)


def write_several_frontiers(
    several: SeveralFrontiers, networks: Sequence[Network], folder: Path, *, force: bool = False
) -> None:
    """Write the summary, the table of all, and the folder of each frontier."""
    with result_folder(folder, force=force) as fresh:
        write_table(several.rows, fresh / "frontiers.csv")
        (fresh / SUMMARY).write_text(to_json(several.summary()), encoding="utf-8")
        for name, each in several.named():
            (fresh / name).mkdir()
            if isinstance(each, LuckPlans):
                (own,) = (one for one in networks if one.info.id == each.network)
                _write_plans(each, own, fresh / name)
            else:
                ids = {sweep.network for sweep in each.sweeps}
                own_ones = [one for one in networks if one.info.id in ids]
                _write_frontier(each, own_ones, fresh / name)


def write_result(
    result: FolderResult, networks: Sequence[Network], folder: Path, *, force: bool = False
) -> None:
    """Write any kind of result as its folder."""
    match result:
        case SeveralFrontiers():
            write_several_frontiers(result, networks, folder, force=force)
        case Frontier():
            write_frontier(result, networks, folder, force=force)
        case Solution():
            write_solution(result, networks[0], folder, force=force)
        case ScenarioSolution():
            write_scenarios(result, networks[0], folder, force=force)
        case LuckSolution():
            write_luck(result, networks[0], folder, force=force)
        case LuckPlans() | ScenarioPlans():
            write_plans(result, networks[0], folder, force=force)
        case Evaluation():
            write_evaluation(result, networks[0], folder, force=force)
        case Response():
            write_response(result, networks[0], folder, force=force)
        case Stress():
            write_stress(result, networks[0], folder, force=force)
        case ScheduleFrontier():
            write_schedule_frontier(result, networks[0], folder, force=force)
        case ScheduleSolution() | EvaluationOverTime() | ResponseOverTime():
            write_over_time(result, networks[0], folder, force=force)
        case _:
            raise TypeError(f"a {type(result).__name__} has no folder")


def _write_plan(result: Solution | Evaluation, folder: Path) -> None:
    """Write the tables of a plan: measures, flows before and after it, marginal values."""
    _write_flows(result, folder)
    write_table(result.plan, folder / "plan.csv")
    write_table(result.displacement, folder / "displacement.csv")
    write_table(result.next, folder / "next.csv")


def _write_flows(result: Solution | Evaluation | Response, folder: Path) -> None:
    """Write the tables of what flows, under a plan or without one."""
    write_table(result.flows, folder / "flows.csv")
    write_table(result.markets, folder / "markets.csv")
    write_table(result.binding, folder / "binding.csv")
    if result.organisations:
        write_table(result.organisations, folder / ORGANISATIONS)


def write_response(
    response: Response, network: Network, folder: Path, *, force: bool = False
) -> None:
    """Write `summary.json`, `certificate.json`, `network.json` and the tables of a best response.

    Organisations have a table where there are any.
    """
    with result_folder(folder, force=force) as fresh:
        write_table(response.sites, fresh / "sites.csv")
        write_table(response.supplies, fresh / "supplies.csv")
        _write_flows(response, fresh)
        _write_record(response, network, fresh)


def _write_record(result: CertifiedResult, network: Network, folder: Path) -> None:
    """Write the files of every result: summary, network and certificate."""
    _write_summary(result, network, folder)
    write_certificate(certificate(result), folder)


def _write_summary(result: FolderResult, network: Network, folder: Path) -> None:
    (folder / SUMMARY).write_text(to_json(result.summary()), encoding="utf-8")
    (folder / NETWORK).write_bytes(json_bytes(network))


def write_over_time(
    result: ScheduleSolution | EvaluationOverTime | ResponseOverTime,
    network: Network,
    folder: Path,
    *,
    force: bool = False,
) -> None:
    """Write `summary.json`, `certificate.json`, `network.json` and the tables by period."""
    with result_folder(folder, force=force) as fresh:
        _write_over_time(result, network, fresh)


def _write_over_time(
    result: ScheduleSolution | EvaluationOverTime | ResponseOverTime, network: Network, folder: Path
) -> None:
    for name in _TIME_TABLES[type(result)]:
        if isinstance(result, ScheduleSolution) and result.after is None:
            continue
        table = getattr(result, name)
        if name != "organisations" or network.earnings:
            write_table(table, folder / f"{name}.csv")
    if isinstance(result, ScheduleSolution) and result.alternatives:
        write_table(result.alternatives, folder / "alternatives.csv")
    _write_summary(result, network, folder)
    write_certificate(certificate_over_time(result), folder)


def write_schedule_frontier(
    frontier: ScheduleFrontier, network: Network, folder: Path, *, force: bool = False
) -> None:
    """Write the summary, the tables by budget, and the result of each budget with its proofs."""
    with result_folder(folder, force=force) as fresh:
        for name in _FRONTIER:
            write_table(getattr(frontier, name), fresh / f"{name}.csv")
        _write_summary(frontier, network, fresh)
        for name, solution in frontier.named():
            (fresh / name).mkdir()
            _write_over_time(solution, network, fresh / name)


def write_frontier(
    frontier: Frontier, networks: Sequence[Network], folder: Path, *, force: bool = False
) -> None:
    """Write `summary.json`, `certificate.json`, the networks and the six tables of a comparison."""
    with result_folder(folder, force=force) as fresh:
        _write_frontier(frontier, networks, fresh)


def _write_frontier(frontier: Frontier, networks: Sequence[Network], folder: Path) -> None:
    for table in ("frontier", "measures", "markets", "displacement", "ladder", "plans"):
        write_table(getattr(frontier, table), folder / f"{table}.csv")
    (folder / SUMMARY).write_text(to_json(frontier.summary()), encoding="utf-8")
    (folder / CERTIFICATE).write_text(
        compact_json(frontier_certificate(frontier)) + "\n", encoding="utf-8"
    )
    for number, network in enumerate(networks, start=1):
        name = NETWORK if len(networks) == 1 else numbered(number)
        (folder / name).write_bytes(json_bytes(network))


def write_stress(stress: Stress, network: Network, folder: Path, *, force: bool = False) -> None:
    """Write `summary.json`, the network, and the tables of a stress: it has no certificate."""
    with result_folder(folder, force=force) as fresh:
        write_table(stress.draws, fresh / "draws.csv")
        write_table(stress.plans, fresh / "plans.csv")
        write_table(stress.drivers, fresh / "drivers.csv")
        write_table(stress.factors, fresh / "factors.csv")
        _write_summary(stress, network, fresh)


def to_json(summary: dict[str, Any] | list[dict[str, Any]]) -> str:
    """Return a summary as JSON text, numbers in full precision, nothing as null."""
    return json.dumps(summary, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_table(rows: Rows[Any] | StackedTable | DrawTable, path: Path) -> None:
    """Write a table as CSV: UTF-8, comma, header row, LF, blanks for None."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(rows.columns)
        writer.writerows(map(cell, record) for record in rows.records())


def cell(value: object) -> str:
    """Return a value as the text of a CSV cell.

    Numbers keep ten significant digits. Text that a spreadsheet would run as a formula gets an
    apostrophe in front, which the spreadsheet hides.

    >>> cell(None), cell(12.5), cell(-3.0), cell("=1+1")
    ('', '12.5', '-3', "'=1+1")
    """
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value + 0.0:.10g}"
    text = str(value)
    return f"'{text}" if text.startswith(_DANGEROUS) else text
