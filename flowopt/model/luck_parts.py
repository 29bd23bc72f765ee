"""Parts: measures more, which stand for rows of `effects` with a chance of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flowopt.network.network import Network
from flowopt.network.tables import matches


@dataclass(frozen=True, slots=True)
class Coin:
    """The chance of a measure, or of a row of `effects` given that its measure works.

    Attributes
    ----------
    measure : int
        Index of the measure.
    effect : int or None
        The row of `effects`; None for the measure itself.
    success : float
        The probability that it falls well, below 1.
    """

    measure: int
    effect: int | None
    success: float


def with_parts(network: Network, coins: Sequence[Coin]) -> tuple[Network, tuple[int, ...]]:
    """Return the network in which rows with a coin of their own belong to measures of their own.

    With it comes, for each of its reforms, the row that it is of.
    """
    measures, effects = list(network.measures), list(network.effects)
    names = {row.measure for row in measures}
    parts_of: dict[str, list[str]] = {}
    for coin in coins:
        owner, row = measures[coin.measure], coin.effect
        if row is None or coin.success <= 0.0:
            continue
        name = f"{owner.measure} {row}"
        while name in names:
            name += "'"
        names.add(name)
        parts_of.setdefault(owner.measure, []).append(name)
        measures.append(replace(owner, measure=name, cost=0.0))
        effects[row] = replace(effects[row], measure=name)
    never = {coin.effect for coin in coins if coin.success <= 0.0}
    owners = [row.measure for row in network.measures]
    reforms = [
        (row, replace(reform, target=name))
        for row, reform in enumerate(network.reforms)
        for target in matches(reform.target, owners)
        if target != reform.measure
        for name in (target, *parts_of.get(target, ()))
    ]
    parted = replace(
        network,
        measures=tuple(replace(row, success=1.0) for row in measures),
        effects=tuple(replace(row, success=1.0) for i, row in enumerate(effects) if i not in never),
        reforms=tuple(reform for _, reform in reforms),
        warnings=(),
    )
    return parted, tuple(row for row, _ in reforms)
