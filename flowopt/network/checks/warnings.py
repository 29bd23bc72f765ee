"""Warnings about oddities in a network that breaks no rule. They stop nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import attrgetter

from flowopt.errors import Problem
from flowopt.network import schema
from flowopt.network.checks.arrivals import demand_groups, unequal_markets
from flowopt.network.checks.draft import Draft, id_column
from flowopt.network.checks.earnings import idle_earnings
from flowopt.network.checks.effect_errors import working_share
from flowopt.network.checks.reachability import Reachability
from flowopt.network.checks.rules import reformed
from flowopt.network.checks.targets import Targets
from flowopt.network.tables import Tables

_STRAY_BLANKS = re.compile(r"\s\s|[^\S ]")
_SLACK = 1e-9  # relative


def warnings(reach: Reachability, draft: Draft) -> Iterator[Problem]:
    """Yield all warnings about a network that has passed the checks.

    Parameters
    ----------
    reach
        What a flow can use, with the network, in which all that may open is open.
    draft
        The tables as they stand, for the places.
    """
    network = reach.network
    yield from _look_alike_ids(draft)
    yield from _loose_ends(network, draft)
    yield from _unused_names(network, draft)
    yield from _dead_ends(network, draft, reach)
    yield from _met_at_home(network, draft)
    yield from _short_demands(network, draft, reach)
    yield from unequal_markets(draft, demand_groups(network, reach), reach)
    yield from _idle_measures(network, draft, reach)
    yield from _contradictions(network, draft)
    yield from idle_earnings(network, draft, reach)


def _look_alike_ids(draft: Draft) -> Iterator[Problem]:
    """Yield ids that differ only in case, and ids with blanks that are easily missed."""
    for table, row in schema.TABLES.items():
        for column in (id_column(row), "pool" if "pool" in schema.columns(row) else None):
            if column is None:
                continue
            names = set(map(attrgetter(column), draft.tables[table]))
            alike = len(set(map(str.casefold, names))) < len(names)
            if not (alike or any(map(_STRAY_BLANKS.search, names))):  # as a rule
                continue
            folded: dict[str, tuple[str, int]] = {}
            for index, each in enumerate(draft.tables[table]):
                name = getattr(each, column)
                known, first = folded.setdefault(name.casefold(), (name, index))
                if known != name:
                    place = draft.place(table, first, table)
                    message = f"{name!r} differs only in case from {known!r} ({place}): other ids"
                    yield draft.problem(table, index, column, message)
                    folded[name.casefold()] = (name, index)
                if _STRAY_BLANKS.search(name):
                    message = f"{name!r} has blanks that are easily missed; keep single ones"
                    yield draft.problem(table, index, column, message)


def _loose_ends(network: Tables, draft: Draft) -> Iterator[Problem]:
    """Yield nodes without arcs, and arcs that lead nowhere."""
    touched = {arc.tail for arc in network.arcs} | {arc.head for arc in network.arcs}
    for index, node in enumerate(network.nodes):
        if node.node not in touched:
            yield draft.problem("nodes", index, "node", f"{node.node!r} has no arcs")
    for index, arc in enumerate(network.arcs):
        if arc.tail == arc.head:
            message = f"the arc leaves and enters {arc.head!r}, so it carries nothing anywhere"
            yield draft.problem("arcs", index, "head", message)


def _unused_names(network: Tables, draft: Draft) -> Iterator[Problem]:
    """Yield commodities and resources that no other table uses."""
    used = {c for arc in network.arcs for c in arc.commodities}
    for rows in (network.supplies, network.recipes, network.demands):
        used.update(row.commodity for row in rows)
    for index, commodity in enumerate(network.commodities):
        if commodity.commodity not in used:
            message = f"nothing carries, supplies, makes or buys {commodity.commodity!r}"
            yield draft.problem("commodities", index, "commodity", message)
    taken = {use.resource for use in network.uses if use.amount > 0}
    for index, resource in enumerate(network.resources):
        if resource.resource not in taken:
            message = f"no measure uses {resource.resource!r}"
            yield draft.problem("resources", index, "resource", message)


def _dead_ends(network: Tables, draft: Draft, reach: Reachability) -> Iterator[Problem]:
    """Yield markets out of reach, supplies without a market, sites that lack an input."""
    for index, demand in enumerate(network.demands):
        if demand.quantity > 0 and index not in reach.live["demands"]:
            message = f"no supply can bring {demand.commodity!r} to the market {demand.node!r}"
            yield draft.problem("demands", index, "node", message)
    for index, supply in enumerate(network.supplies):
        if supply.capacity != 0 and index not in reach.live["supplies"]:
            message = f"the {supply.commodity!r} of {supply.node!r} reaches no market"
            yield draft.problem("supplies", index, "node", message)
    running = set(reach.running_sites)
    for index, site in enumerate(network.sites):
        if site.capacity != 0 and index not in running:
            missing = sorted(c for n, c in reach.inputs(index) if (n, c) not in reach.available)
            message = (
                f"the site {site.site!r} cannot run: no {_listed(missing)} can reach {site.node!r}"
            )
            yield draft.problem("sites", index, "site", message)


def _met_at_home(network: Tables, draft: Draft) -> Iterator[Problem]:
    """Yield markets that supply what they buy, which then never travels."""
    supplied = {(s.node, s.commodity) for s in network.supplies if s.capacity != 0}
    for index, demand in enumerate(network.demands):
        if demand.quantity > 0 and (demand.node, demand.commodity) in supplied:
            message = (
                f"{demand.node!r} supplies {demand.commodity!r} itself: what it takes of that goes "
                "over no arc, where no measure on arcs can cut it"
            )
            yield draft.problem("demands", index, "node", message)


def _listed(names: list[str]) -> str:
    return " and no ".join(map(repr, names))


def _short_demands(network: Tables, draft: Draft, reach: Reachability) -> Iterator[Problem]:
    """Yield demands that the last step before the market already keeps from being met in full."""
    for group in demand_groups(network, reach):
        first = network.demands[group.rows[0]]
        if group.reached and group.arrives < first.quantity * (1 - _SLACK):
            yield shortfall(draft, network, group.rows[0], group.arrives)


def shortfall(draft: Draft, network: Tables, index: int, most: float) -> Problem:
    """Return the warning that a demand cannot be met in full even without measures.

    Parameters
    ----------
    draft
        The tables, for the places.
    network
        The network, for the demand and the unit.
    index
        Row of `demands`, the first of its pool.
    most
        Upper bound on arrivals, t/yr.
    """
    demand, unit = network.demands[index], f"{network.info.mass_unit}/yr"
    message = (
        f"at most {most:.10g} {unit} can arrive of the {demand.quantity:.10g} {unit} that "
        + (f"the pool {demand.pool!r}" if demand.pool else f"{demand.node!r}")
        + " takes, even without measures"
    )
    return draft.problem("demands", index, "quantity", message)


def _idle_measures(network: Tables, draft: Draft, reach: Reachability) -> Iterator[Problem]:
    """Yield measures and effects that change nothing."""
    targets, reforms = Targets(draft), reformed(draft)
    reforming = {reform.measure for reform in network.reforms}
    untouched: dict[str, list[int]] = {}
    acting = set(reforming)
    having = set(reforming)
    for index, effect in enumerate(network.effects):
        having.add(effect.measure)
        lower = reforms.get(effect.measure, (0, effect.corruption))[1]
        most = max(effect.cut, effect.loss, effect.cost) * effect.success
        if not working_share(effect, min(lower, effect.corruption)) * most:
            yield draft.problem("effects", index, None, _no_effect_message(effect))
        elif all(row not in reach.live[table] for table, row in targets.rows(effect)):
            untouched.setdefault(effect.measure, []).append(index)
        else:
            acting.add(effect.measure)
    for index, measure in enumerate(network.measures):
        if measure.success == 0:
            message = f"0: {measure.measure!r} never works, whatever it costs"
            yield draft.problem("measures", index, "success", message)
        if measure.measure not in having:
            message = f"{measure.measure!r} has no effects and reforms nothing"
            yield draft.problem("measures", index, "measure", message)
        elif measure.measure not in acting and measure.measure in untouched:
            message = f"{measure.measure!r} acts only where no flow can pass"
            yield draft.problem("measures", index, "measure", message)
    for name, indices in untouched.items():
        for index in indices if name in acting else ():
            effect = network.effects[index]
            message = (
                f"no flow can use {effect.target!r} ({effect.on}), so the effect changes nothing"
            )
            yield draft.problem("effects", index, "target", message)


def _no_effect_message(effect: schema.Effect) -> str:
    """Return the message that an effect changes nothing wherever it acts, with the reason."""
    if not max(effect.cut, effect.loss, effect.cost):
        why = "cut, loss and cost are all 0"
    elif effect.success == 0:
        why = "its success is 0"
    elif effect.uptime == 0:
        why = "its uptime is 0"
    else:
        why = f"its corruption of {effect.corruption:.10g} buys all of it off"
    return f"the effect changes nothing: {why}"


def _contradictions(network: Tables, draft: Draft) -> Iterator[Problem]:
    """Yield measures that require what they exclude."""
    excluded = {
        frozenset((rule.measure, rule.other)): index
        for index, rule in enumerate(network.rules)
        if rule.relation == "excludes"
    }
    for index, rule in enumerate(network.rules):
        other = excluded.get(frozenset((rule.measure, rule.other)))
        if rule.relation == "requires" and other is not None:
            place = draft.place("rules", other, "rules")
            message = (
                f"{rule.measure!r} requires {rule.other!r}, which {place} excludes, "
                f"so {rule.measure!r} can never be chosen"
            )
            yield draft.problem("rules", index, "relation", message)
