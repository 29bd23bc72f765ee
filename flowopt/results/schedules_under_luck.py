"""Schedules whose measures may fail: their means over what works, beside what flows when all does.

Tables of flows, markets and openings show the trafficker when all works that can: there are as many
flows as outcomes. Those of periods have the mean beside that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from flowopt.results.column_units import Objective, Share
from flowopt.results.document import restored, state
from flowopt.results.over_time import EvaluationOverTime
from flowopt.results.over_time_rows import (
    CampaignPeriodRow,
    CampaignRow,
    ScheduleAlternative,
    SchedulePeriodRow,
)
from flowopt.results.proof_over_time import ProofOverTime
from flowopt.results.rows import Rows
from flowopt.results.schedule_solution import ScheduleSolution


@dataclass(frozen=True, slots=True)
class LuckCampaignRow(CampaignRow):
    """Effect of one schedule over all periods, in the mean over what works of it.

    Attributes
    ----------
    half_width : float
        Of the interval around a value that was estimated; 0 where all outcomes were counted.
    how : str
        ``counted`` over all outcomes, or ``sampled``.
    coins, outcomes : int
        The chances that it hangs on, and the outcomes that were valued.
    all_works, all_works_value : float
        How likely it is that all of it works, and the objective then.
    """

    half_width: Objective = 0.0
    how: str = "counted"
    coins: int = 0
    outcomes: int = 0
    all_works: Share = 1.0
    all_works_value: Objective = 0.0


@dataclass(frozen=True, slots=True)
class LuckCampaignPeriodRow(CampaignPeriodRow):
    """Effect of one schedule in a year of one period when all of it works, and in the mean.

    Attributes
    ----------
    value_mean : float or None
        The objective a year in the mean over what works; None under `bilevel`, and where not every
        outcome has a proof.
    """

    value_mean: Objective | None = None


@dataclass(frozen=True, slots=True)
class LuckSchedulePeriodRow(SchedulePeriodRow):
    """Effect of the best schedule in a year of one period when all of it works, and in the mean.

    Attributes
    ----------
    value_mean : float or None
        The objective a year in the mean over what works; None where not every outcome has a proof.
    """

    value_mean: Objective | None = None


@dataclass(frozen=True, slots=True)
class CampaignOutcome:
    """Outcome of the luck of a schedule: how likely it is, and the objective over all periods.

    Attributes
    ----------
    campaign : str
        The schedule.
    works : str
        Ids of the measures that work, in all periods in which they are in force, joined by ``;``.
    failed_effects : str
        Rows of `effects` that fail though their measure works, counted from 1, joined by ``;``.
    probability : float
        How likely just that is.
    drawn : int or None
        In how many draws it came; None where all outcomes were counted.
    value : float
        The objective.
    value_without_openings : float or None
        The same if nothing opened; None where that mean is of draws.
    """

    campaign: str
    works: str
    failed_effects: str
    probability: Share
    drawn: int | None
    value: Objective
    value_without_openings: Objective | None = None


@dataclass(frozen=True, slots=True)
class OutcomeProof:
    """Proof of the objective in one outcome of the luck of a schedule, and if nothing opened.

    Attributes
    ----------
    open : ProofOverTime
        Of what the trafficker does there, openings included.
    closed : ProofOverTime
        Of what it would do there if nothing could be opened.
    """

    open: ProofOverTime
    closed: ProofOverTime


@dataclass(frozen=True, slots=True)
class LuckScheduleAlternative(ScheduleAlternative):
    """One of the best schedules in the mean over what works.

    Attributes
    ----------
    half_width : float
        Of the interval around a value that was estimated; 0 where all outcomes were counted.
    """

    half_width: Objective = 0.0


@dataclass(frozen=True, slots=True)
class LuckAlternativeProofs:
    """Proofs of the mean of one of the best schedules.

    Attributes
    ----------
    open, closed : ProofOverTime
        Of the objective when all works that can, and if nothing opened.
    outcomes : tuple of CampaignOutcome
        What may work of it, the likeliest first.
    proofs : tuple of OutcomeProof
        Of the values of its first outcomes.
    """

    open: ProofOverTime
    closed: ProofOverTime
    outcomes: tuple[CampaignOutcome, ...]
    proofs: tuple[OutcomeProof, ...]


@dataclass(frozen=True, slots=True)
class DroppedOutcome:
    """Outcome of the luck of a schedule without one of its measures.

    Attributes
    ----------
    works : tuple of str
        Ids of the measures that work, in file order.
    failed_effects : tuple of int
        Rows of `effects` that fail though their measure works, counted from 1.
    probability : float
        How likely just that is.
    value : float
        The objective over all periods.
    proof : ProofOverTime or None
        Of the likeliest that are no outcomes of the whole schedule.
    """

    works: tuple[str, ...]
    failed_effects: tuple[int, ...]
    probability: float
    value: float
    proof: ProofOverTime | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LuckEvaluationOverTime(EvaluationOverTime):
    """Effects of schedules over all periods in the mean over what works, side by side.

    Attributes
    ----------
    campaigns : Rows
        A `LuckCampaignRow` for each schedule.
    outcomes : Rows
        What may work of each schedule, the likeliest first.
    proofs : mapping
        By campaign, proofs of the values of its first outcomes.
    """

    campaigns: Rows[LuckCampaignRow]  # type: ignore[assignment]  # read only, so more of each row
    campaign_periods: Rows[LuckCampaignPeriodRow]  # type: ignore[assignment]  # likewise
    outcomes: Rows[CampaignOutcome]
    proofs: Mapping[str, tuple[OutcomeProof, ...]] = field(default_factory=dict)

    __getstate__ = state
    __setstate__ = restored

    def summary(self) -> dict[str, Any]:
        """Return what `--json` prints, in its order."""
        return {
            **EvaluationOverTime.summary(self),
            "outcomes": [asdict(row) for row in self.outcomes],
        }


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LuckScheduleSolution(ScheduleSolution):
    """The best schedule in the mean over what works of it.

    `value`, `value_without_openings`, `value_myopic` and `lost_if_dropped` are means. The bound is
    none of an estimate: no schedule's mean goes below it.

    Attributes
    ----------
    half_width : float
        Of the interval around a value that was estimated; 0 where all outcomes were counted.
    how : str
        ``counted`` or ``sampled``.
    coins : int
        The chances that the schedule hangs on.
    all_works, all_works_value : float
        How likely it is that all of it works, and the objective then.
    outcomes : Rows
        What may work of it, the likeliest first.
    proofs : tuple of OutcomeProof
        Of the values of its first outcomes.
    alternative_luck : tuple of LuckAlternativeProofs
        What proves the means of the alternatives.
    dropped_outcomes : mapping
        By ``m01@2015`` without it in one period, and by ``m01`` in all: what may work of what is
        left, on which `lost_if_dropped` rests.
    """

    half_width: float  # without a default, so that no other schedule reads as one
    how: str = "counted"
    coins: int = 0
    all_works: float = 1.0
    all_works_value: float | None = None
    periods: Rows[LuckSchedulePeriodRow] = field(  # type: ignore[assignment]  # read only, so more
        default_factory=lambda: Rows(LuckSchedulePeriodRow)
    )
    outcomes: Rows[CampaignOutcome] = field(default_factory=lambda: Rows(CampaignOutcome))
    proofs: tuple[OutcomeProof, ...] = ()
    alternatives: Rows[LuckScheduleAlternative] = field(  # type: ignore[assignment]  # likewise
        default_factory=lambda: Rows(LuckScheduleAlternative)
    )
    alternative_luck: tuple[LuckAlternativeProofs, ...] = ()
    dropped_outcomes: Mapping[str, tuple[DroppedOutcome, ...]] = field(default_factory=dict)

    __getstate__ = state
    __setstate__ = restored

    def summary(self) -> dict[str, Any]:
        """Return what `--json` prints, in its order."""
        return {
            **ScheduleSolution.summary(self),
            "luck": {
                "how": self.how,
                "coins": self.coins,
                "half_width": self.half_width,
                "all_works": self.all_works,
                "all_works_value": self.all_works_value,
            },
            "outcomes": [asdict(row) for row in self.outcomes],
        }
