"""Blocks of values in the programme of cuts: a scenario each, or one cell of its luck.

Let p be the chances of coins, o how they fall, and a(x o) what acts under the plan x then. A cell
fixes some coins; its block stands for the mean over the others, and cells of a scenario with their
probabilities P add up to the scenario's value

    v(x)  =  sum_cells P(cell) E[ z(x o) | cell ].

As f is convex and a(x o) has the mean  m_j x_j  in the cell, with m the chance that all coins of
column j fall well,

    E[ z(x o) | cell ]  >=  f(m x)                                              (Jensen)
                        >=  f(a') + g'(m x - a')         for every a' and slope g of f there.

A cell split by one more coin has two such bounds, whose mean is never less; once it fixes all coins
of a plan, the bound is that plan's value. Any average of cuts of the parts of a cell is a cut of
the cell. Cells may be split by different coins: what is likely deserves more of them.

Sources: J. L. W. V. Jensen, Acta Mathematica 30, 1906; C. C. Huang, W. T. Ziemba and A. Ben-Tal,
"Bounds on the expectation of a convex function of a random variable", Operations Research 25, 1977
(partitions); K. J. Cormican, D. P. Morton and R. K. Wood, "Stochastic network interdiction",
Operations Research 46(2), 1998.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from flowopt.model.activities import ActivityModel, Floats
from flowopt.model.held_programme import Cut, HeldProgramme
from flowopt.model.luck import ActingColumn, Luck

Fixed = Mapping[int, bool]


class ChosenColumns:
    """The columns of a scenario's acting vector: what each follows of a plan, and its luck.

    Parameters
    ----------
    luck
        Of the scenario.
    model
        Of the luck's network.
    rules
        The measures of plans, and the pairs that act together: of all scenarios.

    Attributes
    ----------
    owner : array of int
        Of each column, the place of its choice in the acting vector of the rules.
    coins : tuple of tuples of int
        The coins that must all fall well for each.
    success : array
        The chance of each coin.
    """

    def __init__(self, luck: Luck, model: ActivityModel, rules: ActivityModel) -> None:
        self._luck, self._columns = luck, luck.columns(model.virtual)
        self._means: dict[tuple[tuple[int, bool], ...], Floats] = {}
        pairs = {pair: len(rules.measures) + n for n, pair in enumerate(rules.virtual)}
        self.owner = np.array(
            [
                each.measures[0] if len(each.measures) == 1 else pairs[_pair(each)]
                for each in self._columns
            ],
            dtype=np.int64,
        )
        self.coins = tuple(each.coins for each in self._columns)
        self.success = np.array([coin.success for coin in luck.coins])

    def means(self, fixed: Fixed) -> Floats:
        """Return the chance that all coins of each column fall well, some being fixed."""
        key = tuple(sorted(fixed.items()))
        if key not in self._means:
            self._means[key] = self._luck.means(self._columns, fixed)
        return self._means[key]


def rules_of(base: ActivityModel, worlds: Iterable[tuple[Luck, ActivityModel]]) -> ActivityModel:
    """Return the model of plans: a network's rules, and the pairs that act in any scenario.

    Parameters
    ----------
    base
        Of a network without parts.
    worlds
        The luck of each scenario, and the model of its network.
    """
    columns = [column for luck, model in worlds for column in luck.columns(model.virtual)]
    pairs = sorted({_pair(column) for column in columns if len(column.measures) == 2})
    return replace(base, virtual=tuple(pairs))


def _pair(column: ActingColumn) -> tuple[int, int]:
    reform, target = column.measures
    return reform, target


@dataclass(slots=True)
class LuckBlock:
    """One cell of the luck of a scenario.

    Attributes
    ----------
    scenario : int
        Whose.
    share : float
        P(cell).
    held : HeldProgramme
        The scenario's programme, hot near this cell.
    columns : ChosenColumns
        Of its acting vector.
    fixed : mapping
        The coins that the cell fixes, and how they fall.
    """

    scenario: int
    share: float
    held: HeldProgramme
    columns: ChosenColumns
    fixed: dict[int, bool] = field(default_factory=dict)

    def cut(self, choices: Floats, split: Sequence[int] = ()) -> Cut:
        """Return the cut at a vector of choices, averaged over how some more coins fall."""
        constant, slope = 0.0, np.zeros(len(choices))
        for fall in itertools.product((True, False), repeat=len(split)):
            more = dict(zip(split, fall, strict=True))
            chance = self._probability(more)
            if chance <= 0.0:
                continue
            means = self.columns.means({**self.fixed, **more})
            cut = self.held.cut(means * choices[self.columns.owner])
            constant += chance * cut.constant
            np.add.at(slope, self.columns.owner, chance * means * cut.slope)
        return Cut(constant, slope)

    def uncertain(self, choices: Floats, cut: Cut) -> list[tuple[float, int]]:
        """Return the coins that the cell leaves open, by what they move at a vector of choices.

        The most telling first: what a cut says of the choices that hang on a coin, times the spread
        of the coin.
        """
        moved = np.zeros(len(self.columns.success))
        acting = self.columns.means(self.fixed)
        own = np.abs(cut.slope * choices)[self.columns.owner]
        counted = np.zeros(len(choices))
        np.add.at(counted, self.columns.owner, acting)
        for column, coins in enumerate(self.columns.coins):
            owner = self.columns.owner[column]
            part = acting[column] / counted[owner] if counted[owner] > 0.0 else 0.0
            for coin in coins:
                if coin not in self.fixed:
                    moved[coin] += own[column] * part
        p = self.columns.success
        spread = np.sqrt((1.0 - p) / np.where(p > 0.0, p, 1.0))
        moved *= np.where((p > 0.0) & (p < 1.0), spread, 0.0)
        order = np.argsort(-moved, kind="stable")
        return [(float(moved[c]), int(c)) for c in order if moved[c] > 0.0]

    def _probability(self, fixed: Fixed) -> float:
        p = self.columns.success
        return float(np.prod([p[c] if well else 1.0 - p[c] for c, well in fixed.items()]))

    def parts(self, coin: int) -> tuple[LuckBlock, LuckBlock]:
        """Return the cell split by a coin, the part in which it falls well first."""
        p = float(self.columns.success[coin])
        return self._part(coin, p, well=True), self._part(coin, 1.0 - p, well=False)

    def _part(self, coin: int, chance: float, *, well: bool) -> LuckBlock:
        fixed = {**self.fixed, coin: well}
        return replace(self, share=self.share * chance, fixed=fixed)


def split_where_it_tells(
    blocks: Iterable[LuckBlock], choices: Floats, count: int, weights: Floats
) -> list[LuckBlock]:
    """Return blocks split where that lifts the bound at a vector of choices most, up to a count.

    Cells that differ in few coins follow each other: their programme is the same, and near there.

    Parameters
    ----------
    blocks
        One for each scenario.
    choices
        Of a good plan: bounds have to be best near it.
    count
        Most blocks.
    weights
        What each scenario counts.
    """
    done: list[LuckBlock] = []
    may_split: list[tuple[float, int, LuckBlock, int]] = []
    numbers = itertools.count()

    def look_at(block: LuckBlock) -> None:
        gain, coin = _best_split(block, choices)
        if gain <= 0.0:
            done.append(block)
            return
        gain *= block.share * weights[block.scenario]
        heapq.heappush(may_split, (-gain, next(numbers), block, coin))

    for block in blocks:
        look_at(block)
    while may_split and len(may_split) + len(done) < count:
        _, _, block, coin = heapq.heappop(may_split)
        for part in block.parts(coin):
            look_at(part)
    return _near_each_other([*done, *(block for _, _, block, _ in may_split)])


_LOOKED_AT = 4  # coins of a cell that are tried before it is split


def _best_split(block: LuckBlock, choices: Floats) -> tuple[float, int]:
    """Return by how much splitting by the best coin lifts a block's bound, and that coin."""
    whole = block.cut(choices)
    best, which = 0.0, -1
    for _, coin in block.uncertain(choices, whole)[:_LOOKED_AT]:
        gain = block.cut(choices, (coin,)).at(choices) - whole.at(choices)
        if gain > best:
            best, which = gain, coin
    return best, which


def _near_each_other(blocks: list[LuckBlock]) -> list[LuckBlock]:
    """Return blocks by scenario, the likeliest first, then the nearest of those that are left."""
    left = sorted(blocks, key=lambda b: (b.scenario, -b.share, sorted(b.fixed.items())))
    order: list[LuckBlock] = []
    while left:
        last = order[-1] if order else left[0]
        order.append(min(left, key=lambda b: (b.scenario, _apart(b.fixed, last.fixed))))
        left = [block for block in left if block is not order[-1]]
    return order


def _apart(one: Fixed, other: Fixed) -> int:
    return sum(one.get(coin) != other.get(coin) for coin in {*one, *other})
