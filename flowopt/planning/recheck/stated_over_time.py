"""Results over periods as their certificates state them; nothing of it is believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flowopt.planning.recheck.arithmetic import Names
from flowopt.planning.recheck.certificate_reader import Claim, StatedProof


@dataclass(frozen=True, slots=True)
class StatedRents:
    """Rents of what may open: of each capacity and period, and of each capacity in all."""

    most: Mapping[tuple[Names, str], float]
    limit: Mapping[Names, float]


@dataclass(frozen=True, slots=True)
class StatedOverTime:
    """Proof over periods as stated: a year of each, what opens, and the rents.

    Attributes
    ----------
    measures, value
        The measures in force, as ``m01@2015``, and the objective over all periods.
    periods : mapping
        By period, the proof of a year of it.
    opened : mapping
        t/yr of each capacity that opens in a period.
    rents : StatedRents
        Their rents.
    rate, tie
        For ``bilevel``: weighted tonnes per M USD over all periods, and a second set of rents.
    """

    measures: tuple[str, ...]
    value: float
    periods: Mapping[str, StatedProof]
    opened: Mapping[tuple[Names, str], float]
    rents: StatedRents
    rate: float = 0.0
    tie: StatedRents | None = None


@dataclass(frozen=True, slots=True)
class StatedResponse:
    """Stated response of the trafficker, and that if nothing opened."""

    open: StatedOverTime
    closed: StatedOverTime


@dataclass(frozen=True, slots=True)
class StatedOutcomeOverTime:
    """Outcome of the luck of a schedule as stated: rows of effects that fail are from 0."""

    works: tuple[str, ...]
    failed: tuple[int, ...]
    probability: float
    drawn: int | None
    value: float
    closed_value: float | None
    response: StatedResponse | None

    @property
    def proof(self) -> StatedOverTime | None:
        """The proof of the value."""
        return None if self.response is None else self.response.open


@dataclass(frozen=True, slots=True)
class StatedDropped:
    """Outcome of what is left of a schedule without a measure, as stated."""

    works: tuple[str, ...]
    failed: tuple[int, ...]
    probability: float
    value: float
    proof: StatedOverTime | None
    drawn: int | None = None


@dataclass(frozen=True, slots=True)
class StatedCampaign:
    """One schedule of an evaluation; `status` and `bound` are the solver's claim on a best one."""

    campaign: str
    breaks: str
    status: str
    bound: float | None
    bought: tuple[str, ...]
    response: StatedResponse
    outcomes: tuple[StatedOutcomeOverTime, ...] = ()


@dataclass(frozen=True, slots=True)
class StatedAlternative:
    """One of the best schedules: its purchases, and the response to it."""

    bought: tuple[str, ...]
    open: StatedOverTime
    closed: StatedOverTime | None = None
    outcomes: tuple[StatedOutcomeOverTime, ...] = ()


@dataclass(frozen=True, slots=True)
class TimeCertificate:
    """`certificate.json` of a result over periods; empty or None for what a kind lacks."""

    result: str
    network: str
    input_sha256: str
    objective: str
    ties: str | None
    options: Mapping[str, Any]
    before: StatedResponse
    budget: float | Mapping[str, float] | None = None
    carry: bool = False
    resources: Mapping[str, float] = field(default_factory=dict)
    target: float | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    bought: tuple[str, ...] = ()
    claim: Claim | None = None
    after: StatedResponse | None = None
    dropped: Mapping[str, StatedOverTime] = field(default_factory=dict)
    outcomes: tuple[StatedOutcomeOverTime, ...] = ()
    dropped_outcomes: Mapping[str, tuple[StatedDropped, ...]] = field(default_factory=dict)
    campaigns: tuple[StatedCampaign, ...] = ()
    alternatives: tuple[StatedAlternative, ...] = ()
    under_luck: bool = False
