"""Re-check of a result over periods: every schedule's conditions, proofs, summary and tables."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from flowopt.atomic import json_object
from flowopt.network import schema
from flowopt.network.chances import as_if_sure, may_fail
from flowopt.network.network import Network
from flowopt.plain_text import name_and_id
from flowopt.planning.recheck import period_conditions, result_networks
from flowopt.planning.recheck.arithmetic import exceeds, plan_uses
from flowopt.planning.recheck.certificate_reader import summary_of
from flowopt.planning.recheck.json_values import MalformedError
from flowopt.planning.recheck.period_alternatives import check_alternatives
from flowopt.planning.recheck.period_arithmetic import (
    InForce,
    broken_by_period,
    budgets_by_period,
    in_order,
    without_some,
)
from flowopt.planning.recheck.period_claim import check_claim
from flowopt.planning.recheck.period_context import ScheduleMean, Shown
from flowopt.planning.recheck.period_luck import (
    COLUMNS,
    OUTCOMES,
    ScheduleLuck,
    alternatives_of,
    luck_claims,
    outcome_rows,
    under_luck,
)
from flowopt.planning.recheck.period_luck_dropped import DroppedLuck, dropped_from
from flowopt.planning.recheck.period_proofs import TimeProofs, Years
from flowopt.planning.recheck.period_reader import read_time_certificate
from flowopt.planning.recheck.period_summary import UNCHECKED, check_summary, compare_entry
from flowopt.planning.recheck.period_tables import CAMPAIGNS, FILES, TableChecks
from flowopt.planning.recheck.stated_over_time import (
    StatedCampaign,
    StatedResponse,
    TimeCertificate,
)
from flowopt.planning.recheck.table_checks import Difference, compare_table
from flowopt.planning.recheck.verdict import Check, Comparison, Verdict, unreadable

_KEY = "years"  # of the summary of a result over periods
_EQUAL = 2e-7  # of the baseline: values closer than that are one to a planner


def is_over_time(folder: Path) -> bool:
    """Return whether a folder holds a result over periods."""
    return _KEY in (json_object(folder / "summary.json") or {})


def verify_over_time(folder: Path, copies: Sequence[Network]) -> Verdict:
    """Re-check a result over periods."""
    try:
        certificate = read_time_certificate(folder / "certificate.json")
        stated = summary_of(folder)
    except MalformedError as error:
        about = copies[0].info.id if copies else ""
        return unreadable(folder, about, str(error))
    network, same = result_networks.network_and_copy(folder, copies)
    checks = _TimeChecks(folder, network, certificate, stated)
    claims = [*_claims(certificate)]
    if certificate.alternatives:
        claims.append("no better schedule is missing among the alternatives: the solver says so")
    found = (*same, *checks.checks())
    return Verdict(str(folder), network.info.id, found, (*checks.claims, *claims))


class _TimeChecks:
    """All checks of one result."""

    def __init__(
        self, folder: Path, network: Network, certificate: TimeCertificate, stated: dict[str, Any]
    ) -> None:
        self.folder, self.network, self.certificate = folder, network, certificate
        self.stated = stated
        self.years = Years(as_if_sure(network), certificate.objective)
        self.tables = TableChecks(folder, certificate)
        self.claims: list[str] = []  # that the checks leave, once they are done

    def checks(self) -> Iterator[Check]:
        """Yield all checks, or those of the network alone where it is another one."""
        certificate = self.certificate
        check = Comparison("the network is the one of the result")
        check.note(f"{self.network.info.id}, sha256 {self.network.sha256[:12]}...")
        same = check.equal("the network", certificate.network, self.network.info.id)
        check.equal("the hash of its tables", certificate.input_sha256, self.network.sha256)
        if certificate.result != "response_over_time" or certificate.before.open.measures:
            nothing = certificate.claim is not None and certificate.after is None  # to fail
            check.equal(
                "that its measures may fail",
                may_fail(self.network) and not nothing,
                certificate.under_luck,
            )
        yield check.check()
        if not same:
            return
        response = certificate.result == "response_over_time"
        before = Shown(self.years, certificate.before)
        subject = "of the response" if response else "without measures"
        form = Comparison("the schedules are as they must be")
        if not response:
            form.equal("the schedule of the baseline", before.stated.open.measures, ())
        period_conditions.check_possible(before, form, bought=False)
        yield form.check()
        yield from self._proofs(certificate.before, before.in_force, subject)
        if not self._whole([certificate.before, certificate.after]):
            return
        if response:
            yield check_summary(certificate, before, None, self.stated)
            yield from self.tables.of_response(before)
        elif certificate.result == "campaigns":
            yield from self._campaigns(before)
        else:
            yield from self._schedule(before)
        yield self._options()

    def _whole(self, responses: Sequence[StatedResponse | None]) -> bool:
        """Return whether responses have a proof of every period: tables are made of all."""
        names = sorted(self.years.horizon.names)
        return all(sorted(each.open.periods) == names for each in responses if each is not None)

    def _proofs(
        self, stated: StatedResponse, schedule: Sequence[InForce], subject: str
    ) -> Iterator[Check]:
        """Yield the checks of a response, and of the one if nothing opened."""
        first = self.certificate.before
        for opens, proof, baseline, about in (
            (True, stated.open, first.open, subject),
            (False, stated.closed, first.closed, f"{subject} if nothing opened"),
        ):
            proofs = TimeProofs(self.years, self.certificate.ties, about, baseline, opens=opens)
            proofs.add(schedule, proof)
            yield from proofs.checks()
        check = Comparison(f"nothing opened {subject} is no more than what opens")
        if self.certificate.objective != "bilevel":
            floor = _EQUAL * abs(first.open.value)
            check.at_most("the value", stated.closed.value, stated.open.value, floor=floor)
        yield check.check()

    # -- a schedule -------------------------------------------------------------------------------

    def _schedule(self, before: Shown) -> Iterator[Check]:
        certificate, claim = self.certificate, self.certificate.claim
        assert claim is not None  # the reader wants one
        after, mean = None, None
        if certificate.after is not None:
            after = Shown(self.years, certificate.after, certificate.bought)
            yield period_conditions.check_schedule(certificate, after)
            yield from self._proofs(certificate.after, after.in_force, "under the schedule")
            failing: dict[tuple[int, ...], Years] = {}
            if certificate.under_luck:
                mean = yield from self._luck(before, after, failing)
            else:
                yield from self._dropped(after)
            yield from check_alternatives(
                self.folder, self.years, certificate, self.network, failing
            )
        yield check_claim(certificate, claim, before, after, mean)
        yield check_summary(certificate, before, after, self.stated, mean)
        if after is not None:
            yield from self.tables.of_schedule(before, after, mean)
            return
        check = Comparison("there are no tables without a schedule")
        check.equal("the purchases", certificate.bought, ())
        check.equal("what is dropped", sorted(certificate.dropped), [])
        for name in FILES:
            check.equal(f"that there is a {name}", (self.folder / name).exists(), False)
        yield check.check()

    def _luck(
        self, before: Shown, after: Shown, failing: dict[tuple[int, ...], Years]
    ) -> Generator[Check, None, ScheduleMean]:
        """Yield the checks of what may work of the best schedule; return its means."""
        certificate = self.certificate
        (best,) = under_luck(certificate)
        luck = ScheduleLuck(self.network, certificate, before, best, after, failing)
        yield from luck.checks()
        check = Comparison("the mean if nothing opened is between its bounds")
        mean = luck.mean(self.stated.get("value_without_openings"), check)
        yield check.check()
        dropped = DroppedLuck(self.network, certificate, before, after, failing)
        yield from dropped.checks()
        if dropped.unproved:
            self.claims.append(
                f"the values of {dropped.unproved} outcomes on which worths rest stand as they "
                "were written (but for their bounds)"
            )
        rows = outcome_rows(under_luck(certificate))
        yield compare_table(self.folder / "outcomes.csv", OUTCOMES, rows, self.tables.about)
        return replace(mean, without=dropped.means)

    def _dropped(self, after: Shown) -> Iterator[Check]:
        """Check what the trafficker can do without each measure, in a period and in all."""
        check = Comparison("every measure is dropped once, with what cannot be without it")
        proofs = TimeProofs(
            self.years, self.certificate.ties, "without each measure", self.certificate.before.open
        )
        wanted = dropped_from(self.network, after)
        unknown = sorted(self.certificate.dropped.keys() - wanted.keys())
        check.equal("what is dropped that is not there", unknown, [])
        missing = len(wanted.keys() - self.certificate.dropped.keys())
        if missing:
            check.note(f"what {missing} of {len(wanted)} are worth was not looked at")
        for name, gone in wanted.items():
            proof = self.certificate.dropped.get(name)
            if proof is None:
                continue
            left = in_order(self.network, without_some(self.network, after.in_force, gone))
            labels = tuple(after.horizon.label(each) for each in left)
            check.equal(f"what is left without {name}", proof.measures, labels)
            proofs.add(left, proof, f"without {name}: ")
        yield check.check()
        if self.certificate.dropped:
            yield from proofs.checks()

    # -- campaigns --------------------------------------------------------------------------------

    def _campaigns(self, before: Shown) -> Iterator[Check]:
        certificate = self.certificate
        check = Comparison("the campaigns are as they must be")
        names = [each.campaign for each in certificate.campaigns]
        check.equal("how often each stands", len(set(names)), len(names))
        check.equal("that there are any", bool(names), True)
        found = []
        for each in certificate.campaigns:
            shown = Shown(self.years, each.response, each.bought)
            period_conditions.check_campaign(each, shown, check)
            found.append((each, shown))
        yield check.check()
        for each, shown in found:
            yield from self._proofs(shown.stated, shown.in_force, f"under {each.campaign}")
        if not self._whole([shown.stated for _, shown in found]):
            return
        luck: dict[str, ScheduleLuck] = {}
        failing: dict[tuple[int, ...], Years] = {}
        for each, shown in found if certificate.under_luck else ():
            mean = ScheduleLuck(self.network, certificate, before, each, shown, failing)
            luck[each.campaign] = mean
            yield from mean.checks()
        yield check_summary(certificate, before, None, self.stated)
        yield from self._rows(before, found, luck)
        if certificate.under_luck:
            rows = outcome_rows(certificate.campaigns)
            yield compare_table(self.folder / "outcomes.csv", OUTCOMES, rows, self.tables.about)
        yearly = {name: each.yearly for name, each in luck.items()} or None
        yield from self.tables.of_campaigns(before, found, yearly)

    def _rows(
        self,
        before: Shown,
        found: list[tuple[StatedCampaign, Shown]],
        luck: Mapping[str, ScheduleLuck],
    ) -> Iterator[Check]:
        """Check the rows of campaigns, in their table and in the summary."""
        check = Comparison("what the campaigns break is listed")
        rows: list[dict[str, Any]] = []
        stated = self.stated.get("campaigns")
        written = [
            row if isinstance(row, dict) else {}
            for row in (stated if isinstance(stated, list) else [])
        ]
        written += [{}] * (len(found) - len(written))
        old = before.stated
        for (each, shown), there in zip(found, written, strict=False):
            name, breaks, myopic = each.campaign, each.breaks, there.get("value_myopic")
            # Sentences on what cannot be in force come first: nothing else tells what was asked.
            sentences = "; ".join(_broken(self.certificate, shown))
            check.equal(f"what {name} breaks", breaks.endswith(sentences), True)
            if myopic is not None and self.certificate.objective == "bilevel":
                check.fault(f"{name} has a simulated value")
            new = shown.stated
            cut = old.open.value - new.open.value
            rows.append({
                "campaign": name,
                "value": new.open.value,
                "cut": cut,
                "cut_share": cut / old.open.value if old.open.value else 0.0,
                "spent": shown.spent,
                "value_without_openings": new.closed.value,
                "cut_without_openings": old.closed.value - new.closed.value,
                "value_myopic": myopic,
                "breaks": breaks,
                "status": each.status,
                "bound": each.bound,
            })  # fmt: skip
            if name in luck:
                rows[-1] = luck[name].row(rows[-1], there.get("value_without_openings"), check)
        yield check.check()
        copied = Comparison("the campaigns of summary.json are those of the certificate")
        sizes = {"cut": old.open.value, "cut_share": 1.0, "cut_without_openings": old.closed.value}
        if luck:
            sizes |= dict.fromkeys(("value", "half_width", "value_without_openings"),
                                   old.open.value)  # fmt: skip
        listed = stated if isinstance(stated, list) else []
        copied.equal("how many there are", len(listed), len(rows))
        for one, row in zip(listed, rows, strict=False):
            known = isinstance(one, dict) and copied.equal("the keys", sorted(one), sorted(row))
            for key in row if known else ():
                size = abs(sizes.get(key, 0.0))
                if isinstance(row[key], float):
                    copied.close(key, one[key], row[key], side=size)
                else:
                    compare_entry(copied, key, one[key], row[key], 0.0)
        yield copied.check()
        cells = [
            tuple(
                Difference(value, abs(sizes[key])) if key in sizes else value
                for key, value in row.items()
            )
            for row in rows
        ]
        about, columns = self.tables.about, CAMPAIGNS + (COLUMNS if luck else "")
        yield compare_table(self.folder / "campaigns.csv", columns, cells, about)

    # -- the request ------------------------------------------------------------------------------

    def _options(self) -> Check:
        """Check the options on record against the request of the certificate."""
        check, certificate = Comparison("the options are those of the question"), self.certificate
        options: Mapping[str, Any] = certificate.options
        check.equal("the objective", options.get("objective"), certificate.objective)
        if certificate.ties is not None:
            check.equal("ties", options.get("ties"), certificate.ties)
        if certificate.result == "response_over_time":
            measures = list(certificate.before.open.measures)
            check.equal("the plan", options.get("measures"), measures)
            return check.check()
        given = options.get("resource")
        limits = period_conditions.limits_of(self.network, given if isinstance(given, dict) else {})
        check.equal("the limits of resources", dict(certificate.resources), limits)
        check.equal("the budget", options.get("budget"), certificate.budget)
        check.equal("carry", options.get("carry"), certificate.carry)
        if certificate.result == "campaigns":
            names = [each.campaign for each in certificate.campaigns]
            check.equal("the campaigns", options.get("campaigns"), names)
            return check.check()
        check.equal("the target", options.get("target"), certificate.target)
        for name in ("include", "exclude"):
            check.equal(name, options.get(name), list(getattr(certificate, name)))
        solver = str(options.get("solver")).lower()
        check.equal("the solver", solver, certificate.claim and certificate.claim.solver)
        check.equal("that there is a gap", isinstance(options.get("gap"), float), True)
        return check.check()


def _broken(certificate: TimeCertificate, shown: Shown) -> Iterator[str]:
    """Yield each limit and rule that a schedule breaks, in a sentence with its period."""
    network, saved = shown.network, 0.0
    money = f"M {network.info.currency}"
    budgets = budgets_by_period(network, certificate.budget)
    for row, there, spent in zip(network.periods, budgets, shown.money, strict=True):
        if there is None:
            saved = 0.0
            continue
        left = there + saved / row.years
        if exceeds(spent.a_year, left):
            yield (
                f"{row.period}: it costs {spent.a_year:g} {money} a year, "
                f"{spent.a_year - left:g} over the {left:g} that there are"
            )
        saved = max(0.0, (left - spent.a_year) * row.years) if certificate.carry else 0.0
    measures = {row.measure: name_and_id(row.name, row.measure) for row in network.measures}
    rules = broken_by_period(network, shown.in_force)
    for t, period in enumerate(network.periods):
        plan = [measure for measure, s in shown.in_force if s == t]
        used = plan_uses(network, plan)
        for resource in network.resources:
            limit = certificate.resources.get(resource.resource)
            amount = used[resource.resource]
            if limit is not None and exceeds(amount, limit):
                what = name_and_id(resource.name, resource.resource)
                yield (
                    f"{period.period}: it takes {amount:g} of {what}, {amount - limit:g} over the "
                    f"limit of {limit:g}"
                )
        for s, rule in rules:
            if s == t:
                yield f"{period.period}: {_broken_rule(rule, measures)}"


def _broken_rule(rule: schema.Rule, measures: Mapping[str, str]) -> str:
    """Return the sentence that a rule is broken, with the measures by name."""
    one, other = measures[rule.measure], measures[rule.other]
    return {
        "requires": f"{one} requires {other}, which is not in force",
        "excludes": f"{one} and {other} exclude each other",
        "after": f"{one} comes after {other}, which was not in force before",
    }[rule.relation]


def _claims(certificate: TimeCertificate) -> Iterator[str]:
    """Yield the claims of the result that no check confirms."""
    claim = certificate.claim
    if claim is not None:
        source = f"{claim.solver} {claim.version}"
        if claim.cost_bound is not None:
            yield (
                f"no schedule that reaches the target costs less than {claim.cost_bound} (status "
                f"{claim.status}): {source} says so"
            )
        elif claim.bound is not None:
            mean = "the mean of the objective" if certificate.under_luck else "the objective"
            yield (
                f"no schedule brings {mean} below {claim.bound} (status {claim.status}): "
                f"{source} says so"
            )
        else:
            yield f"the status {claim.status}: {source} says so"
    for each in certificate.campaigns:
        if each.status:
            mean = "the mean of the objective" if certificate.under_luck else "the objective"
            yield (
                f"no schedule for its money brings {mean} below the {each.bound} of "
                f"{each.campaign} (status {each.status}): the solver says so"
            )
    yield from luck_claims(under_luck(certificate))
    if certificate.under_luck:
        yield from luck_claims(alternatives_of(certificate))
    if certificate.objective == "flow":
        yield "among flows of this value the one shown costs least (only its value is proved)"
    if certificate.result != "response_over_time":
        yield "value_myopic is a simulation"
    others = [key for key in UNCHECKED if key != "value_myopic"]
    yield f"{', '.join(others)} in summary.json stand as they were written"
