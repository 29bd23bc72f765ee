"""Mass gain: the check that no cycle of recipes and arcs multiplies mass.

A *good* is a commodity at a node. A *step* turns a good into others: an arc turns one at its tail
into ``1 - loss`` of it at its head; a site turns each input i of its recipe into ``q_o / |q_i|``
of each output o. No cycle multiplies mass if every good can be given a worth v >= 1 that no step
raises:

    v_tail >= (1 - loss) v_head                         for every arc and commodity
    v_i    >= sum over outputs o of (q_o / |q_i|) v_o   for every site and input i

Only strongly connected components of goods need a look; an output that leaves its component
counts with a worth of 1, because all worths inside can be scaled up. Worths are found by raising
what is worth too little, as R. Bellman and L. R. Ford find shortest paths: either it ends, or the
steps that raised last close a cycle that returns more than it takes, or all of it with a
by-product. Only where outputs of one step meet again, or where it takes very long, can it be
neither; then a linear programme looks for activities that keep going by themselves and leave
something over (by Farkas' lemma they exist exactly when the worths do not).

What passes has finite prices: each input's worth, had the others cost nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from flowopt.errors import Problem
from flowopt.network.checks.draft import Draft

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from scipy import sparse

    _Indices = npt.NDArray[np.signedinteger[Any]]
    _Floats = npt.NDArray[np.float64]
    _Flags = npt.NDArray[np.bool_]

_SLACK = 1e-9  # relative
# A loop that leaves a by-product must lose more than this: what a tonne leaves going round and
# round is divided by what it loses, and solvers can't tell less from nothing.
_LEAST_LOSS = 5e-8
_SWEEPS = 2048
_ENDLESS = 1e100  # a worth that no chain of sensible recipes reaches
_LEFT_OVER = 1e-7  # what a linear programme with activities up to 1 tells from nothing
_TIGHT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
_NAMED = 6  # sites that a message lists


@dataclass
class _Steps:
    """Steps from one good to others: an arc's commodity, or one input of a site."""

    goods: dict[tuple[str, str], int] = field(default_factory=dict)
    sources: list[int] = field(default_factory=list)
    site: list[int] = field(default_factory=list)  # index of the site, -1 for an arc
    step: list[int] = field(default_factory=list)  # of each gain: which step, to which good
    good: list[int] = field(default_factory=list)
    gain: list[float] = field(default_factory=list)

    def add(self, site: int, source: tuple[str, str], gains: dict[tuple[str, str], float]) -> None:
        """Add a step."""
        for good, gain in gains.items():
            self.step.append(len(self.sources))
            self.good.append(self.goods.setdefault(good, len(self.goods)))
            self.gain.append(gain)
        self.sources.append(self.goods.setdefault(source, len(self.goods)))
        self.site.append(site)


def gain_errors(draft: Draft) -> Iterator[Problem]:
    """Yield cycles of sites and arcs that multiply mass, one problem each."""
    if has_cycles(draft):
        for sites in _multiplying(_steps(draft, _recipes(draft))):
            yield _problem(draft, sites)


def has_cycles(draft: Draft) -> bool:
    """Return True if what a commodity is made of is made of it, so that mass might go round."""
    recipes = _recipes(draft)
    made_of: dict[str, set[str]] = {}
    for site in draft.tables["sites"]:
        quantities = recipes.get(site.recipe, {})
        consumed = {c for c, quantity in quantities.items() if quantity < 0}
        for commodity in quantities.keys() - consumed:
            made_of.setdefault(commodity, set()).update(consumed)
    try:
        TopologicalSorter(made_of).prepare()
    except CycleError:
        return True
    return False


def _recipes(draft: Draft) -> dict[str, dict[str, float]]:
    """Return the quantity of each commodity by recipe."""
    recipes: dict[str, dict[str, float]] = {}
    for line in draft.tables["recipes"]:
        recipes.setdefault(line.recipe, {})[line.commodity] = line.quantity
    return recipes


def _steps(draft: Draft, recipes: dict[str, dict[str, float]]) -> _Steps:
    """Return all steps that carry something."""
    steps = _Steps()
    for arc in draft.tables["arcs"]:
        if arc.loss < 1:
            for commodity in arc.commodities:
                steps.add(-1, (arc.tail, commodity), {(arc.head, commodity): 1 - arc.loss})
    for index, site in enumerate(draft.tables["sites"]):
        quantities = recipes.get(site.recipe, {})
        made = {(site.node, c): quantity for c, quantity in quantities.items() if quantity > 0}
        for commodity, quantity in quantities.items():
            if quantity < 0:
                gains = {good: each / -quantity for good, each in made.items()}
                steps.add(index, (site.node, commodity), gains)
    return steps


