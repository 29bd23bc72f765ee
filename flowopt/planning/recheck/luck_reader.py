"""Reader of the certificate of a plan whose measures may fail."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowopt.plain_text import shown
from flowopt.planning.recheck.certificate_reader import (
    Certificate,
    StatedProof,
    certificate_of,
    stated_proof,
)
from flowopt.planning.recheck.criterion_reader import CriterionCertificate, criterion_fields
from flowopt.planning.recheck.json_values import (
    MalformedError,
    check_keys,
    number_of,
    read_json,
    text_of,
    texts_of,
)

LUCK = "luck"  # the kind of result
CRITERIA = (None, "expected", "worst", "cut", "cvar")
_KEYS = ("luck",)
_HOW = ("counted", "sampled")


@dataclass(frozen=True, slots=True)
class StatedOutcome:
    """Outcome as stated: ids that work, and rows of effects that fail, from 0."""

    works: tuple[str, ...]
    failed: tuple[int, ...]
    probability: float
    drawn: int | None
    value: float
    proof: StatedProof | None


@dataclass(frozen=True, slots=True)
class StatedLuck:
    """Record of how means were found, as stated."""

    how: str
    coins: int
    outcomes: int
    half_width: float
    draws: int | None
    seed: int | None


@dataclass(frozen=True, slots=True)
class StatedWorld:
    """The plan in one scenario: when all works, and by what may work."""

    scenario: str
    sure: Certificate
    outcomes: tuple[StatedOutcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LuckCertificate(CriterionCertificate):
    """`certificate.json` of a plan whose measures may fail."""

    value: float
    baseline: float
    luck: StatedLuck
    scenarios: tuple[StatedWorld, ...]


def read_luck_certificate(path: Path) -> LuckCertificate:
    """Return the certificate of a plan whose measures may fail.

    Raises
    ------
    MalformedError
        When the file is missing or malformed.
    """
    raw, where = read_json(path), path.name
    about = criterion_fields(raw, where, kind=LUCK, keys=_KEYS, criteria=CRITERIA)
    for name in ("value", "baseline"):
        number_of(raw[name], f"{where}: {name}")
    return LuckCertificate(
        **about,
        luck=_luck(raw["luck"], f"{where}: luck"),
        scenarios=tuple(
            _world(entry, f"{where}: scenario {number}", tied=raw["objective"] == "bilevel")
            for number, entry in enumerate(raw["scenarios"], start=1)
        ),
    )


def _luck(raw: Any, where: str) -> StatedLuck:
    check_keys(raw, ("how", "coins", "outcomes", "half_width", "draws", "seed"), where)
    if raw["how"] not in _HOW:
        raise MalformedError(f"{where}: how is {shown(raw['how'])}, not one of {', '.join(_HOW)}")
    return StatedLuck(
        how=raw["how"],
        coins=_whole(raw["coins"], f"{where}: coins"),
        outcomes=_whole(raw["outcomes"], f"{where}: outcomes"),
        half_width=number_of(raw["half_width"], f"{where}: half_width"),
        draws=_whole_or_none(raw["draws"], f"{where}: draws"),
        seed=_whole_or_none(raw["seed"], f"{where}: seed"),
    )


def _world(raw: Any, where: str, *, tied: bool) -> StatedWorld:
    check_keys(raw, ("scenario", "sure", "outcomes"), where)
    if not isinstance(raw["sure"], dict) or not isinstance(raw["outcomes"], list):
        raise MalformedError(f"{where}: sure or outcomes are of the wrong kind")
    return StatedWorld(
        scenario=text_of(raw["scenario"], f"{where}: scenario"),
        sure=certificate_of(raw["sure"], where),
        outcomes=tuple(
            _outcome(entry, f"{where}: outcome {number}", tied=tied)
            for number, entry in enumerate(raw["outcomes"], start=1)
        ),
    )


def _outcome(raw: Any, where: str, *, tied: bool) -> StatedOutcome:
    keys = ("works", "failed_effects", "probability", "drawn", "value", "proof")
    check_keys(raw, keys, where)
    if not isinstance(raw["failed_effects"], list):
        raise MalformedError(f"{where}: failed_effects is no list")
    proof = raw["proof"]
    return StatedOutcome(
        works=texts_of(raw["works"], f"{where}: works"),
        failed=tuple(
            _whole(each, f"{where}: failed_effects") - 1 for each in raw["failed_effects"]
        ),
        probability=number_of(raw["probability"], f"{where}: probability"),
        drawn=_whole_or_none(raw["drawn"], f"{where}: drawn"),
        value=number_of(raw["value"], f"{where}: value"),
        proof=None if proof is None else stated_proof(proof, f"{where}: proof", tied=tied),
    )


def _whole(raw: Any, where: str) -> int:
    """Return a whole number of at least 0."""
    if not isinstance(raw, int) or isinstance(raw, bool) or raw < 0:
        raise MalformedError(f"{where} is {shown(raw)}, not a whole number")
    return raw


def _whole_or_none(raw: Any, where: str) -> int | None:
    return None if raw is None else _whole(raw, where)
