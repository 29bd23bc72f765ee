"""Checks that all folders with plans side by side share: each of the plans, and the summary."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from flowopt.network.network import Network
from flowopt.planning.recheck.json_values import MalformedError, read_json
from flowopt.planning.recheck.verdict import Check, Comparison, Verdict
from flowopt.result_names import FORMAT, SUMMARY

VerifyOne = Callable[[Path, Sequence[Network]], Verdict]
UNCHECKED = "flowopt, interrupted, seconds and warnings in summary.json stand as they were written"


def plan_folders(path: Path) -> list[Path]:
    """Return the folders of the plans.

    Raises
    ------
    MalformedError
        When the summary does not list them.
    """
    return listed_folders(path, "plans")


def listed_folders(path: Path, key: str, *, least: int = 0) -> list[Path]:
    """Return the folders within one that its summary lists under a key.

    Raises
    ------
    MalformedError
        When it does not, or lists fewer than `least`.
    """
    names = read_json(path / SUMMARY).get(key)
    if not (isinstance(names, list) and len(names) >= least) or not all(
        isinstance(name, str) and Path(name).name == name for name in names
    ):
        raise MalformedError(f"{SUMMARY}: {key} is no list of folders")
    return [path / name for name in names]


def summary_of_all(path: Path, *keys: str) -> dict[str, Any]:
    """Return the summary of a folder with plans side by side.

    Raises
    ------
    MalformedError
        When a part that is compared is missing, or its options are no object.
    """
    summary = read_json(path / SUMMARY)
    for key in ("format", "network", "input_sha256", "objective", "by", "plans", *keys):
        if key not in summary:
            raise MalformedError(f"{SUMMARY}: {key} is missing")
    check_options(summary)
    return summary


def check_options(summary: Mapping[str, Any]) -> None:
    """Refuse a summary whose options are no object.

    Raises
    ------
    MalformedError
        When they are missing, or anything else.
    """
    if not isinstance(summary.get("options"), dict):
        raise MalformedError(f"{SUMMARY}: options is no object with names")


def about_all(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first columns of the tables of all plans."""
    return {"network": summary["network"], "objective": summary["objective"]}


def results_checked(
    folders: Sequence[Path], network: Network, verify_one: VerifyOne
) -> tuple[list[Check], list[str]]:
    """Return the checks and claims of the result of each plan, under its name.

    Raises
    ------
    RequestError, InputError
        As `flowopt.planning.verify.verify`.
    """
    checks: list[Check] = []
    claims: list[str] = []
    for folder in folders:
        verdict = verify_one(folder, [network])
        checks += [replace(each, name=f"{folder.name}: {each.name}") for each in verdict.checks]
        claims += [f"{folder.name}: {claim}" for claim in verdict.claims]
    return checks, claims


def compare_plans(
    check: Comparison, path: Path, network: Network, summary: Mapping[str, Any], names: list[str]
) -> None:
    """Compare the summary with the network, and its plans and the folders with their names."""
    check.equal("the format", summary["format"], FORMAT)
    check.equal("the network", summary["network"], network.info.id)
    check.equal("the hash of its tables", summary["input_sha256"], network.sha256)
    check.equal("the plans", summary["plans"], names)
    check.equal("that each is there once", len(set(names)), len(names))
    folders = sorted(each.name for each in path.iterdir() if each.is_dir())
    check.equal("the folders", folders, sorted(names))


def compare_options(
    check: Comparison, summary: Mapping[str, Any], options: Mapping[str, Any], own: frozenset[str]
) -> None:
    """Compare the options of one plan, but for those of its own, with those of all."""
    for name, given in options.items():
        if name not in own:
            check.equal(name, given, summary["options"].get(name))
