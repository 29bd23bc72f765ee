"""The check that no cycle of recipes and arcs multiplies mass.

A *good* is a commodity at a node. An arc turns a good at its tail into ``1 - loss`` of it at its
head; a site turns each input i of its recipe into ``q_o / |q_i|`` of each output o. Mass is
multiplied on no cycle exactly when every good can be given a worth v >= 1 that no step raises:

    v_tail >= (1 - loss) v_head                         for every arc and commodity
    v_i    >= sum over outputs o of (q_o / |q_i|) v_o   for every site and input i

taken inside each strongly connected component of goods. If such a worth exists, the trafficker's
programme is bounded; if not, Farkas' lemma gives activities that keep going by themselves and
leave something over, and these are the ones to name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from flowopt.errors import Problem
from flowopt.network.draft import Draft

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from scipy import sparse

_SLACK = 1e-9  # relative
_SWEEPS = 200
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
    recipes: dict[str, dict[str, float]] = {}
    for line in draft.tables["recipes"]:
        recipes.setdefault(line.recipe, {})[line.commodity] = line.quantity
    made_of: dict[str, set[str]] = {}
    for site in draft.tables["sites"]:
        quantities = recipes.get(site.recipe, {})
        consumed = {c for c, quantity in quantities.items() if quantity < 0}
        for commodity in quantities.keys() - consumed:
            made_of.setdefault(commodity, set()).update(consumed)
    try:
        TopologicalSorter(made_of).prepare()
    except CycleError:
        for sites in _multiplying(_steps(draft, recipes)):
            yield _problem(draft, sites)


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


def _multiplying(steps: _Steps) -> Iterator[list[int]]:
    """Yield the sites of each cycle that multiplies mass."""
    import numpy as np
    from scipy import sparse
    from scipy.sparse import csgraph

    source, site = np.array(steps.sources), np.array(steps.site)
    step, good, gain = np.array(steps.step), np.array(steps.good), np.array(steps.gain)
    size = len(steps.goods)

    def components(kept: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
        links = (np.ones(kept.sum()), (source[step[kept]], good[kept]))
        graph = sparse.csr_array(links, shape=(size, size))
        labels: npt.NDArray[np.int32] = csgraph.connected_components(graph, connection="strong")[1]
        return labels

    label = components(np.ones(len(step), dtype=np.bool_))
    inside = label[source[step]] == label[good]
    with_site = np.zeros(size, dtype=np.bool_)  # by component
    with_site[label[good[inside & (site[step] >= 0)]]] = True
    inside &= with_site[label[good]]
    if not inside.any():
        return
    used, row = np.unique(step[inside], return_inverse=True)
    gains = sparse.csr_array((gain[inside], (row, good[inside])), shape=(len(used), size))
    if _worth_exists(gains, source[used]):
        return
    active = np.zeros(len(source), dtype=np.bool_)
    active[used] = _self_sustaining(gains, source[used])
    kept = inside & active[step]
    label = components(kept)
    cyclic = kept & (label[source[step]] == label[good]) & (site[step] >= 0)
    if not cyclic.any():  # too faint to trace: name every site that may take part
        cyclic = inside & (site[step] >= 0)
    for each in np.unique(label[good[cyclic]]):
        yield np.unique(site[step[cyclic & (label[good] == each)]]).tolist()


def _worth_exists(gains: sparse.csr_array, source: npt.NDArray[np.int_]) -> bool:
    """Whether every good can have a worth of at least 1 that no step raises."""
    import numpy as np
    from scipy import sparse
    from scipy.optimize import linprog

    def kept(worth: npt.NDArray[np.float64]) -> bool:
        return bool(np.all(gains @ worth <= worth[source] * (1 + _SLACK)))

    count, size = gains.shape
    worth = np.ones(size)
    for _ in range(_SWEEPS):  # raising what is worth too little mostly ends at once
        if kept(worth):
            return True
        np.maximum.at(worth, source, gains @ worth)
    taken = sparse.csr_array((np.ones(count), (np.arange(count), source)), shape=(count, size))
    answer = linprog(  # type: ignore[call-overload]  # its stubs know no sparse arrays
        np.ones(size),
        A_ub=gains - taken,
        b_ub=np.zeros(count),
        bounds=(1, None),
        options={"primal_feasibility_tolerance": 1e-10},
    )
    return answer.status == 0 and kept(answer.x)


def _self_sustaining(
    gains: sparse.csr_array, source: npt.NDArray[np.int_]
) -> npt.NDArray[np.bool_]:
    """Return the steps that together use up nothing and leave something over."""
    import numpy as np
    from scipy import sparse
    from scipy.optimize import linprog

    count, size = gains.shape
    taken = sparse.csr_array((np.ones(count), (np.arange(count), source)), shape=(count, size))
    used_up = (taken - gains).T.tocsr()
    answer = linprog(used_up.sum(axis=0), A_ub=used_up, b_ub=np.zeros(size), bounds=(0, 1))
    activity = np.zeros(count) if answer.x is None else answer.x
    found: npt.NDArray[np.bool_] = activity > 1e-7
    return found


def _problem(draft: Draft, sites: list[int]) -> Problem:
    """Name the sites of a cycle at the first one."""
    rows = draft.tables["sites"]
    named = [f"{rows[i].site!r} ({draft.place('sites', i, 'sites')})" for i in sites[:_NAMED]]
    more = f" and {len(sites) - _NAMED} more" if len(sites) > _NAMED else ""
    what = (
        f"{', '.join(named)}{more}: around this cycle of recipes and arcs mass multiplies; "
        "lower what the recipes produce, or give the arcs on the way their losses"
    )
    return draft.problem("sites", sites[0], "recipe", what)
