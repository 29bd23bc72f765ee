"""Schedules whose measures may fail: what they are worth over all periods, in the mean."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields, replace

from flowopt.clock import Clock
from flowopt.model.best_response import BestResponseSolver
from flowopt.model.build_over_time import build_over_time
from flowopt.model.incumbent import Plan
from flowopt.model.luck import Chances, Luck
from flowopt.model.luck_over_time import LuckOverTime
from flowopt.model.plan_luck import Expectation, LuckValues
from flowopt.network.chances import as_if_sure
from flowopt.network.network import Network
from flowopt.objectives import OBJECTIVES, Objective, Ties
from flowopt.planning.lucky_worlds import PROVED, as_counted
from flowopt.planning.myopic import myopic
from flowopt.planning.question_over_time import QuestionOverTime
from flowopt.planning.schedules import Schedule
from flowopt.results.numbers import relative_gap, rounded
from flowopt.results.over_time import EvaluationOverTime
from flowopt.results.over_time_rows import CampaignPeriodRow, CampaignRow
from flowopt.results.proof_over_time import ProofOverTime
from flowopt.results.rows import Rows
from flowopt.results.schedules_under_luck import (
    CampaignOutcome,
    LuckCampaignPeriodRow,
    LuckCampaignRow,
    LuckEvaluationOverTime,
    OutcomeProof,
)

LISTED = 4_096  # outcomes of a schedule: no more can be counted
SIMULATED = 16  # outcomes of a schedule up to which a trafficker without foresight is played


class LuckySchedules:
    """Values of schedules under luck, with and without openings.

    Parameters
    ----------
    network, objective, ties, clock
        A network with periods whose measures may fail, and the question.

    Attributes
    ----------
    asked : QuestionOverTime
        The question where all works that can.
    parted : OverTime
        The programme of the network with parts.
    luck : LuckOverTime
        The coins of all periods, and that programme in the order of its measures.
    values, closed : LuckValues
        Means of plans of that programme; and if nothing opens.
    """

    def __init__(self, network: Network, objective: Objective, ties: Ties, clock: Clock) -> None:
        self.network, self._clock = network, clock
        self.asked = QuestionOverTime(as_if_sure(network), objective, ties, clock)
        self._failing: dict[tuple[int, ...], QuestionOverTime] = {}
        luck = Luck(network, Chances.of(network))
        self.parted = build_over_time(luck.network)
        self.luck = LuckOverTime(luck, self.asked.whole, self.parted)
        shut = replace(self.luck.model, limit=self.parted.closed().model.limit)
        self.values, self.closed = (
            LuckValues(self.luck, BestResponseSolver(model, objective, ties=ties))
            for model in (self.luck.model, shut)
        )
        for each in (self.values, self.closed):
            each.trafficker.deadline = clock.deadline

    def plan(self, schedule: Schedule) -> frozenset[int]:
        """Return what is in force in a schedule, as a plan of the programme."""
        return frozenset(self.asked.whole.in_force[each] for each in schedule.in_force)

    @property
    def in_force_indices(self) -> Plan:
        """All that can be in force, without purchases."""
        return frozenset(self.asked.whole.in_force.values())

    def expected(self, plan: Iterable[int], *, share: float = 1.0) -> Expectation:
        """Return the mean of a plan over what works of it, in a share of the time that is left."""
        return self.values.expected(plan, until=self._until(share))

    def without_openings(self, plan: Iterable[int], *, share: float = 1.0) -> Expectation:
        """Return the same if nothing opened."""
        return self.closed.expected(plan, until=self._until(share))

    def myopic(self, expectation: Expectation, clock: Clock | None = None) -> float | None:
        """Return the mean against a trafficker without foresight, who sees what works now.

        None where that is too much to play: under `bilevel`, for drawn outcomes and for many, or
        where the time of `clock`, by default that of all, is over.
        """
        objective, found = self.asked.objective, expectation.outcomes
        clock = clock or self._clock
        if objective == "bilevel" or expectation.draws is not None or len(found) > SIMULATED:
            return None
        values = []
        for each in found:
            if clock.late():
                return None
            works = Schedule("", self.luck.in_force(each.outcome.acts), ())
            played = myopic(self.parted, works, objective)
            values.append(each.outcome.probability * played.value)
        return math.fsum(values)

    def outcomes(
        self, schedule: str, plan: Plan, found: Expectation, closed: Expectation | None = None
    ) -> list[CampaignOutcome]:
        """Return what may work of a schedule, as rows; `closed` is its mean if nothing opened."""
        rows, shut = [], {}
        if closed is not None and closed.draws is None and found.draws is None:
            shut = {each.outcome.acts: rounded(each.value) for each in closed.outcomes}
        for each in found.outcomes[:LISTED]:
            acts = each.outcome.acts
            works, failed = self.works(plan, acts)
            rows.append(
                CampaignOutcome(
                    campaign=schedule,
                    works=";".join(works),
                    failed_effects=";".join(map(str, failed)),
                    probability=each.outcome.probability,
                    drawn=each.draws,
                    value=rounded(each.value),
                    value_without_openings=shut.get(acts),
                )
            )
        return rows

    def _working(self, plan: Plan, acts: Plan) -> dict[str, None]:
        return dict.fromkeys(measure for measure, _ in self.luck.in_force(acts & plan))

    def works(self, plan: Plan, acts: Plan) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """Return what works of a plan, in file order, and the rows of effects that fail, from 1."""
        working = self._working(plan, acts)
        names = tuple(row.measure for row in self.network.measures if row.measure in working)
        return names, tuple(row + 1 for row in self.luck.failed_effects(plan, acts))

    def proofs(
        self, schedule: Schedule, found: Expectation, clock: Clock | None = None
    ) -> Iterator[OutcomeProof]:
        """Yield proofs of the values of the likeliest outcomes, while `clock` has time.

        That is by default the one of all. They are those of the network without what fails, so that
        they say nothing of parts.
        """
        plan, clock = self.plan(schedule), clock or self._clock
        for each in found.outcomes[:PROVED]:
            if clock.late():
                return
            asked, left = self._outcome(schedule, plan, each.outcome.acts)
            shut = asked.without_openings(left)
            yield OutcomeProof(
                asked.proof(left, asked.response(left)), asked.proof(left, shut, opens=False)
            )

    def proof(self, schedule: Schedule, acts: Plan) -> ProofOverTime:
        """Return the proof of the value of one outcome of a schedule, openings included."""
        asked, left = self._outcome(schedule, self.plan(schedule), acts)
        return asked.proof(left, asked.response(left, tidy=False))

    def _outcome(
        self, schedule: Schedule, plan: Plan, acts: Plan
    ) -> tuple[QuestionOverTime, Schedule]:
        """Return the question without what fails, and what is left of a schedule."""
        works = self._working(plan, acts)
        asked = self._without(self.luck.failed_effects(plan, acts))
        return asked, Schedule("", tuple(e for e in schedule.in_force if e[0] in works), ())

    def _without(self, failed: tuple[int, ...]) -> QuestionOverTime:
        """Return the question where some rows of `effects` fail; its programmes are kept."""
        if failed not in self._failing:
            network = as_if_sure(self.network, without=failed)
            self._failing[failed] = QuestionOverTime(
                network, self.asked.objective, self.asked.ties, Clock()
            )
        return self._failing[failed]

    def all_works(self, plan: Plan) -> float:
        """Return how likely it is that all of a plan works that can."""
        return rounded(self.luck.probability(plan, self.luck.acting(plan)))

    def _until(self, share: float) -> float | None:
        return None if self._clock.limit is None else self._clock.part(share).deadline


def evaluated_under_luck(
    lucky: LuckySchedules, schedules: Sequence[Schedule], sure: EvaluationOverTime, *, gap: float
) -> LuckEvaluationOverTime:
    """Return schedules in the mean over what works of them.

    Parameters
    ----------
    lucky
        Their values under luck.
    schedules
        The schedules, and their purchases.
    sure
        What they do where all works that can.
    gap
        Within which of its bound a best schedule is proved.
    """
    rows, outcomes, proofs, warnings = [], [], {}, []
    means: dict[str, tuple[float, ...] | None] = {}
    for place, (schedule, row) in enumerate(zip(schedules, sure.campaigns, strict=True)):
        plan, part = lucky.plan(schedule), 1.0 / (len(schedules) - place)
        found = lucky.expected(plan, share=0.6 * part)
        closed = lucky.without_openings(plan, share=0.7 * part)
        value, without = rounded(found.mean), rounded(closed.mean)
        simulated = lucky.myopic(found)
        cut = rounded(sure.baseline - value)
        rows.append(
            LuckCampaignRow(
                **{
                    **asdict(row),
                    "value": value,
                    "cut": cut,
                    "cut_share": rounded(cut / sure.baseline) if sure.baseline else 0.0,
                    "value_without_openings": without,
                    "cut_without_openings": rounded(sure.baseline_without_openings - without),
                    "value_myopic": None if simulated is None else rounded(simulated),
                    **_certainty(row, value, sure.baseline, gap, drawn=found.draws is not None),
                },
                half_width=rounded(found.half_width),
                how="counted" if found.draws is None else "sampled",
                coins=found.coins,
                outcomes=len(found.outcomes),
                all_works=lucky.all_works(plan),
                all_works_value=row.value,
            )
        )
        outcomes += lucky.outcomes(schedule.name, plan, found, closed)
        proofs[schedule.name] = tuple(lucky.proofs(schedule, found))
        means[schedule.name] = yearly_means(lucky.asked.objective, found, proofs[schedule.name])
        some, wanted = len(proofs[schedule.name]), min(PROVED, len(found.outcomes))
        if some < wanted:
            warnings.append(
                f"{schedule.name}: the time limit came first: {some} of the {wanted} likeliest "
                "outcomes have a proof of their values"
            )
    fields_ = {each.name: getattr(sure, each.name) for each in fields(sure)}
    told = {
        "campaigns": Rows(LuckCampaignRow, rows),
        "campaign_periods": Rows(LuckCampaignPeriodRow, _with_means(sure.campaign_periods, means)),
        "outcomes": Rows(CampaignOutcome, outcomes),
        "proofs": proofs,
        "warnings": (*sure.warnings, *warnings),
    }
    return LuckEvaluationOverTime(**{**fields_, **told})


def _certainty(
    row: CampaignRow, value: float, scale: float, allowed: float, *, drawn: bool
) -> dict[str, object]:
    """Return the status and the bound of a best schedule at its mean; none of the others."""
    if row.bound is None:
        return {}
    if drawn:  # an estimate may be below what is certain
        return {"status": "estimated"}
    bound = min(row.bound, value)
    status, _ = as_counted(row.status, None, relative_gap(value, bound, scale), allowed)
    return {"status": status, "bound": bound}


def yearly_means(
    objective: Objective, found: Expectation, proofs: Sequence[OutcomeProof]
) -> tuple[float, ...] | None:
    """Return the objective a year in each period, in the mean over what works.

    None where that is not of the flows that are proved: for draws, where some outcome has no proof,
    and for `bilevel`, whose proofs hold the trafficker's objective.
    """
    traits = OBJECTIVES[objective]
    if traits.planner != traits.trafficker:
        return None
    if found.draws is not None or len(proofs) < len(found.outcomes):
        return None
    names = list(proofs[0].open.periods)
    return tuple(
        rounded(
            math.fsum(
                each.outcome.probability * proof.open.periods[name].value
                for each, proof in zip(found.outcomes, proofs, strict=True)
            )
        )
        for name in names
    )


def _with_means(
    rows: Iterable[CampaignPeriodRow], means: Mapping[str, tuple[float, ...] | None]
) -> Iterator[LuckCampaignPeriodRow]:
    """Yield the rows of periods, each with its mean; those of a schedule are in order."""
    left = {name: iter(values or ()) for name, values in means.items()}
    for row in rows:
        yield LuckCampaignPeriodRow(**asdict(row), value_mean=next(left[row.campaign], None))
