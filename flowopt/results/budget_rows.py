"""Rows of a comparison: one per network, objective and budget, and by measure, market or plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from flowopt.results.column_units import Money, Objective, PerMillion, Seconds, Share, Tonnes

if TYPE_CHECKING:
    pass

Role = Literal["core", "stays", "switch", "never"]
Step = Literal["", "proved", "open"]


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One budget of a network and objective: the first columns of most tables.

    Attributes
    ----------
    network, objective : str
        Of which comparison.
    budget : float
        M USD/yr.
    """

    network: str
    objective: str
    budget: Money


@dataclass(frozen=True, slots=True)
class FrontierRow(BudgetRow):
    """The best plan for one budget.

    Attributes
    ----------
    spent : float or None
        What the plan costs, M USD/yr; None, like all that follows, where there is no plan.
    value, bound, gap : float or None
        The objective under the plan, what no plan can go below, and (value - bound) / value.
    baseline : float
        The objective without measures.
    cut, cut_share : float or None
        What the plan takes off it, in its unit, and that as a share of the baseline.
    marginal : float or None
        What each further M USD since the row before cuts; None in the first row.
    n_measures : int or None
        How many there are in the plan.
    measures : str
        Their ids in file order, joined by ``;``.
    status : str
        ``optimal``, ``limit`` or ``infeasible``, as for a `Solution`.
    seconds : float
        What the row took.
    step : str
        Where every change of the best plan was asked for: ``proved`` if no cheaper plan brings the
        objective as low, and none does better than the row before by more than the gap; else
        ``open``: the plan may begin for less, or changes between the two rows may be missing, over
        which `marginal` is a mean. Blank where budgets were given.
    """

    spent: Money | None
    value: Objective | None
    bound: Objective | None
    gap: Share | None
    baseline: Objective
    cut: Objective | None
    cut_share: Share | None
    marginal: PerMillion | None
    n_measures: int | None
    measures: str
    status: str
    seconds: Seconds
    step: Step = ""


@dataclass(frozen=True, slots=True)
class MeasureAt:
    """One measure, in or out of the plan of one budget.

    Attributes
    ----------
    network, objective : str
        Of which comparison.
    measure, name : str
        Its id and name.
    cost : float
        M USD/yr.
    budget : float
        M USD/yr.
    chosen : int
        1 if it is in the plan, else 0.
    n_plans : int
        In how many plans it is.
    role : str
        ``core`` (in every plan that buys anything), ``stays`` (once in a plan, in every one for
        more), ``switch`` (comes and goes) or ``never``.
    kind : str
        Its kind, blank if it has none.
    """

    network: str
    objective: str
    measure: str
    name: str
    cost: Money
    budget: Money
    chosen: int
    n_plans: int
    role: Role
    kind: str = ""


@dataclass(frozen=True, slots=True)
class MarketAt(BudgetRow):
    """Deliveries of one commodity to one market, without measures and for one budget.

    Attributes
    ----------
    node, name, continent, commodity : str
        The market, its name and continent (blank if it has none), and what it buys.
    before, after, change : float
        What arrives without and with the plan, and the difference, t/yr.
    change_share : float or None
        The change as a share of what arrived before; None where that was nothing.
    country : str
        The market's country, blank if it has none.
    """

    node: str
    name: str
    continent: str
    commodity: str
    before: Tonnes
    after: Tonnes
    change: Tonnes
    change_share: Share | None
    country: str = ""


@dataclass(frozen=True, slots=True)
class DisplacementAt(BudgetRow):
    """The flow by one attribute, without measures and for one budget.

    Attributes
    ----------
    by, key : str
        The attribute and one value of it, as for `Displacement`.
    before, after, change : float
        Without and with the plan, and the difference, t/yr of what markets buy.
    """

    by: str
    key: str
    before: Tonnes
    after: Tonnes
    change: Tonnes


@dataclass(frozen=True, slots=True)
class LadderRow(BudgetRow):
    """One budget of a nested list of purchases, beside the best plan for that budget.

    Attributes
    ----------
    buy : str
        What to buy beyond the rows before, in this order, joined by ``;``.
    spent, value : float
        What everything bought so far costs, and the objective under it.
    best, regret, regret_share : float
        The objective under the best plan for the budget, what the ladder loses against it, and
        that as a share of what the best plan cuts (None where that is nothing).
    knee : int
        1 where further money buys much less than the money up to here.
    step : str
        As in `FrontierRow`.
    """

    buy: str
    spent: Money
    value: Objective
    best: Objective
    regret: Objective
    regret_share: Share | None
    knee: int
    step: Step


@dataclass(frozen=True, slots=True)
class PlanAt(BudgetRow):
    """The plan of one row, valued at a budget that it fits or under another objective.

    Of more than a hundred budgets of a network and objective, a hundred that lie evenly among them
    are taken, for the budgets as for the plans.

    Attributes
    ----------
    network, objective : str
        Of which comparison; the objective is the one the plan is valued under.
    budget : float
        The budget at which it is kept, M USD/yr.
    plan_objective : str
        The objective that the plan was made for.
    plan_budget : float
        The budget that it was made for, M USD/yr: with `plan_objective`, a row of the frontier.
    spent : float
        What the plan costs, M USD/yr: no more than `budget`.
    value : float
        The objective under the plan.
    best : float
        The objective under the best plan found for `objective` and `budget`.
    regret : float
        value - best: what keeping the plan costs. Below 0 only where the best plan is not proved
        to the last digit and this one, made for another objective, is better.
    regret_share : float or None
        That as a share of what the best plan cuts; None where that is nothing.
    """

    plan_objective: str
    plan_budget: Money
    spent: Money
    value: Objective
    best: Objective
    regret: Objective
    regret_share: Share | None
