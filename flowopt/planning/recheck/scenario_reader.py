"""Reader of the certificate of a plan for several scenarios."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowopt.planning.recheck.certificate_reader import (
    SCENARIOS,
    Certificate,
    StatedProof,
    certificate_of,
    stated_proof,
)
from flowopt.planning.recheck.criterion_reader import CriterionCertificate, criterion_fields
from flowopt.planning.recheck.json_values import (
    MalformedError,
    check_keys,
    read_json,
    text_of,
)

CRITERIA = ("expected", "worst", "cut", "regret", "cvar")
_KEYS = ("looked_at",)


@dataclass(frozen=True, slots=True)
class StatedScenario:
    """The plan in one scenario; `looking` is what the best plan for another one leaves there."""

    scenario: str
    looking: StatedProof | None
    certificate: Certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioCertificate(CriterionCertificate):
    """`certificate.json` of a plan for several scenarios; None where there is no plan."""

    criterion: str
    looked_at: str | None
    scenarios: tuple[StatedScenario, ...]


def read_scenario_certificate(path: Path) -> ScenarioCertificate:
    """Return the certificate of a plan for several scenarios.

    Raises
    ------
    MalformedError
        When the file is missing or malformed.
    """
    raw, where = read_json(path), path.name
    about = criterion_fields(raw, where, kind=SCENARIOS, keys=_KEYS, criteria=CRITERIA)
    looked_at = raw["looked_at"]
    return ScenarioCertificate(
        **about,
        looked_at=None if looked_at is None else text_of(looked_at, f"{where}: looked_at"),
        scenarios=tuple(
            _scenario(entry, f"{where}: scenario {number}", tied=raw["objective"] == "bilevel")
            for number, entry in enumerate(raw["scenarios"], start=1)
        ),
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
