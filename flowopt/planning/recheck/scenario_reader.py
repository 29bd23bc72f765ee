"""Reader of the certificate of a plan for several scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowopt.plain_text import shown
from flowopt.planning.recheck.certificate_reader import (
    SCENARIOS,
    Certificate,
    Claim,
    StatedProof,
    certificate_of,
    claim_of,
    options_of,
    stated_proof,
)
from flowopt.planning.recheck.json_values import (
    MalformedError,
    check_keys,
    check_version,
    number_of,
    number_or_none,
    numbers_of,
    read_json,
    text_of,
    texts_of,
)

CRITERIA = ("expected", "worst", "cut", "regret", "cvar")
_KEYS = (
    "certificate", "result", "network", "input_sha256", "objective", "ties", "options", "criterion",
    "tail", "budget", "resources", "include", "exclude", "plan", "value", "baseline", "claim",
    "looked_at", "scenarios",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StatedScenario:
    """The plan in one scenario; `looking` is what the best plan for another one leaves there."""

    scenario: str
    looking: StatedProof | None
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class ScenarioCertificate:
    """`certificate.json` of a plan for several scenarios; None where there is no plan."""

    network: str
    input_sha256: str
    objective: str
    ties: str | None
    criterion: str
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
    looked_at: str | None
    scenarios: tuple[StatedScenario, ...]
    options: Mapping[str, Any]


def read_scenario_certificate(path: Path) -> ScenarioCertificate:
    """Return the certificate of a plan for several scenarios.

    Raises
    ------
    MalformedError
        When the file is missing or malformed.
    """
    raw, where = read_json(path), path.name
    aimed = ("target",) if "target" in raw else ()  # only where one was given
    check_version(raw, (*_KEYS, *aimed), where)
    options = options_of(raw, where)
    if options is None:
        raise MalformedError(f"{where} lacks options")
    if raw["result"] != SCENARIOS:
        raise MalformedError(f"{where}: result is {shown(raw['result'])}, not {shown(SCENARIOS)}")
    if raw["criterion"] not in CRITERIA:
        raise MalformedError(f"{where}: criterion {shown(raw['criterion'])} can't be verified")
    if not isinstance(raw["resources"], dict) or not isinstance(raw["scenarios"], list):
        raise MalformedError(f"{where}: resources or scenarios are of the wrong kind")
    tail = number_or_none(raw["tail"], f"{where}: tail")
    if (tail is not None) != (raw["criterion"] == "cvar") or not (tail is None or 0 < tail <= 1):
        raise MalformedError(f"{where}: tail {shown(raw['tail'])} can't be verified")
    looked_at = raw["looked_at"]
    return ScenarioCertificate(
        network=text_of(raw["network"], f"{where}: network"),
        input_sha256=text_of(raw["input_sha256"], f"{where}: input_sha256"),
        objective=text_of(raw["objective"], f"{where}: objective"),
        ties=None if raw["ties"] is None else text_of(raw["ties"], f"{where}: ties"),
        criterion=raw["criterion"],
        tail=tail,
        budget=number_or_none(raw["budget"], f"{where}: budget"),
        target=number_of(raw["target"], f"{where}: target") if aimed else None,
        resources=numbers_of(raw["resources"], f"{where}: resources"),
        include=texts_of(raw["include"], f"{where}: include"),
        exclude=texts_of(raw["exclude"], f"{where}: exclude"),
        plan=texts_of(raw["plan"], f"{where}: plan"),
        value=number_or_none(raw["value"], f"{where}: value"),
        baseline=number_or_none(raw["baseline"], f"{where}: baseline"),
        claim=claim_of(raw["claim"], f"{where}: claim"),
        looked_at=None if looked_at is None else text_of(looked_at, f"{where}: looked_at"),
        scenarios=tuple(
            _scenario(entry, f"{where}: scenario {number}", tied=raw["objective"] == "bilevel")
            for number, entry in enumerate(raw["scenarios"], start=1)
        ),
        options=options,
    )


def _scenario(raw: Any, where: str, *, tied: bool) -> StatedScenario:
    check_keys(raw, ("scenario", "looking", "certificate"), where)
    if not isinstance(raw["certificate"], dict):
        raise MalformedError(f"{where}: certificate is no object with names")
    looking = raw["looking"]
    return StatedScenario(
        scenario=text_of(raw["scenario"], f"{where}: scenario"),
        looking=None if looking is None else stated_proof(looking, f"{where}: looking", tied=tied),
        certificate=certificate_of(raw["certificate"], where),
    )
