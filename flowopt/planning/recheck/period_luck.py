"""Re-check of schedules whose measures may fail: their outcomes, proofs, and means.

The probability of each outcome is worked out anew from the chances in the tables. The values of the
likeliest have proofs over all periods, each on the network without what fails, with and without
openings; what they cover of all luck is said, and the others are held between their bounds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from flowopt.network.chances import as_if_sure
from flowopt.network.network import Network
from flowopt.planning.recheck.luck_outcome_checks import (
    PlanLuck,
    check_mean,
    check_outcomes,
    drawn_in,
)
from flowopt.planning.recheck.luck_tables import all_works, coins_of
from flowopt.planning.recheck.period_context import ScheduleMean, Shown
from flowopt.planning.recheck.period_proofs import TimeProofs, Years
from flowopt.planning.recheck.stated_over_time import (
    StatedCampaign,
    StatedOutcomeOverTime,
    StatedResponse,
    TimeCertificate,
)
from flowopt.planning.recheck.table_checks import ExpectedRow
from flowopt.planning.recheck.verdict import VALUES, Check, Comparison

COLUMNS = " half_width how coins outcomes all_works all_works_value"  # of campaigns.csv, more
BEST = "best"  # schedule, in the table of its outcomes
OUTCOMES = "campaign works failed_effects probability drawn value value_without_openings"


class ScheduleLuck:
    """Luck of one schedule as it is stated.

    Parameters
    ----------
    network
        The network, with its chances.
    certificate, before
        The certificate, and the trafficker without measures.
    stated, shown
        The schedule, and the trafficker under it when all works that can.
    failing
        Years of the network by the rows of effects that fail, to be filled.
    """

    def __init__(
        self,
        network: Network,
        certificate: TimeCertificate,
        before: Shown,
        stated: StatedCampaign,
        shown: Shown,
        failing: dict[tuple[int, ...], Years],
    ) -> None:
        self._network, self._certificate, self._before = network, certificate, before
        self._stated, self._shown, self._failing = stated, shown, failing
        running = {measure for measure, _ in shown.in_force}
        self._plan = tuple(row.measure for row in network.measures if row.measure in running)
        self._mean = self._half_width = math.nan

    @property
    def drawn(self) -> bool:
        """True where its mean is an estimate by draws."""
        return drawn_in(self._stated.outcomes) > 0

    @property
    def yearly(self) -> tuple[float, ...] | None:
        """The mean of a year of each period; None where not all of its flows are proved."""
        outcomes, names = self._stated.outcomes, self._shown.horizon.names
        if self._certificate.objective == "bilevel" or self.drawn:
            return None
        if any(each.proof is None for each in outcomes):
            return None
        return tuple(
            math.fsum(e.probability * e.proof.periods[name].value for e in outcomes if e.proof)
            for name in names
        )

    def mean(self, stated: object, check: Comparison) -> ScheduleMean:
        """Return the means; that if nothing opened is the stated one where it is of draws.

        Parameters
        ----------
        stated
            That mean as it is stated.
        check
            Takes what is wrong with it.
        """
        return ScheduleMean(
            value=self._mean,
            half_width=self._half_width,
            closed=self._closed_or(stated, check),
            drawn=self.drawn,
            coins=coins_of(self._network, self._plan),
            all_works=all_works(self._network, self._plan),
            all_works_value=self._shown.stated.open.value,
            yearly=self.yearly,
        )

    def _closed_or(self, stated: object, check: Comparison) -> float:
        """Return the mean if nothing opened; one of draws is held between its bounds."""
        closed, old, name = self.closed, self._before.stated, self._stated.campaign
        if closed is not None:
            return closed
        closed = stated if isinstance(stated, float) else math.nan
        floor = VALUES * abs(old.closed.value)
        if self._certificate.objective != "bilevel":
            label, least = f"the mean of {name} if nothing opened", self._shown.stated.closed.value
            check.at_most(label, closed, old.closed.value, floor=floor)
            check.at_most(f"{label}, at least", least, closed, floor=floor)
        return closed

    @property
    def closed(self) -> float | None:
        """The mean if nothing opened; None where it is of draws that are not listed."""
        found = [each.closed_value for each in self._stated.outcomes]
        if drawn_in(self._stated.outcomes) or None in found:
            return None
        return math.fsum(
            each.probability * (each.closed_value or 0.0) for each in self._stated.outcomes
        )

    def checks(self) -> Iterator[Check]:
        """Yield the checks of the outcomes, their proofs, and what they add up to."""
        certificate, name = self._certificate, self._stated.campaign
        timed = certificate.options.get("time_limit") is not None
        luck = PlanLuck(self._plan, certificate.objective, self._stated.outcomes, timed=timed)
        for check in (check_outcomes(self._network, luck), *self._proofs()):
            yield _of(name, check)
        proved = [e.probability for e in luck.outcomes if e.proof is not None]
        old, new = self._before.stated.open.value, self._shown.stated.open.value
        check, found = check_mean(self._network, luck, old, new, proved)
        self._mean, self._half_width = found.value, found.half_width
        yield _of(name, check)
        yield _of(name, self._if_nothing_opened())

    def _proofs(self) -> list[Check]:
        """Return the checks of the proofs of values, with and without openings."""
        ties, before, found = self._certificate.ties, self._before.stated, []
        for opens, baseline, about in (
            (True, before.open, "by what works"),
            (False, before.closed, "by what works if nothing opened"),
        ):
            proofs = TimeProofs(self._shown.years, ties, about, baseline, opens=opens)
            some = False
            for number, each in enumerate(self._stated.outcomes, start=1):
                if each.response is not None:
                    left = [one for one in self._shown.in_force if one[0] in each.works]
                    proof = each.response.open if opens else each.response.closed
                    years = self._years(each.failed)
                    proofs.add(left, proof, f"outcome {number}: ", years=years)
                    some = True
            found += proofs.checks() if some else []
        return found

    def _years(self, failed: tuple[int, ...]) -> Years:
        """Return the years of the network where some rows of effects fail."""
        if failed not in self._failing:
            network = as_if_sure(self._network, without=failed)
            self._failing[failed] = Years(network, self._certificate.objective)
        return self._failing[failed]

    def _if_nothing_opened(self) -> Check:
        """Check the values if nothing opened against their proofs and bounds."""
        check = Comparison("values if nothing opened have proofs")
        drawn = drawn_in(self._stated.outcomes) > 0
        most, least = self._before.stated.closed.value, self._shown.stated.closed.value
        floor = VALUES * max(abs(most), abs(self._before.stated.open.value))
        missing = {each.closed_value is None for each in self._stated.outcomes}
        check.equal("that all outcomes have one, or none", len(missing) <= 1, True)
        if drawn:
            check.equal("that draws have none", missing, {True})
        for number, each in enumerate(self._stated.outcomes, start=1):
            value, label = each.closed_value, f"the value of outcome {number}"
            if value is None:
                continue
            if each.response is not None:
                check.close(label, value, each.response.closed.value, floor=floor)
            if self._certificate.objective != "bilevel":
                check.at_most(label, value, min(most, each.value), floor=floor)
                check.at_most("the value when all works", least, value, floor=floor)
        return check.check()

    def row(self, row: dict[str, Any], stated: object, check: Comparison) -> dict[str, Any]:
        """Return the row of the schedule in the mean, from that when all works.

        Parameters
        ----------
        row
            The row when all works.
        stated
            The stated mean if nothing opened, which stands where it is of draws.
        check
            Takes what is wrong with it.
        """
        old, name = self._before.stated, self._stated.campaign
        mean, status = self.mean(stated, check), self._stated.status
        if status:
            known = ("estimated",) if mean.drawn else ("optimal", "limit")
            check.equal(f"that the status of {name} is one", status in known, True)
            if not mean.drawn and row["bound"] is not None:
                check.at_most(f"the bound of {name}", row["bound"], mean.value)
        cut = old.open.value - mean.value
        return row | {
            "value": mean.value,
            "cut": cut,
            "cut_share": cut / old.open.value if old.open.value else 0.0,
            "value_without_openings": mean.closed,
            "cut_without_openings": old.closed.value - mean.closed,
            "half_width": mean.half_width,
            "how": "sampled" if mean.drawn else "counted",
            "coins": float(mean.coins),
            "outcomes": float(len(self._stated.outcomes)),
            "all_works": mean.all_works,
            "all_works_value": mean.all_works_value,
        }


def under_luck(certificate: TimeCertificate) -> tuple[StatedCampaign, ...]:
    """Return the schedules whose luck is stated: campaigns, or the best schedule as one."""
    if not certificate.under_luck:
        return ()
    if certificate.after is None:
        return certificate.campaigns
    best = StatedCampaign(BEST, "", "", None, certificate.bought, certificate.after,
                          certificate.outcomes)  # fmt: skip
    return (best,)


def alternatives_of(certificate: TimeCertificate) -> Iterator[StatedCampaign]:
    """Yield the best schedules whose luck is stated, each as a campaign."""
    for rank, each in enumerate(certificate.alternatives, start=1):
        if each.closed is not None:
            response = StatedResponse(each.open, each.closed)
            yield StatedCampaign(f"alternative {rank}", "", "", None, each.bought, response,
                                 each.outcomes)  # fmt: skip


def _of(name: str, check: Check) -> Check:
    return replace(check, name=f"{name}: {check.name}")


def outcome_entries(campaigns: Iterable[StatedCampaign]) -> list[dict[str, Any]]:
    """Return the outcomes as `summary.json` lists them."""
    return [
        {
            "campaign": each.campaign,
            "works": ";".join(one.works),
            "failed_effects": ";".join(str(place + 1) for place in one.failed),
            "probability": one.probability,
            "drawn": one.drawn,
            "value": one.value,
            "value_without_openings": one.closed_value,
        }
        for each in campaigns
        for one in each.outcomes
    ]


def outcome_rows(campaigns: Iterable[StatedCampaign]) -> list[ExpectedRow]:
    """Return the rows of `outcomes.csv`."""
    return [
        tuple(float(cell) if isinstance(cell, int) else cell for cell in entry.values())
        for entry in outcome_entries(campaigns)
    ]


def luck_claims(campaigns: Iterable[StatedCampaign]) -> Iterator[str]:
    """Yield the claims of luck that no check confirms."""
    for each in campaigns:
        name = each.campaign
        others: list[StatedOutcomeOverTime] = [e for e in each.outcomes if e.proof is None]
        if others:
            part = math.fsum(one.probability for one in others)
            yield (
                f"the values of {len(others)} unlikely outcomes of {name}, {part:.4%} of all luck, "
                "stand as they were written (but for their bounds)"
            )
        if drawn_in(each.outcomes):
            yield f"the outcomes of {name} are draws of a seed"
        if any(one.closed_value is None for one in each.outcomes):
            yield (
                f"the mean of {name} if nothing opened is an estimate by draws that stands as "
                "written (but for its bounds)"
            )