def _multiplying(steps: _Steps) -> list[list[int]]:
    """Return the sites of each cycle that multiplies mass."""
    import numpy as np
    from scipy import sparse

    source, site = np.array(steps.sources), np.array(steps.site)
    step, good, gain = np.array(steps.step), np.array(steps.good), np.array(steps.gain)
    size = len(steps.goods)
    label = _components(source[step], good, size)
    inside = label[source[step]] == label[good]
    with_site = np.zeros(size, dtype=np.bool_)  # by component
    with_site[label[good[inside & (site[step] >= 0)]]] = True
    inside &= with_site[label[good]]
    if not inside.any():
        return []
    used, row = np.unique(step[inside], return_inverse=True)
    gains = sparse.csr_array((gain[inside], (row, good[inside])), shape=(len(used), size))
    aside = np.bincount(step, np.where(inside, 0.0, gain), len(source))[used]
    forks = np.bincount(step, minlength=len(source))[used] > 1
    cycles = _rising_cycles(gains, source[used], aside, forks)
    if cycles is None:
        cycles = _self_sustaining(gains, source[used], aside)
    found = [sorted({int(i) for i in site[used[cycle]] if i >= 0}) for cycle in cycles]
    return sorted(sites for sites in found if sites)


def _components(tail: _Indices, head: _Indices, size: int) -> _Indices:
    """Return the strongly connected component of each good."""
    import numpy as np
    from scipy import sparse
    from scipy.sparse import csgraph

    graph = sparse.csr_array((np.ones(len(tail)), (tail, head)), shape=(size, size))
    label: _Indices = csgraph.connected_components(graph, connection="strong")[1]
    return label


def _rising_cycles(
    gains: sparse.csr_array, source: _Indices, aside: _Floats, forks: _Flags
) -> list[list[int]] | None:
    """Return the steps of cycles that raise worths for ever, none if worths settle.

    Parameters
    ----------
    gains : sparse array, steps x goods
        Output of a step for a unit of its source, inside the component.
    source : array of int
        Good that each step uses up.
    aside : array
        Output of each step outside the component.
    forks : array of bool
        True for a step with several outputs.

    Returns
    -------
    list of lists of int, or None
        None where it stays open whether worths settle.
    """
    import numpy as np

    size = gains.shape[1]
    worth = np.ones(size)
    raised_by = np.full(size, -1)
    for sweep in range(1, _SWEEPS + 1):
        due = gains @ worth + aside
        up = due > worth[source] * (1 + _SLACK)
        if not up.any():
            return []
        np.maximum.at(worth, source[up], due[up])
        last = np.flatnonzero(up & (due >= worth[source]))
        raised_by[source[last]] = last
        endless = worth.max() > _ENDLESS
        if sweep & (sweep - 1) == 0 or endless:  # looked for at 1, 2, 4, 8, ...
            cycles = _cycles(gains, worth, raised_by, forks)
            if cycles:
                return cycles
        if endless:
            break
    return None


def _cycles(
    gains: sparse.csr_array, worth: _Floats, raised_by: _Indices, forks: _Flags
) -> list[list[int]]:
    """Return the cycles of steps that raised worths and return too much."""
    found = []
    state = [0] * len(worth)  # 0 not seen, otherwise the walk that saw it
    for walk, start in enumerate((raised_by >= 0).nonzero()[0].tolist(), start=1):
        path: list[tuple[int, float]] = []
        good, position = start, {}
        while not state[good] and raised_by[good] >= 0:
            state[good], position[good] = walk, len(path)
            step = int(raised_by[good])
            span = slice(gains.indptr[step], gains.indptr[step + 1])
            main = int((gains.data[span] * worth[gains.indices[span]]).argmax())
            path.append((step, float(gains.data[span][main])))
            good = int(gains.indices[span][main])
        if state[good] == walk:
            cycle = [step for step, _ in path[position[good] :]]
            enough = 1 - _LEAST_LOSS if forks[cycle].any() else 1 + _SLACK
            if math.prod(gain for _, gain in path[position[good] :]) > enough:
                found.append(cycle)
    return found


def _self_sustaining(gains: sparse.csr_array, source: _Indices, aside: _Floats) -> list[list[int]]:
    """Return steps that together use up nothing and leave something over, by component."""
    import numpy as np
    from scipy import sparse
    from scipy.optimize import linprog

    count, size = gains.shape
    taken = sparse.csr_array((np.ones(count), (np.arange(count), source)), shape=(count, size))
    used_up = (taken - gains).T.tocsr()
    answer = linprog(  # type: ignore[call-overload]  # its stubs miss options with sparse arrays
        used_up.sum(axis=0) - aside,
        A_ub=used_up,
        b_ub=np.zeros(size),
        bounds=(0, 1),
        options=_TIGHT,
    )
    if answer.fun is None or answer.x is None or answer.fun > -_LEFT_OVER:
        return []
    active = np.flatnonzero(answer.x > _LEFT_OVER)
    row, good = gains[active].nonzero()
    label = _components(source[active[row]], good, size)
    cyclic = label[source[active[row]]] == label[good]
    return [
        active[row[cyclic & (label[good] == each)]].tolist() for each in set(label[good[cyclic]])
    ]


def _problem(draft: Draft, sites: list[int]) -> Problem:
    """Name the sites of a cycle at the first one."""
    rows = draft.tables["sites"]
    named = [f"{rows[i].site!r} ({draft.place('sites', i, 'sites')})" for i in sites[:_NAMED]]
    more = f" and {len(sites) - _NAMED} more" if len(sites) > _NAMED else ""
    message = (
        f"{', '.join(named)}{more}: what goes around this cycle of recipes and arcs comes back as "
        "more, or in full with a by-product; lower what the recipes produce, or give the arcs on "
        "the way their losses"
    )
    return draft.problem("sites", sites[0], "recipe", message)
