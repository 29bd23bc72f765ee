"""The trafficker's linear programme of one activity model, scaled and loaded into HiGHS.

Only column and row bounds (and, where a measure raises costs, the objective) change from plan to
plan.

HiGHS always minimises here, so the dual of a capacity row is minus what a unit more of it is
worth to the trafficker. Its tolerances are absolute, so everything is first scaled, by powers of
two, to what it can bring in the objective: a tonne of leaf counts as the kilograms it becomes, the
whole flow as about one hundred. What is missed is then a share of the objective, whether the
network speaks of kilograms or kilotonnes, dollars or millions.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from flowopt.model.activities import ActivityModel, Flags, Floats, Indices
from flowopt.model.activity_bounds import most_delivered
from flowopt.model.bounds import gross_worth
from flowopt.model.changed_coefficients import changed_coefficients
from flowopt.model.dust import without_dust
from flowopt.model.highs_arrays import pass_arrays
from flowopt.model.leading_activities import Leading, LeadingActivities
from flowopt.model.lp_scales import idle_limits, most_cost, power_of_two, scales
from flowopt.model.plan_effects import PlanEffects
from flowopt.objectives import OBJECTIVES, Objective

TIGHT = 1e-9  # the solver's tolerances, in scaled units
_LARGE = 5_000  # activities from which a programme is solved by other ways, and watched
_VAST = 50_000  # activities from which exact edge weights for a new basis take seconds
_DEVEX = 1  # HiGHS's number of edge weights that begin at 1
_STEEP = 2.0**10  # coefficients from which the tolerance of a column moves what counts
_BACKWARDS = 1e-6  # of the optimum, or of what counts as 1: more of it is none
_WASTE = 1e-10  # of the worth of what an activity uses: it makes next to nothing of it
PERTURBED = "primal_simplex_bound_perturbation_multiplier"  # HiGHS's: 1 but where we say else
DUAL, PRIMAL = 1, 4  # HiGHS's numbers of the dual and the primal simplex


class ResponseLp:
    """The scaled programme in a solver of its own, at the plan applied last.

    Parameters
    ----------
    model
        The activity model.
    objective
        What the trafficker maximises.
    effects
        What plans do to the model.

    Attributes
    ----------
    highs : highspy.Highs
        The solver with the programme.
    options : mapping
        Its options: `solver` and `presolve` are those of most runs.
    stop : threading.Event
        Set to ask the solver to stop, where the programme is large.
    large : bool
        Whether the programme is large.
    primal : bool
        Whether plans are solved from one another by the primal simplex: where measures only close
        activities of a trafficker who counts tonnes. What opens again leaves the basis possible,
        and what closes takes few steps of it.
    strategy : int
        HiGHS's number of the simplex that goes from plan to plan.
    scaled_for : ActivityModel
        The model whose numbers made the scales.
    unit, grain, tonne, coin : float
        t/yr, usual and now, weight, and worth (in the objective's unit) that count as 1.
    of_good, of_capacity, of_activity : arrays
        By what rows of goods, of finite capacities, and columns are multiplied.
    finite : array of int
        The capacities that have a limit, and so a row.
    acts, limit, cost, closed : arrays
        The plan applied last; what it leaves of capacities, t/yr; what activities cost under it,
        M USD; and which closures it brings.
    idle : array
        Limits that the programme has in place of those that no best response to any plan reaches,
        t/yr; `inf` for all others.
    most_cost : array
        Costs from which an activity is in no best response, M USD.
    beyond : array of int
        Activities that are shut, although the plan applied last leaves them open, as they cost too
        much or make next to nothing.
    steep : array of int
        Columns that lose nearly all of what they use: a rounding of one moves what counts.
    load_seconds : float
        That loading took.
    """

    def __init__(self, model: ActivityModel, objective: Objective, effects: PlanEffects) -> None:
        self.model, self.objective, self.effects = model, objective, effects
        self.traits = OBJECTIVES[objective]
        began = time.perf_counter()
        self.scaled_for = model
        # What brings nothing in the objective must not set the scale of what does.
        brings = model.weight_anywhere + (model.price if self.traits.for_money else 0.0)
        most = most_delivered(model)[brings > 0.0]
        self.unit = power_of_two(most[np.isfinite(most)]) / 64.0
        self.grain = self.unit
        self.tonne = power_of_two(model.weight_anywhere)
        self.coin = power_of_two(model.price) if self.traits.for_money else self.tonne
        self.finite = np.flatnonzero(np.isfinite(model.limit))
        self.of_good, self.of_capacity, self.of_activity, self.most_cost = scales(
            model, objective, self.coin, self.finite
        )
        self.row_of = np.full(len(model.limit), -1, dtype=np.int32)
        self.row_of[self.finite] = len(model.goods) + np.arange(len(self.finite))
        self.row_scale = np.zeros(len(model.limit))
        self._transport: Floats | None = None
        self._leading: LeadingActivities | None = None
        self.large = len(model.activities) >= _LARGE
        self.options: dict[str, bool | int | float | str] = {}
        self.primal = model.outright and not self.traits.for_money
        self.strategy = PRIMAL if self.primal else DUAL
        self.stop = threading.Event()
        self.load_anew(model)
        self.load_seconds = time.perf_counter() - began

    def load_anew(self, model: ActivityModel) -> None:
        """Load other numbers of the same network that fit, without measures, into a new solver."""
        self.model = model
        self.grain = self.unit
        self.row_scale[self.finite] = self.of_capacity / self.unit
        self.acts: Flags = self.effects.chosen(())
        self.limit = model.limit.copy()
        self.idle = self._idle(model)
        self.cost = model.cost.copy()
        self.closed = np.zeros(len(self.effects.closures.places), dtype=np.bool_)
        self.beyond = np.array([], dtype=np.int64)
        if self.traits.for_money and model is not self.scaled_for:
            self.most_cost = most_cost(gross_worth(model, self.objective)[1])
        self.highs = self._load()

    def _load(self) -> highspy.Highs:
        model = self.model
        columns = len(model.activities)
        matrix = self.matrix()
        most = self.sides()
        self._note_steep(matrix)
        highs = highspy.Highs()
        options = self.options = {
            "output_flag": False,
            "presolve": "off",
            "solver": "simplex",
            "simplex_strategy": self.strategy,
            "threads": 1,
            # Losses on top of losses, and ties at 1e-9 of the profit, need what the solver can do.
            "primal_feasibility_tolerance": TIGHT,
            "dual_feasibility_tolerance": TIGHT,
        }
        # What is perturbed is put right step by step at the end; tonnes all count alike.
        if self.large or not self.traits.for_money:
            options["dual_simplex_cost_perturbation_multiplier"] = 0.0
        if self.primal:
            options[PERTURBED] = 0.0
        if columns >= _VAST:
            options["simplex_dual_edge_weight_strategy"] = _DEVEX
        for option, setting in options.items():
            highs.setOptionValue(option, setting)
        if self.large:
            listen(highs, self.stop)
        pass_arrays(
            highs,
            matrix,
            cost=-self.goal(),
            columns=(np.zeros(columns), np.full(columns, np.inf)),
            rows=(np.full(len(most), -np.inf), most),
            name="the trafficker's programme",
        )
        return highs

    def _note_steep(self, matrix: sparse.csc_array) -> None:
        """Keep which columns are steep, and the rows of the goods that they use or make."""
        size = np.abs(matrix.data)
        steepness = np.zeros(matrix.shape[1])
        np.maximum.at(
            steepness, np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.indptr)), size
        )
        self.steep = np.flatnonzero(steepness > _STEEP)
        self._steepness = steepness[self.steep]
        rows = np.unique(matrix.indices[size > _STEEP])
        self._steep_goods = matrix[rows[rows < len(self.model.goods)]]

    def matrix(self) -> sparse.csc_array:
        """Return the scaled rows of goods and of finite capacities, as HiGHS takes them."""
        model = self.model
        used, made, takes = model.used.tocoo(), model.made.tocoo(), model.takes.tocoo()
        finite = self.row_of[takes.row] >= 0
        row = np.concatenate([used.row, made.row, self.row_of[takes.row[finite]]])
        column = np.concatenate([used.col, made.col, takes.col[finite]])
        value = np.concatenate([used.data, -made.data, takes.data[finite]])
        value *= np.concatenate([self.of_good, self.of_capacity])[row]
        value *= self.of_activity[column]
        shape = len(model.goods) + len(self.finite), len(model.activities)
        matrix = sparse.csc_array((value, (row, column)), shape=shape)
        matrix.eliminate_zeros()
        return matrix

    def goal(self) -> Floats:
        """Return what each column brings the trafficker under the plan applied last."""
        if not self.traits.for_money:
            return self.model.weight * self.of_activity / self.coin
        cost = np.minimum(self.cost, self.most_cost)
        return (self.model.price - cost) * self.of_activity / self.coin

    def is_sound(self) -> bool:
        """Return whether the optimum found last owes nothing to activities out of their bounds.

        The solver lets each run backwards, or though shut, by its tolerance. Of one that loses
        nearly all, that is as much more of what it uses, or of its making: whole loads. Where it
        then tells that the activity does not run, more of the good is used than there is.
        """
        if not len(self.steep):
            return True
        runs = np.array(self.highs.getSolution().col_value)
        steep = runs[self.steep]
        beyond = np.where(self.shut()[self.steep], np.abs(steep), -steep)
        there = float((beyond * self._steepness).max())
        if self._steep_goods.shape[0]:
            there = max(there, float((self._steep_goods @ runs).max()))
        return there <= _BACKWARDS * max(1.0, abs(float(self.highs.getObjectiveValue())))

    def turnover(self) -> float:
        """Return what all that the programme solved last runs earns and costs, in scaled units."""
        if not self.traits.for_money:
            return -float(self.highs.getObjectiveValue())
        gross = self.model.price + np.minimum(self.cost, self.most_cost)
        runs = np.array(self.highs.getSolution().col_value) * self.of_activity
        return float(gross @ np.abs(runs)) / self.coin

    def apply(self, acts: Flags) -> None:
        """Bring the programme to a plan, touching only what differs from the last one."""
        self._open_beyond()
        if np.array_equal(acts, self.acts):
            return
        effects = self.effects
        rows = effects.cuts.places
        limit = effects.limits(self.model.limit, acts)
        changed = np.flatnonzero(limit != self.limit[rows])
        if len(changed):
            self.bound_rows(rows[changed], limit[changed])
        columns, closed = effects.closures.places, effects.closed(acts)
        changed = np.flatnonzero(closed != self.closed)
        if len(changed):
            self.highs.changeColsBounds(
                len(changed),
                columns[changed].astype(np.int32),
                np.zeros(len(changed)),
                np.where(closed[changed], 0.0, highspy.kHighsInf),
            )
            self.closed = closed
        columns, cost = effects.cost_increases.places, effects.costs(self.model.cost, acts)
        changed = np.flatnonzero(cost != self.cost[columns])
        if len(changed):
            columns = columns[changed]
            self.cost[columns] = cost[changed]
            if self.traits.for_money:
                counted = np.minimum(cost[changed], self.most_cost[columns])
                earned = (self.model.price[columns] - counted) * self.of_activity[columns]
                self.cost_columns(columns, -earned / self.coin)
        self.acts = acts

    def shut_beyond(self) -> bool:
        """Shut what costs too much for a best response, or makes nothing, until a plan is applied.

        Such a column may bring so little that no solver holds it against the rest. Return whether
        there is one.
        """
        vain = (self.cost > self.most_cost) | self._wasteful()
        self.beyond = np.flatnonzero(self.is_open() & vain)
        self.bound_columns(self.beyond, 0.0)
        return len(self.beyond) > 0

    def _wasteful(self) -> Flags:
        """Return which activities turn what they use into next to nothing of its worth."""
        goods, used = self.matrix()[: len(self.model.goods)].tocoo(), np.zeros(len(self.cost))
        made = used.copy()
        np.maximum.at(used, goods.col, goods.data)
        np.maximum.at(made, goods.col, -goods.data)
        wasteful: Flags = (made > 0.0) & (made < _WASTE * used)
        return wasteful

    def _open_beyond(self) -> None:
        """Open what was shut although a plan leaves it open."""
        if len(self.beyond):
            self.bound_columns(self.beyond, highspy.kHighsInf)
            self.beyond = self.beyond[:0]

    def bound_columns(self, columns: Indices, most: Floats | float) -> None:
        """Give some columns another upper bound, in scaled units."""
        nothing, each = np.zeros(len(columns)), np.zeros(len(columns)) + most
        self.highs.changeColsBounds(len(columns), columns.astype(np.int32), nothing, each)

    def is_open(self) -> Flags:
        """Return which activities the plan applied last leaves open."""
        return ~self.shut()

    def shut(self) -> Flags:
        """Return which activities the plan applied last closes."""
        shut = np.zeros(len(self.model.activities), dtype=np.bool_)
        shut[self.effects.closures.places[self.closed]] = True
        return shut

    def leading(self) -> Leading:
        """Return what leads to a delivery that counts under the plan applied last."""
        if self._leading is None:  # of all numbers that fit it is the same
            self._leading = LeadingActivities(self.scaled_for)
        return self._leading.under(self.limit, self.shut())

    def fits(self, model: ActivityModel) -> bool:
        """Return whether other numbers of the same network need no other rows or scales."""
        scaled = self.scaled_for
        return (
            np.array_equal(np.isinf(model.limit), np.isinf(scaled.limit))
            and np.array_equal(model.limit > 0.0, scaled.limit > 0.0)
            and np.array_equal(model.price > 0.0, scaled.price > 0.0)
            and np.array_equal(model.weight_anywhere > 0.0, scaled.weight_anywhere > 0.0)
        )

    def renumber(self, model: ActivityModel) -> None:
        """Go on with other numbers of the same network that fit, under the plan applied last."""
        limit, cost = model.limit.copy(), model.cost.copy()
        limit[self.effects.cuts.places] = self.effects.limits(model.limit, self.acts)
        cost[self.effects.cost_increases.places] = self.effects.costs(model.cost, self.acts)
        idle = self._idle(model)
        rows = np.flatnonzero((limit != self.limit) | (idle != self.idle))
        self.idle = idle
        self.bound_rows(rows, limit[rows])
        self._put_coefficients(model)
        self.model, self.cost = model, cost
        if self.traits.for_money:
            self.most_cost = most_cost(gross_worth(model, self.objective)[1])
        self.minimise(-self.goal())

    def _put_coefficients(self, model: ActivityModel) -> None:
        """Give the solver the coefficients of goods that are others than it has."""
        row, column, values = changed_coefficients(self.model, model)
        values = values * self.of_good[row] * self.of_activity[column]
        for entry in zip(row.tolist(), column.tolist(), values.tolist(), strict=True):
            self.highs.changeCoeff(*entry)

    def bound_rows(self, rows: Indices, limits: Floats) -> None:
        """Give some capacities, none of them unlimited, other limits."""
        self.limit[rows] = limits
        self.highs.changeRowsBounds(
            len(rows),
            self.row_of[rows],
            np.full(len(rows), -highspy.kHighsInf),
            np.minimum(limits, self.idle[rows]) * self.row_scale[rows],
        )

    def sides(self) -> Floats:
        """Return the right-hand sides of the rows of goods and of finite capacities, scaled."""
        finite = self.finite
        room = np.minimum(self.limit[finite], self.idle[finite]) * self.row_scale[finite]
        return np.concatenate([np.zeros(len(self.model.goods)), room])

    def _idle(self, model: ActivityModel) -> Floats:
        """Return the limits that stand for those of a model that never bind."""
        scale = np.zeros(len(model.limit))
        scale[self.finite] = self.of_capacity / self.unit
        return idle_limits(model, scale)

    def cost_columns(self, columns: Indices, cost: Floats) -> None:
        """Change what some columns add to the goal that is minimised."""
        self.highs.changeColsCost(len(columns), columns.astype(np.int32), cost)

    def minimise(self, cost: Floats) -> None:
        """Give the goal that is minimised what each column adds."""
        self.cost_columns(np.arange(len(cost)), cost)

    def count_in(self, unit: float) -> None:
        """Let the programme count amounts in another unit: only limits are amounts."""
        if unit == self.grain:
            return
        self.grain = unit
        self.row_scale[self.finite] = self.of_capacity / unit
        self.bound_rows(self.finite, self.limit[self.finite])

    def prices(self, coin: float, dual: Floats | None = None) -> tuple[Floats, Floats]:
        """Return pi and mu of the programme solved last, whose objective counts in `coin`."""
        goods, finite = len(self.model.goods), len(self.finite)
        dual = np.array(self.highs.getSolution().row_dual) if dual is None else dual
        prices = -coin * dual[: goods + finite]
        prices *= np.concatenate([self.of_good, self.of_capacity])
        capacity_price = np.zeros(len(self.model.limit))
        capacity_price[self.finite] = np.maximum(prices[goods:], 0.0)
        return np.maximum(prices[:goods], 0.0), capacity_price

    def rents(self, capacity_price: Floats) -> Floats:
        """Return what each capacity row earns at its price, under the plan applied last."""
        rents = np.zeros(len(capacity_price))
        rents[self.finite] = self.limit_left()[self.finite] * capacity_price[self.finite]
        return rents

    def activity(self, scaled: Floats | None = None) -> Floats:
        """Return scaled activities, those of the programme solved last by default, without dust.

        In t/yr.

        Scaled they count what they can bring: a microgram that is all that arrives is no dust, and
        tonnes that lose nearly all are dust where what they use is not there.
        """
        if scaled is None:
            scaled = np.maximum(np.array(self.highs.getSolution().col_value), 0.0)
        found: Floats = scaled * self.of_activity * self.grain
        return without_dust(self.model, scaled, found, self._worth)

    def _worth(self) -> Floats:
        """Return what a unit of each activity brings, in scaled units."""
        return self.goal() / self.of_activity

    def limit_left(self) -> Floats:
        """U(x), with 0 where every activity of the row is closed."""
        left = self.limit.copy()
        left[self.model.takes @ self.is_open().astype(float) == 0.0] = 0.0
        return left

    def transport(self) -> Floats:
        """Return the transport of a unit of each column: tonnes supplied, shipped or processed."""
        if self._transport is None:
            moved = ("supply", "ship", "site")
            moves = np.array([float(a.kind in moved) for a in self.model.activities])
            self._transport = moves * self.of_activity / self.of_activity.min(initial=np.inf)
        return self._transport


def listen(highs: highspy.Highs, stop: threading.Event) -> None:
    """Let the solver look up for a stop, again and again while it works."""

    def look_up(event: Any) -> None:
        event.interrupt(stop.is_set())  # what was said last stays said, in later runs too

    for event in (highs.cbSimplexInterrupt, highs.cbIpmInterrupt):
        event.subscribe(look_up)
