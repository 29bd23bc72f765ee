"""Checks of earnings: rows without a target, and rows that can never count a kg."""

from __future__ import annotations

from collections.abc import Iterator

from flowopt.errors import Problem
from flowopt.network import schema
from flowopt.network.checks.draft import Draft
from flowopt.network.checks.reachability import Reachability
from flowopt.network.checks.targets import Targets, no_such_row, unmatched_target
from flowopt.network.tables import Tables

Load = tuple[int, str]  # index of an arc, commodity


class _Loads:
    """Loads of arcs and nodes: each commodity on each arc, by the arc and by its head."""

    def __init__(self, draft: Draft, targets: Targets) -> None:
        self._targets = targets
        self._by: dict[str, dict[str, list[Load]]] = {"arc": {}, "node": {}}
        known, whole = draft.ids("commodities") or {}, draft.all_whole("arcs")
        for index, arc in enumerate(draft.tables["arcs"]):
            whole = whole and all(commodity in known for commodity in arc.commodities)
            for names, name in ((self._by["arc"], arc.arc), (self._by["node"], arc.head)):
                names.setdefault(name, []).extend((index, each) for each in arc.commodities)
        self.certain = whole  # a faulty row may be the one that carries what is looked for

    def counted(self, earning: schema.Earning) -> list[Load]:
        """Return the loads that an earning on arcs or nodes counts."""
        return [
            (index, commodity)
            for name in self._targets.matched(earning)
            for index, commodity in self._by[earning.on].get(name, ())
            if earning.commodity in ("", commodity)
        ]


def earning_errors(draft: Draft) -> Iterator[Problem]:
    """Yield earnings whose target is nothing, or has nothing of their commodity."""
    if not draft.tables["earnings"]:
        return
    targets = Targets(draft)
    loads = _Loads(draft, targets)
    for index, earning in draft.whole("earnings"):
        mixed = earning.on in ("site", "pool")
        if earning.commodity and mixed:
            message = (
                f"{earning.commodity!r} is given, but a {earning.on} is not counted by commodity; "
                f"leave it blank on a {earning.on}"
            )
            yield draft.problem("earnings", index, "commodity", message)
        if targets.names(earning.on) is None:
            continue
        if not targets.matched(earning):
            yield draft.problem(
                "earnings", index, "target", unmatched_target(draft, targets, earning)
            )
        elif earning.commodity in (draft.ids("commodities") or {}) and not mixed:
            message = _without(draft, targets, loads, earning)
            if message:
                yield draft.problem("earnings", index, "commodity", message)


def _without(draft: Draft, targets: Targets, loads: _Loads, earning: schema.Earning) -> str:
    """Return the message that the target lacks the earning's commodity; "" if it has it."""
    name, target, arcs = earning.commodity, earning.target, draft.file("arcs")
    if earning.on in ("supply", "demand"):
        return "" if targets.rows(earning) else no_such_row(draft, earning)
    if not loads.certain or loads.counted(earning):
        return ""
    if earning.on == "arc":
        return f"{target!r} carries no {name!r} in {arcs}; name what it carries, or leave it blank"
    return f"no arc of {arcs} brings {name!r} to {target!r}; name what arrives, or leave it blank"


def idle_earnings(network: Tables, draft: Draft, reach: Reachability) -> Iterator[Problem]:
    """Yield earnings that bring nothing whatever the trafficker does."""
    if not network.earnings:
        return
    targets = Targets(draft)
    loads, live = _Loads(draft, targets), _live_loads(network, reach)
    for index, earning in enumerate(network.earnings):
        if earning.rate == 0:
            yield draft.problem("earnings", index, "rate", "0 brings the organisation nothing")
            continue
        if earning.on in ("arc", "node"):
            used = not live.isdisjoint(loads.counted(earning))
        else:
            used = any(row in reach.live[table] for table, row in targets.rows(earning))
        if not used:
            message = f"no flow can use {earning.target!r} ({earning.on}), so it brings nothing"
            yield draft.problem("earnings", index, "target", message)


def _live_loads(network: Tables, reach: Reachability) -> set[Load]:
    """Return the commodities on arcs that a flow can use, as `Reachability.live` does for arcs."""
    live = reach.available & reach.useful
    return {
        (index, commodity)
        for index in reach.open_arcs
        for arc in (network.arcs[index],)
        for commodity in arc.commodities
        if (arc.tail, commodity) in live and (arc.head, commodity) in live
    }
