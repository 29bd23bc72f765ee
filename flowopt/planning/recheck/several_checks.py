"""Re-check of frontiers side by side: each of them, and the table and summary of all."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from flowopt.atomic import json_object
from flowopt.network.network import Network
from flowopt.planning.recheck import frontier_checks, result_networks
from flowopt.planning.recheck.json_values import MalformedError, read_json
from flowopt.planning.recheck.side_by_side_checks import UNCHECKED, check_options, listed_folders
from flowopt.planning.recheck.table_checks import read_table
from flowopt.planning.recheck.verdict import Check, Comparison, Verdict, unreadable
from flowopt.reading import input_text
from flowopt.result_names import FORMAT, SUMMARY

COLUMNS = (
    "network objective budget status baseline value low high bound gap cut marginal spent measures"
)
TABLE = "frontiers.csv"
VerifyFolder = Callable[[Path, Sequence[Network]], Verdict]


def is_of_several(folder: Path) -> bool:
    """Return whether a folder holds frontiers side by side, by its summary."""
    return {"folders", "networks"} <= set(json_object(folder / SUMMARY) or {})


def frontier_folders(path: Path) -> list[Path]:
    """Return the folders of the frontiers.

    Raises
    ------
    MalformedError
        When the summary does not list them.
    """
    return listed_folders(path, "folders", least=1)


def copies_of(folder: Path, copies: Sequence[Network]) -> list[Network]:
    """Return those of the networks given that the frontier in a folder is about, by their ids."""
    held = {network.info.id for network in result_networks.networks_at_hand(folder, copies)}
    return [network for network in copies if network.info.id in held]


def verify_several(path: Path, copies: Sequence[Network], verify: VerifyFolder) -> Verdict:
    """Re-check the frontiers in a folder; `verify` checks one of them.

    Raises
    ------
    RequestError, InputError
        As `flowopt.planning.verify.verify`.
    """
    about = ", ".join(network.info.id for network in copies)
    checks: list[Check] = []
    claims: list[str] = []
    try:
        summary = read_json(path / SUMMARY)
        check_options(summary)
        folders = frontier_folders(path)
        about = ", ".join(summary["networks"])
        for folder in folders:
            verdict = verify(folder, copies_of(folder, copies))
            checks += [replace(each, name=f"{folder.name}: {each.name}") for each in verdict.checks]
            claims += [f"{folder.name}: {claim}" for claim in verdict.claims]
        checks.append(_summary(path, summary, folders, copies))
        checks.append(_table(path, folders))
    except (MalformedError, KeyError, TypeError, ValueError) as error:
        return unreadable(path, about, str(error), checks)
    return Verdict(str(path), about, tuple(checks), (*claims, UNCHECKED))


def _summary(
    path: Path, summary: Mapping[str, Any], folders: Sequence[Path], copies: Sequence[Network]
) -> Check:
    """Check that the frontiers answer one question, each for networks or objectives of its own."""
    check = Comparison("the frontiers answer one question, each for a network or objective")
    check.equal("the format", summary["format"], FORMAT)
    names = [f"frontier-{number}" for number in range(1, len(folders) + 1)]
    check.equal("the folders", summary["folders"], names)
    found = sorted(each.name for each in path.iterdir() if each.is_dir())
    check.equal("the folders that are there", found, sorted(names))
    networks: dict[str, str] = {}
    seen: list[tuple[str, str]] = []
    for folder in folders:
        own = read_json(folder / SUMMARY)
        check_options(own)
        check.about = f"{folder.name}: "
        for part in own.get("frontiers") or [own]:
            seen.append((part["network"], part["objective"]))
            networks[part["network"]] = part["input_sha256"]
        for name, value in own["options"].items():
            if name in summary["options"] and name != "objective":
                check.equal(name, value, summary["options"][name])
        check.equal("the budgets", own["options"].get("budgets"), summary["options"]["budgets"])
    check.about = ""
    check.equal("the networks", summary["networks"], networks)
    check.equal("that each is there once", len(set(seen)), len(seen))
    asked = set(summary["options"]["objective"])
    check.equal("the objectives", sorted({objective for _, objective in seen}), sorted(asked))
    for network in copies:
        check.equal(f"that {network.info.id} is among them", network.info.id in networks, True)
    return check.check()


def _table(path: Path, folders: Sequence[Path]) -> Check:
    """Check the table of all against those of the frontiers, which are checked by themselves."""
    check = Comparison(f"{TABLE} says what the tables of the frontiers do")
    rows = read_table(path / TABLE, COLUMNS, check)
    expected = [row for folder in folders for row in _own_rows(folder)]
    check.equal("the number of rows", len(rows), len(expected))
    for number, (cells, row) in enumerate(zip(rows, expected, strict=False), start=2):
        check.about = f"row {number}: "
        for name, cell in zip(COLUMNS.split(), cells, strict=True):
            check.equal(name, cell, row[name])
    return check.check()


def _own_rows(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of the table of one frontier; where all works, the interval is the value."""
    sure = frontier_checks.is_frontier(folder)
    text = input_text(folder / ("frontier.csv" if sure else "plans.csv"))
    for row in csv.DictReader(io.StringIO(text, newline="")):
        yield {**row, "low": row["value"], "high": row["value"]} if sure else row
