"""Reader of the certificate of a plan whose measures may fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

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
CRITERIA = (None, "expected", "worst", "cut", "regret", "cvar")
_KEYS = ("luck", "dropped", "next", "compared", "of")
_HOW = ("counted", "sampled")


class ProvedValue(Protocol):
    """Proof of a value."""

    @property
    def value(self) -> float:
        """The value."""


class AnyOutcome(Protocol):
    """Outcome as stated, of a plan for one year or of a schedule."""

    @property
    def works(self) -> tuple[str, ...]:
        """Ids that work."""

    @property
    def failed(self) -> tuple[int, ...]:
        """Rows of effects that fail, from 0."""

    @property
    def probability(self) -> float:
        """Chance of just that."""

    @property
    def drawn(self) -> int | None:
        """In how many draws it came."""

    @property
    def value(self) -> float:
        """The objective."""

    @property
    def proof(self) -> ProvedValue | None:
        """The proof of that."""


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
class StatedActing:
    """Value when some measures work, of other plans than the one at hand."""

    works: tuple[str, ...]
    failed: tuple[int, ...]
    value: float
    proof: StatedProof | None


@dataclass(frozen=True, slots=True)
class StatedRise:
    """Rise of the mean when a measure is dropped, or added, or with another plan."""

    name: str
    rise: float
    half_width: float
    how: str


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
class StatedOwn:
    """The best plan of one scenario alone, its mean and bound as stated."""

    measures: tuple[str, ...]
    value: float
    half_width: float
    draws: int | None
    bound: float


@dataclass(frozen=True, slots=True)
class StatedAlternative:
    """One of the best plans, its mean and bound as stated."""

    measures: tuple[str, ...]
    value: float
    half_width: float
    bound: float
    status: str


@dataclass(frozen=True, slots=True)
class StatedWorld:
    """The plan in one scenario: when all works, and by what may work."""

    scenario: str
    sure: Certificate
    outcomes: tuple[StatedOutcome, ...]
    acting: tuple[StatedActing, ...]
    own: StatedOwn | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LuckCertificate(CriterionCertificate):
    """`certificate.json` of a plan whose measures may fail."""

    value: float
    baseline: float
    of: str | None
    luck: StatedLuck
    dropped: tuple[StatedRise, ...]
    next: tuple[StatedRise, ...]
    compared: tuple[StatedRise, ...]
    alternatives: tuple[StatedAlternative, ...]
    scenarios: tuple[StatedWorld, ...]


def read_luck_certificate(path: Path) -> LuckCertificate:
    """Return the certificate of a plan whose measures may fail.

    Raises
    ------
    MalformedError
        When the file is missing or malformed.
    """
    raw, where = read_json(path), path.name
    several = ("alternatives",) if "alternatives" in raw else ()  # only where they were asked for
    about = criterion_fields(raw, where, kind=LUCK, keys=(*_KEYS, *several), criteria=CRITERIA)
    for name in ("value", "baseline"):
        number_of(raw[name], f"{where}: {name}")
    return LuckCertificate(
        **about,
        of=None if raw.get("of") is None else text_of(raw["of"], f"{where}: of"),
        luck=_luck(raw["luck"], f"{where}: luck"),
        dropped=_rises(raw["dropped"], f"{where}: dropped"),
        next=_rises(raw["next"], f"{where}: next"),
        compared=_rises(raw["compared"], f"{where}: compared", "plan"),
        alternatives=tuple(_alternatives(raw.get("alternatives", []), where)),
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
    check_keys(raw, ("scenario", "sure", "outcomes", "acting", "own"), where)
    lists = all(isinstance(raw[name], list) for name in ("outcomes", "acting"))
    if not isinstance(raw["sure"], dict) or not lists:
        raise MalformedError(f"{where}: sure, outcomes or acting are of the wrong kind")
    return StatedWorld(
        scenario=text_of(raw["scenario"], f"{where}: scenario"),
        sure=certificate_of(raw["sure"], where),
        outcomes=tuple(
            StatedOutcome(
                **outcome_fields(
                    entry, f"{where}: outcome {number}", proof=partial(stated_proof, tied=tied)
                )
            )
            for number, entry in enumerate(raw["outcomes"], start=1)
        ),
        acting=tuple(
            StatedActing(
                **acting_fields(
                    entry, f"{where}: value {number}", proof=partial(stated_proof, tied=tied)
                )
            )
            for number, entry in enumerate(raw["acting"], start=1)
        ),
        own=None if raw.get("own") is None else _own(raw["own"], f"{where}: own"),
    )


def _alternatives(raw: Any, where: str) -> Iterator[StatedAlternative]:
    if not isinstance(raw, list):
        raise MalformedError(f"{where}: alternatives is no list")
    for rank, each in enumerate(raw, start=1):
        about = f"{where}: alternative {rank}"
        check_keys(each, ("measures", "value", "half_width", "bound", "status"), about)
        yield StatedAlternative(
            measures=texts_of(each["measures"], f"{about}: measures"),
            value=number_of(each["value"], f"{about}: value"),
            half_width=number_of(each["half_width"], f"{about}: half_width"),
            bound=number_of(each["bound"], f"{about}: bound"),
            status=text_of(each["status"], f"{about}: status"),
        )


def _own(raw: Any, where: str) -> StatedOwn:
    check_keys(raw, ("measures", "value", "half_width", "draws", "bound"), where)
    return StatedOwn(
        measures=texts_of(raw["measures"], f"{where}: measures"),
        value=number_of(raw["value"], f"{where}: value"),
        half_width=number_of(raw["half_width"], f"{where}: half_width"),
        draws=_whole_or_none(raw["draws"], f"{where}: draws"),
        bound=number_of(raw["bound"], f"{where}: bound"),
    )


def outcome_fields(
    raw: Any, where: str, *more: str, proof: Callable[[Any, str], Any]
) -> dict[str, Any]:
    """Return the fields of an outcome, whose entry has `more` keys; `proof` reads its proof."""
    return {
        **acting_fields(raw, where, "probability", "drawn", *more, proof=proof),
        "probability": number_of(raw["probability"], f"{where}: probability"),
        "drawn": _whole_or_none(raw["drawn"], f"{where}: drawn"),
    }


def acting_fields(
    raw: Any, where: str, *more: str, proof: Callable[[Any, str], Any]
) -> dict[str, Any]:
    """Return what acts and its value; the entry has `more` keys than these."""
    check_keys(raw, ("works", "failed_effects", *more, "value", "proof"), where)
    if not isinstance(raw["failed_effects"], list):
        raise MalformedError(f"{where}: failed_effects is no list")
    return {
        "works": texts_of(raw["works"], f"{where}: works"),
        "failed": tuple(
            _whole(each, f"{where}: failed_effects") - 1 for each in raw["failed_effects"]
        ),
        "value": number_of(raw["value"], f"{where}: value"),
        "proof": None if raw["proof"] is None else proof(raw["proof"], f"{where}: proof"),
    }


def _rises(raw: Any, where: str, key: str = "measure") -> tuple[StatedRise, ...]:
    if not isinstance(raw, list):
        raise MalformedError(f"{where} is no list")
    for each in raw:
        check_keys(each, (key, "rise", "half_width", "how"), where)
    return tuple(
        StatedRise(
            text_of(each[key], f"{where}: {key}"),
            number_of(each["rise"], f"{where}: rise"),
            number_of(each["half_width"], f"{where}: half_width"),
            text_of(each["how"], f"{where}: how"),
        )
        for each in raw
    )


def _whole(raw: Any, where: str) -> int:
    """Return a whole number of at least 0."""
    if not isinstance(raw, int) or isinstance(raw, bool) or raw < 0:
        raise MalformedError(f"{where} is {shown(raw)}, not a whole number")
    return raw


def _whole_or_none(raw: Any, where: str) -> int | None:
    return None if raw is None else _whole(raw, where)
