"""Checks of effects: rows that reach nothing, or may not act on what they reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowopt.errors import Problem
from flowopt.network import schema
from flowopt.network.checks.draft import Draft
from flowopt.network.checks.rules import reformed
from flowopt.network.checks.targets import Targets, no_such_row, unmatched_target, with_article
from flowopt.network.schema import number_text


def effect_errors(draft: Draft) -> Iterator[Problem]:
    """Yield effects that reach nothing or may not act on what they reach."""
    targets = Targets(draft)
    reforms = reformed(draft)
    for index, effect in draft.whole("effects"):
        column, message = "loss", ""
        if effect.loss > 0 and effect.on not in ("arc", "node"):
            message = f"a {effect.on} has no loss; only an arc or a node does: leave it blank"
        elif effect.commodity and effect.on not in ("supply", "demand"):
            column = "commodity"
            message = (
                f"{effect.commodity!r} is given, but only a supply or a demand takes a commodity; "
                f"leave it blank on {with_article(effect.on)}"
            )
        if message:
            yield draft.problem("effects", index, column, message)
        if targets.names(effect.on) is None:
            continue
        if not targets.matched(effect):
            yield draft.problem(
                "effects", index, "target", unmatched_target(draft, targets, effect)
            )
        elif not targets.rows(effect):
            if effect.commodity in (draft.ids("commodities") or {}):
                yield draft.problem("effects", index, "commodity", no_such_row(draft, effect))
        elif effect.cut > 0:
            message = _pooled(effect, targets) or _unlimited(draft, effect, targets, reforms)
            if message:
                yield draft.problem("effects", index, "cut", message)


def _pooled(effect: schema.Effect, targets: Targets) -> str:
    """Return the message that a cut names a row of a pool instead of the pool; "" for none."""
    place = targets.pooled(effect)
    if place is None:
        return ""
    return (
        f"{number_text(effect.cut)} on {targets.called(effect, place)}, which is in the pool "
        f"{targets.row(place).pool!r}; cut the pool instead (on = pool), or leave the cut blank"
    )


def _unlimited(
    draft: Draft,
    effect: schema.Effect,
    targets: Targets,
    reforms: Mapping[str, tuple[int, float]],
) -> str:
    """Return the message that a partial cut acts on a row without a capacity; "" for none."""
    reform, lower = reforms.get(effect.measure, (None, effect.corruption))
    plain = effect.cut * working_share(effect, effect.corruption)
    under = effect.cut * working_share(effect, min(lower, effect.corruption))
    if 0 < plain < 1:
        how = f"works as {plain:.10g}"
    elif 0 < under < 1:
        how = f"works as {under:.10g} under the reform of {draft.place('reforms', reform or 0)}"
    else:
        return ""
    place = targets.unlimited(effect)
    if place is None:
        return ""
    return (
        f"{number_text(effect.cut)} {how}, a part of a capacity, but "
        f"{targets.called(effect, place)} has none; give it one"
    )


def working_share(effect: schema.Effect, corruption: float) -> float:
    """Return the working share of an effect: its uptime, less the share bought off."""
    return effect.uptime * (1.0 - corruption)
