"""Commands that reproduce a result and its page."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flowopt import defaults
from flowopt.network.network import Network
from flowopt.planning.recheck.certificate_reader import Certificate

# Defaults of the commands' options; for others None, "" or none.
DEFAULTS: dict[str, Any] = {
    "objective": defaults.OBJECTIVE,
    "ties": defaults.TIE_RULE,
    "alternatives": defaults.ALTERNATIVES,
    "solver": defaults.SOLVER,
    "time_limit": defaults.COMMAND_TIME_LIMIT,
    "gap": defaults.GAP,
    "threads": defaults.THREADS,
}
_JOINED = ("measures", "include", "exclude")  # ids after one option


def rerun_command(command: str, network_path: str, options: Mapping[str, Any]) -> str:
    """Return the command that repeats a request.

    Parameters
    ----------
    command
        ``solve``, ``evaluate`` or ``compare``.
    network_path
        Path of the network.
    options
        `options` of `summary.json`: those that differ from the command's own are written.
    """
    words = ["flowopt", command, network_path]
    for name, value in options.items():
        if value != DEFAULTS.get(name):
            words += _arguments(f"--{name.replace('_', '-')}", name, value)
    return shlex.join([*words, "--out", "DIR"])


def _arguments(option: str, name: str, value: Any) -> Iterator[str]:
    """Yield an option with its value, as the command takes them."""
    if isinstance(value, bool):
        yield from [option] if value else []
    elif value is None:
        yield from [option, "inf"] if name in DEFAULTS else []  # no limit of time
    elif isinstance(value, Mapping):
        for inner, amount in value.items():
            yield from (option, f"{inner}={_text(amount)}")
    elif not isinstance(value, list | tuple):
        yield from (option, _text(value))
    elif name in _JOINED:
        yield from [option, ",".join(value)] if value else []
    elif value != [DEFAULTS.get(name)]:
        for each in value:
            yield from (option, each)


def _text(value: Any) -> str:
    """Return a number in as few digits as give it back, or a text."""
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def report_command(folder: str, network_path: str) -> str:
    """Return the command that makes a page again, with a network outside the folder named."""
    words = ["flowopt", "report", folder]
    return shlex.join(
        words if Path(network_path).parent == Path(folder) else [*words, "--network", network_path]
    )


# -- results of versions that did not record their options ----------------------------------------


def options_of_plan(network: Network, certificate: Certificate) -> dict[str, Any]:
    """Return the options that the certificate of a plan shows; others are not known."""
    common = {"objective": certificate.objective, "ties": certificate.ties or defaults.TIE_RULE}
    resource = _given(network, certificate.resources)
    if certificate.result == "evaluation":
        plans = [entry.plan for entry in certificate.compared]
        return {
            "measures": list(certificate.plan),
            "budget": certificate.budget,
            "resource": resource,
            **common,
            "against": [name for name in plans if name == "coverage"],
            "alone": "best" not in plans,
        }
    return {
        "budget": certificate.budget,
        "target": certificate.target,
        "resource": resource,
        **common,
        "include": list(certificate.include),
        "exclude": list(certificate.exclude),
        "alternatives": len(certificate.alternatives) or 1,
        "solver": certificate.claim.solver if certificate.claim else defaults.SOLVER,
    }


def options_of_comparison(network: Network, summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that the summary of a comparison shows; others are not known."""
    budgets = summary["budgets"]
    return {
        "budgets": budgets if isinstance(budgets, str) else ",".join(map(_text, budgets)),
        "objective": [
            each["objective"]
            for each in summary["frontiers"]
            if each.get("network") == network.info.id
        ],
        "resource": _given(network, summary.get("resources", {})),
        "include": summary.get("include", []),
        "exclude": summary.get("exclude", []),
        "solver": summary.get("solver", {}).get("name", defaults.SOLVER),
        "time_limit": summary.get("time_limit", DEFAULTS["time_limit"]),
        "gap": summary.get("allowed_gap", DEFAULTS["gap"]),
    }


def _given(network: Network, limits: Mapping[str, float]) -> dict[str, float]:
    """Return the limits that differ from the network's own."""
    own = {row.resource: row.limit for row in network.resources}
    return {name: limit for name, limit in limits.items() if own.get(name) != limit}
