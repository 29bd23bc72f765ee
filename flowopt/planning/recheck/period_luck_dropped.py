"""Checks of what is lost in the mean without each measure of a schedule that may fail.

What is left of the schedule has outcomes of its own. Some of them are outcomes of the whole
schedule, too, and have their value there; the likeliest of the others have proofs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from flowopt.network.network import Network
from flowopt.planning.recheck.luck_outcome_checks import PlanLuck, check_outcomes
from flowopt.planning.recheck.period_arithmetic import InForce, in_order, without_some
from flowopt.planning.recheck.period_context import Shown
from flowopt.planning.recheck.period_proofs import TimeProofs, Years
from flowopt.planning.recheck.stated_over_time import StatedDropped, TimeCertificate
from flowopt.planning.recheck.verdict import VALUES, Check, Comparison

_MASS = 1e-9  # what probabilities may be off by
Acting = tuple[frozenset[InForce], tuple[int, ...]]  # what works, and the rows that fail


class DroppedLuck:
    """Schedule without single measures, in the mean over what works.

    Parameters
    ----------
    network, certificate
        The network, with its chances, and the certificate.
    before, after
        The trafficker without measures, and under the schedule when all works that can.
    failing
        Years of the network by the rows of effects that fail.

    Attributes
    ----------
    means : dict
        By name, the mean of what is left; known after `checks`.
    unproved : int
        Outcomes without a proof.
    """

    def __init__(
        self,
        network: Network,
        certificate: TimeCertificate,
        before: Shown,
        after: Shown,
        failing: Mapping[tuple[int, ...], Years],
    ) -> None:
        self._network, self._certificate = network, certificate
        self._before, self._after, self._failing = before, after, failing
        self.means: dict[str, float] = {}
        self.unproved = 0
        self._known: dict[Acting, float] = {
            (self._acting(after.in_force, each.works), each.failed): each.value
            for each in certificate.outcomes
        }

    def checks(self) -> Iterator[Check]:
        """Yield the checks, after which the means are known."""
        stated, after = self._certificate.dropped_outcomes, self._after
        wanted = dropped_from(self._network, after)
        check = Comparison("every measure is dropped once, with what cannot be without it")
        unknown = sorted(stated.keys() - wanted.keys())
        check.equal("what is dropped that is not there", unknown, [])
        if missing := len(wanted.keys() - stated.keys()):
            check.note(f"what {missing} of {len(wanted)} are worth was not looked at")
        yield check.check()
        values = Comparison("values beside the schedule's are those of proofs, or between bounds")
        proofs = TimeProofs(
            after.years, self._certificate.ties, "beside the schedule", self._before.stated.open
        )
        some = False
        for name, gone in wanted.items():
            if name not in stated:
                continue
            left = in_order(self._network, without_some(self._network, after.in_force, gone))
            running = {measure for measure, _ in left}
            plan = tuple(row.measure for row in self._network.measures if row.measure in running)
            luck = PlanLuck(plan, self._certificate.objective, stated[name], timed=True)
            found = check_outcomes(self._network, luck)
            if not found.passed:
                yield found
            values.about = f"without {name}: "
            some = self._values(left, stated[name], values, proofs, name) or some
            mass = math.fsum(each.probability for each in stated[name])
            values.close("the probability of all outcomes", mass, 1.0, floor=_MASS)
            self.means[name] = math.fsum(each.probability * each.value for each in stated[name])
        values.about = ""
        values.note(f"{self.unproved} without a proof")
        yield values.check()
        if some:
            yield from proofs.checks()

    def _values(
        self,
        left: list[InForce],
        stated: tuple[StatedDropped, ...],
        check: Comparison,
        proofs: TimeProofs,
        name: str,
    ) -> bool:
        """Check the values of what is left without a measure; return whether any has a proof."""
        most, least = self._before.stated.open.value, self._after.stated.open.value
        floor, some = VALUES * max(abs(most), abs(least)), False
        for number, each in enumerate(stated, start=1):
            label = f"the value of outcome {number}"
            known = self._known.get((self._acting(left, each.works), each.failed))
            if known is not None:
                check.close(label, each.value, known, floor=floor)
            elif each.proof is not None:
                some = True
                check.close(label, each.value, each.proof.value, floor=floor)
                acting = [one for one in left if one[0] in each.works]
                years = self._failing.get(each.failed) or Years(
                    self._after.network, self._certificate.objective
                )
                proofs.add(acting, each.proof, f"without {name}: outcome {number}: ", years=years)
            else:
                self.unproved += 1
            if self._certificate.objective != "bilevel":
                check.at_most(label, each.value, most, floor=floor)
                check.at_most("the value when all works", least, each.value, floor=floor)
        return some

    def _acting(self, schedule: list[InForce], works: tuple[str, ...]) -> frozenset[InForce]:
        return frozenset(each for each in schedule if each[0] in works)


def dropped_from(network: Network, after: Shown) -> dict[str, list[InForce]]:
    """Return what is dropped of a schedule: each measure in a period, and in all if in several."""
    wanted = {after.horizon.label(each): [each] for each in after.in_force}
    for row in network.measures:
        periods = [each for each in after.in_force if each[0] == row.measure]
        if len(periods) > 1:
            wanted[row.measure] = periods
    return wanted
