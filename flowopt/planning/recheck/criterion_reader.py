"""Reader of what certificates of one plan by a criterion over scenarios have in common."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flowopt.plain_text import shown
from flowopt.planning.recheck.certificate_reader import Claim, claim_of, options_of
from flowopt.planning.recheck.json_values import (
    MalformedError,
    check_version,
    number_of,
    number_or_none,
    numbers_of,
    text_of,
    texts_of,
)

KEYS = (
    "certificate", "result", "network", "input_sha256", "objective", "ties", "options", "criterion",
    "tail", "budget", "resources", "include", "exclude", "plan", "value", "baseline", "claim",
    "scenarios",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionCertificate:
    """Request, plan and claim as stated; None where there is no criterion, or no plan."""

    network: str
    input_sha256: str
    objective: str
    ties: str | None
    criterion: str | None
    tail: float | None
    budget: float | None
    target: float | None
    resources: Mapping[str, float]
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    plan: tuple[str, ...]
    value: float | None
    baseline: float | None
    claim: Claim
    options: Mapping[str, Any]


def criterion_fields(
    raw: dict[str, Any],
    where: str,
    *,
    kind: str,
    keys: tuple[str, ...],
    criteria: Collection[str | None],
) -> dict[str, Any]:
    """Return the fields of a `CriterionCertificate` by name.

    Parameters
    ----------
    raw
        The certificate as it was read.
    where
        Its place in messages.
    kind
        The kind of result that it must be.
    keys
        What it has beside `KEYS`.
    criteria
        Those that are known; None among them where there may be no criterion.

    Raises
    ------
    MalformedError
        When it is malformed, or its scenarios are no list.
    """
    aimed = ("target",) if "target" in raw else ()  # only where one was given
    check_version(raw, (*KEYS, *keys, *aimed), where)
    options = options_of(raw, where)
    if options is None:
        raise MalformedError(f"{where} lacks options")
    if raw["result"] != kind:
        raise MalformedError(f"{where}: result is {shown(raw['result'])}, not {shown(kind)}")
    if not isinstance(raw["resources"], dict) or not isinstance(raw["scenarios"], list):
        raise MalformedError(f"{where}: resources or scenarios are of the wrong kind")
    criterion, tail = raw["criterion"], number_or_none(raw["tail"], f"{where}: tail")
    if criterion not in criteria:
        raise MalformedError(f"{where}: criterion {shown(criterion)} can't be verified")
    if (tail is not None) != (criterion == "cvar") or not (tail is None or 0 < tail <= 1):
        raise MalformedError(f"{where}: tail {shown(raw['tail'])} can't be verified")
    return {
        "network": text_of(raw["network"], f"{where}: network"),
        "input_sha256": text_of(raw["input_sha256"], f"{where}: input_sha256"),
        "objective": text_of(raw["objective"], f"{where}: objective"),
        "ties": None if raw["ties"] is None else text_of(raw["ties"], f"{where}: ties"),
        "criterion": criterion,
        "tail": tail,
        "budget": number_or_none(raw["budget"], f"{where}: budget"),
        "target": number_of(raw["target"], f"{where}: target") if aimed else None,
        "resources": numbers_of(raw["resources"], f"{where}: resources"),
        "include": texts_of(raw["include"], f"{where}: include"),
        "exclude": texts_of(raw["exclude"], f"{where}: exclude"),
        "plan": texts_of(raw["plan"], f"{where}: plan"),
        "value": number_or_none(raw["value"], f"{where}: value"),
        "baseline": number_or_none(raw["baseline"], f"{where}: baseline"),
        "claim": claim_of(raw["claim"], f"{where}: claim"),
        "options": options,
    }
