"""One outcome of a plan whose measures may fail: the network in which it has shown, all sure."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from flowopt.errors import RequestError
from flowopt.network.chances import as_if_sure
from flowopt.network.network import Network
from flowopt.planning.plan_constraints import indices


@dataclass(frozen=True, slots=True)
class OneOutcome:
    """One outcome of the luck of a plan.

    Attributes
    ----------
    network : Network
        In which the rows of `effects` that fail are left out, and all else works.
    works : tuple of str
        The measures of the plan that work, in file order.
    sentence : str
        Which outcome it is, and how likely.
    """

    network: Network
    works: tuple[str, ...]
    sentence: str


def one_outcome(
    network: Network,
    plan: Iterable[str],
    works: Iterable[str],
    failed_effects: Iterable[int] = (),
) -> OneOutcome:
    """Return the outcome of a plan in which some of its measures work.

    Parameters
    ----------
    network
        A checked network.
    plan
        Ids of measures.
    works
        Those of them that work, the ones that always do among them.
    failed_effects
        Rows of `effects`, from 1, that fail though their measure works.

    Raises
    ------
    RequestError
        When that is no outcome of the plan: naming all that is wrong with it.
    """
    ids = tuple(row.measure for row in network.measures)
    chosen = indices(ids, plan, what="measure")
    working = indices(ids, [works] if isinstance(works, str) else works, what="measure")
    failed = sorted(set(failed_effects))
    wrong = [
        *_wrong_measures(network, chosen, working),
        *_wrong_rows(network, {ids[i] for i in working}, failed),
    ]
    if wrong:
        raise RequestError("\n".join(wrong))
    rows = [row - 1 for row in failed]
    return OneOutcome(
        as_if_sure(network, without=rows),
        tuple(ids[i] for i in working),
        _sentence(network, chosen, working, rows),
    )


def _wrong_measures(
    network: Network, chosen: Sequence[int], working: Sequence[int]
) -> Iterable[str]:
    """Yield what is wrong with the measures that are to work."""
    for place, row in enumerate(network.measures):
        if place in working and place not in chosen:
            yield f"works: measure '{row.measure}' is not in the plan"
        elif place in working and row.success <= 0.0:
            yield f"works: measure '{row.measure}' never works, as its success is 0; leave it out"
        elif place in chosen and place not in working and row.success >= 1.0:
            yield f"works: measure '{row.measure}' of the plan always works; name it, too"


def _wrong_rows(network: Network, working: Collection[str], failed: Sequence[int]) -> Iterable[str]:
    """Yield what is wrong with the rows of `effects` that are to fail."""
    for number in failed:
        where = f"failed_effects: row {number} of the effects"
        if not 1 <= number <= len(network.effects):
            yield f"{where} is not there: they have {len(network.effects)}, counted from 1"
            continue
        row = network.effects[number - 1]
        if row.measure not in working:
            yield f"{where} is of '{row.measure}', which is not among what works; leave it out"
        elif row.success >= 1.0:
            yield f"{where} always works where '{row.measure}' does; leave it out"


def _sentence(
    network: Network, chosen: Sequence[int], working: Sequence[int], failed: Sequence[int]
) -> str:
    """Return which outcome it is, and how likely."""
    ids = [row.measure for row in network.measures]
    chances = [network.measures[i].success for i in working]
    chances += [1.0 - network.measures[i].success for i in chosen if i not in working]
    acting = {ids[i] for i in working}
    for place, row in enumerate(network.effects):
        if row.measure in acting and row.success > 0.0:
            chances.append(1.0 - row.success if place in failed else row.success)
    fails = [f"'{ids[i]}'" for i in chosen if i not in working]
    fails += [f"row {place + 1} of the effects" for place in failed]
    what = f"{', '.join(fails)} fail{'s' * (len(fails) == 1)}" if fails else "all of it works"
    return (
        f"this is the response in one outcome of the plan, in which {what}: its probability is "
        f"{math.prod(chances):.3g}; evaluate has the mean over all of them"
    )
