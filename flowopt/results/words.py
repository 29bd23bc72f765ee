"""Register of the words of results: one meaning and one unit for each column and each key.

Tables and `summary.json` use no other words, and no word has a second meaning: `docs/results.md` is
made of this. Where each of several plans or scenarios has a column, its name is the word, a colon,
and the plan or scenario.
"""

from __future__ import annotations

from collections.abc import Mapping

from flowopt.results.column_units import (
    Factor,
    Money,
    MoneyInAll,
    Objective,
    PerMillion,
    PricePerTonne,
    Seconds,
    Share,
    Tonnes,
    TonnesInAll,
    WeightedInAll,
    WeightedTonnes,
    Years,
)
from flowopt.results.word_register import Word, register
from flowopt.results.words_of_stress import STRESS_WORDS

WORDS = register(
    # -- what a row or a result belongs to
    Word("flowopt", "The version."),
    Word("format", "The format of the result, which rises when words change."),
    Word("network", "The network's id."),
    Word("networks", "The hash of the tables of each network, by its id."),
    Word("input_sha256", "The hash of the network's tables."),
    Word("scenario", "A scenario's id; of a summary, the one that `--scenario` looked at."),
    Word("objective", "What is counted: `flow`, `profit` or `bilevel`."),
    Word("ties", "How `bilevel` settles ties."),
    Word(
        "criterion", "What is made of the scenarios: `expected`, `worst`, `cut`, `regret`, `cvar`."
    ),
    Word("criteria", "The criteria of the plans, each once."),
    Word("tail_share", "With `cvar`: the share of the weight that is looked at.", Share),
    Word("of", "The part of the markets that counts, as `continent:Europe`."),
    # -- what was asked
    Word("budget", "The most that a plan may cost.", Money),
    Word("budgets", "The budgets that were asked for, or `all`.", Money),
    Word(
        "target",
        "With `--target`: what the objective, or the criterion, has to come down to; with the "
        "criterion `cut` what the sure cut has to reach.",
        Objective,
    ),
    Word("resources", "The limit on each resource, in its own unit."),
    Word("include", "The measures that had to be in the plan."),
    Word("exclude", "The measures that could not be in the plan."),
    Word("allowed_gap", "The gap at which a row counts as proved.", Share),
    Word("time_limit", "The time that was given; null for no limit.", Seconds),
    Word("options", "Every option of the command, by its name."),
    # -- the plan
    Word(
        "plan",
        "A plan's name: `yours`, `best` or `coverage`; `plan` or a rival's; a criterion or budget.",
    ),
    Word("plans", "The plans by their names; of a stress the measures of each."),
    Word("measures", "Ids of the plan's measures in file order; in a table joined by `;`."),
    Word("n_measures", "How many measures the plan has."),
    Word("n_plans", "How many of the plans have the measure."),
    Word("spent", "What the plan costs.", Money, MoneyInAll),
    Word("used", "What the plan takes of each resource, in its own unit."),
    Word("broken", "The limits and rules that the plan breaks, a sentence each."),
    Word("plan_objective", "The objective that the row's plan was made for."),
    Word("plan_budget", "The budget that the row's plan was made for.", Money),
    Word("own_measures", "Ids of the best plan for the scenario alone, joined by `;`."),
    Word("rival", "The plan that is better beyond a flip; two with `;`, low before high."),
    # -- values
    Word("baseline", "The objective, or the criterion of it, without measures.", Objective),
    Word("value", "The objective, or the criterion of it, under the plan.", Objective),
    Word("bound", "What no plan that was allowed brings `value` below.", Objective),
    Word(
        "gap",
        "(value - bound) / value; with the criteria `cut` and `regret` of the baseline.",
        Share,
    ),
    Word("cost_bound", "With `--target`: no plan that reaches it costs less.", Money, MoneyInAll),
    Word("cost_gap", "(spent - cost_bound) / spent.", Share),
    Word(
        "rank_bound",
        "What no plan that is still allowed at this rank brings `value` below.",
        Objective,
    ),
    Word("rank_gap", "(value - rank_bound) / value.", Share),
    Word(
        "status",
        "`optimal` (proved within the gap), `limit` (stopped before), `infeasible` (no plan keeps "
        "the conditions), `no_solution` (none was found in time), `evaluated` (made by hand), "
        "`estimated` (its value a mean of draws), `sampled`.",
    ),
    Word("limit", "What stopped the proof: `time`, `nodes` or `interrupted`; else null."),
    Word("cut", "baseline - value: what the plan takes off.", Objective),
    Word("cut_share", "The cut as a share of the baseline.", Share),
    Word("promised", "The cut if the trafficker kept to what it does today.", Objective),
    Word("promised_bound", "What no plan for this money promises more than.", Objective),
    Word("best", "`value` of the best plan found for the same question.", Objective),
    Word("own_best", "`value` of the best plan known for this scenario or draw alone.", Objective),
    Word("own_bound", "What no plan brings `own_best` below.", Objective),
    Word(
        "regret",
        "How much more the plan leaves than the best one there is; `regret` of a stress "
        "is an object: its `mean`, its `max`, and its most by the bounds.",
        Objective,
    ),
    Word("regret_share", "The regret as a share of what the best plan cuts.", Share),
    Word(
        "regret_high",
        "With the criterion `regret`: the most that the true regret can be, as the "
        "best plans are known within a gap.",
        Objective,
    ),
    Word(
        "most_regret",
        "The largest regret: of a plan in any scenario, of the ladder at any budget.",
        Objective,
    ),
    Word("mean_left", "`value` of the scenarios in their weighted mean.", Objective),
    Word("most_left", "`value` in the scenario where most is left.", Objective),
    Word("sure_cut", "`cut` in the scenario where it is least.", Objective),
    Word(
        "looking",
        "With `expected`: the gain over the best plan for the network as it stands; the "
        "value of the stochastic solution (VSS).",
        Objective,
    ),
    Word(
        "knowing",
        "With `expected`: what one would gain by knowing the scenario first; the expected "
        "value of perfect information (EVPI).",
        Objective,
    ),
    Word("knowing_bound", "The same by the bounds: EVPI is no more than that.", Objective),
    Word(
        "luck",
        "Null where nothing is left to chance; else `how` the mean over what works was found "
        "(`counted` over all outcomes, or `sampled`), the `coins` it hangs on, the `outcomes` "
        "looked at, `half_width` of the interval, `draws` and `seed`. Of a schedule `how`, `coins` "
        "and `half_width`, the chance that all works (`all_works`), and the objective then.",
    ),
    Word(
        "outcomes",
        "Over the years where measures may fail: the rows of `outcomes.csv`; of a row of campaigns "
        "how many were valued.",
    ),
    Word("low", "Low end of the interval of `value`, where it was sampled.", Objective),
    Word(
        "high",
        "High end of that interval; equal to `value` where nothing was sampled.",
        Objective,
    ),
    Word("weight", "The scenario's share of the weight of all.", Share),
    # -- what works
    Word("works", "Ids of the measures that work, joined by `;`."),
    Word("failed_effects", "Rows of `effects`, from 1, that fail though their measure works."),
    Word("probability", "How likely it is that this and no more works.", Share),
    Word("drawn", "In how many draws it came; blank where all outcomes were counted."),
    Word("left_p05", "In 5 of 100 years no more than this is left.", Objective),
    Word("left_p95", "In 95 of 100 years no more than this is left.", Objective),
    Word("all_works", "How likely it is that all that can work does.", Share),
    Word("all_works_value", "The objective then.", Objective),
    # -- the trafficker
    Word("delivered", "What arrives.", Tonnes, TonnesInAll),
    Word(
        "weighted",
        "What arrives, by the weights of the commodities; over all periods by theirs, too.",
        WeightedTonnes,
        WeightedInAll,
    ),
    Word("revenue", "What the trafficker takes in.", Money),
    Word("expenses", "What the trafficker spends.", Money),
    Word(
        "profit",
        "What the trafficker earns: revenue - expenses; over all periods discounted, and less "
        "what opening costs.",
        Money,
        MoneyInAll,
    ),
    Word(
        "served",
        "With `of` and `flow`: by `before` and `after`, the `least` and the `most` that "
        "arrives there when as much as can be is brought to all markets.",
        WeightedTonnes,
    ),
    Word("before", "What enters the arc, arrives or moves without measures.", Tonnes),
    Word("after", "The same under the plan.", Tonnes),
    Word("change", "after - before.", Tonnes),
    Word("change_share", "The change as a share of what was before.", Share),
    Word("flow", "What enters the arc.", Tonnes),
    Word("activity", "Runs of the recipe, in t/yr of what it counts by.", Tonnes),
    Word("supplied", "What is taken.", Tonnes),
    Word("quantity", "The most that the market buys, or its pool.", Tonnes),
    Word("capacity", "What the plan leaves of the capacity; blank if unlimited.", Tonnes),
    Word(
        "capacity_before",
        "The capacity without measures; blank if unlimited. Of openings that of the tables, when "
        "what opens first counts.",
        Tonnes,
    ),
    Word(
        "capacity_after",
        "`capacity`, beside the one before. Of openings with all that is open then.",
        Tonnes,
    ),
    Word(
        "shadow_price",
        "What a tonne more of the capacity is worth to the trafficker.",
        PricePerTonne,
    ),
    Word("earned", "Gross receipts of the organisation.", Money),
    Word("earned_before", "Its receipts without measures.", Money),
    Word("earned_after", "Its receipts under the plan.", Money),
    Word("earned_change", "earned_after - earned_before.", Money),
    Word("earned_change_share", "That as a share of what it earned before.", Share),
    # -- over time
    Word("period", "A period's id."),
    Word("periods", "A row for each period, its amounts a year: the keys are those of the tables."),
    Word("years", "How long the period lasts, or all of them.", Years),
    Word("discount", "How much less money of a year later counts for the trafficker.", Share),
    Word("unit", "Unit of the totals over all periods."),
    Word("tonne_weight", "What a tonne in the period counts.", Factor),
    Word("carry", "Whether money that is left stays for later periods."),
    Word("carried", "What is left of the money for later periods.", MoneyInAll),
    Word(
        "bought",
        "`yes` where the measure is bought; of a measure the periods in which it is, joined by "
        "`;`; of a summary the purchases, as `m01@2015`.",
    ),
    Word(
        "in_force",
        "`yes` where the measure is in force; of a measure the periods in which it is, joined by "
        "`;`.",
    ),
    Word("setup", "What is bought costs, once.", MoneyInAll),
    Word("opened", "Capacity that opens in the period.", Tonnes),
    Word("opened_before", "Capacity of the same that opened in earlier periods.", Tonnes),
    Word("opened_baseline", "`opened` without measures.", Tonnes),
    Word("opening_cost", "What opening it costs the trafficker, once, undiscounted.", MoneyInAll),
    Word("campaign", "A schedule's name."),
    Word("campaigns", "The schedules, an object for each."),
    Word("frontier", "The budgets, an object for each."),
    Word("breaks", "What the schedule breaks, and what of it cannot be in force, in sentences."),
    Word("value_without_openings", "`value` if nothing opened.", Objective),
    Word("cut_without_openings", "`cut` if nothing opened.", Objective),
    Word("baseline_without_openings", "`baseline` if nothing opened.", Objective),
    Word(
        "value_myopic",
        "`value` against a trafficker who expects what is in force to stay: a simulation.",
        Objective,
    ),
    # -- measures
    Word("rank", "The place in the order of the table, from 1."),
    Word("measure", "A measure's id."),
    Word("kind", "The measure's kind."),
    Word("cost", "What the measure costs.", Money, MoneyInAll),
    Word(
        "lost_if_dropped",
        "How much `value` rises without the measure and those that cannot be without it.",
        Objective,
    ),
    Word(
        "half_width",
        "Half the width of the interval that holds an estimate 95 times in 100; 0 where all "
        "outcomes were counted.",
        Objective,
    ),
    Word("how", "`counted` over all outcomes, or `sampled` by draws that both plans share."),
    Word("adds", "How much `value` falls with the measure on top of the plan.", Objective),
    Word(
        "added_cost",
        "What the measure costs with those that it requires and the plan lacks.",
        Money,
    ),
    Word("per_million", "adds / added_cost.", PerMillion),
    Word("chosen", "1 if the measure is in the plan, else 0."),
    Word("role", "The measure's part in the plans: `core`, `stays`, `switch` or `never`."),
    # -- things of the network
    Word("name", "Name of the market, measure or scenario that the row is about."),
    Word("node", "A node's id."),
    Word("continent", "The node's continent."),
    Word("country", "The node's country."),
    Word("commodity", "A commodity's id."),
    Word("arc", "An arc's id."),
    Word("tail", "The node where the arc begins."),
    Word("head", "The node where the arc ends."),
    Word("mode", "The arc's mode."),
    Word("site", "A site's id."),
    Word("recipe", "What the site makes."),
    Word("organisation", "An organisation's id."),
    Word("on", "The kind of thing that has the capacity, as effects name it."),
    Word("id", "Id of that thing."),
    Word(
        "by",
        "What is told apart: `mode`, `kind`, `exit`, `country`, `region` or `continent`; of plans "
        "`criterion` or `budget`.",
    ),
    Word("key", "One value of that attribute, such as `river`."),
    # -- many budgets
    Word("marginal", "What each further M USD since the row before cuts.", PerMillion),
    Word("step", "With budgets `all`: whether a cheaper plan may do the same, `proved` or `open`."),
    Word("buy", "Ids of what to buy beyond the rows before, in this order, joined by `;`."),
    Word("knee", "1 where further money buys much less than the money up to here, else 0."),
    Word("knees", "The budgets at knees.", Money),
    Word("rows", "How many rows there are: budgets, of each network and objective."),
    Word("proved", "How many of them are proved within the gap."),
    Word("folders", "The folders of the frontiers, in the order of `frontiers.csv`."),
    Word("frontiers", "For each network and objective an object with the keys below."),
    Word("complete", "With budgets `all`: whether no change of the best plan is missing."),
    Word(
        "beyond",
        "By plan, what none goes below that costs less than the next; of the last one, none at "
        "all.",
        Objective,
    ),
    Word("core", "The measures in every plan that buys anything."),
    Word("stays", "The measures that stay once bought."),
    Word("switches", "By measure that comes and goes, the budgets whose plans have it.", Money),
    *STRESS_WORDS,
    # -- how it was found
    Word("solver", "`name`, `version` and `threads` of the solver."),
    Word(
        "seconds",
        "Time that it took; of a summary by what: `read`, `build`, `solve`, `total`.",
        Seconds,
    ),
    Word("interrupted", "Whether you stopped it; the plans are those found by then."),
    Word("warnings", "What is odd, or was left out for lack of time."),
)

# Keys of `summary.json` by the question, in order; a question mark where some results lack it.
_ASKED = "flowopt format network scenario? input_sha256 objective ties? of? served? budget"
_OVER_TIME = "flowopt format network input_sha256 objective ties? unit years discount"
_PLAN = (
    "cut cut_share spent used measures delivered weighted profit options solver seconds warnings"
)
KEYS: Mapping[str, tuple[str, ...]] = {
    question: tuple(keys.split())
    for question, keys in {
        "solve": f"{_ASKED} target? cost_bound? cost_gap? resources status limit baseline value "
        f"bound gap {_PLAN}",
        "evaluate": f"{_ASKED} resources status limit broken baseline value {_PLAN}",
        "flow": "flowopt format network input_sha256 objective measures value delivered weighted "
        "revenue expenses profit ties? options warnings scenario? of?",
        "compare": "flowopt format budgets resources include exclude allowed_gap ties? of? "
        "time_limit limit rows proved frontiers options solver seconds",
        "frontiers": "network input_sha256 objective baseline rows proved complete core stays "
        "switches knees most_regret warnings scenario?",
        "stress": "flowopt format network input_sha256 status objective ties plans baseline draws "
        "seed common ranges numbers groups r2 nothing_cut tolerance luck_draws? resolved budget "
        "regret seconds",
        "plans": "flowopt format network input_sha256 objective by criteria plans interrupted "
        "options seconds warnings",
        "criterion": "flowopt format network input_sha256 objective ties? criterion tail_share "
        "budget target? cost_bound? cost_gap? resources status limit broken baseline value bound "
        "gap regret_high cut cut_share looking knowing knowing_bound luck spent used measures "
        "options solver seconds warnings",
        "luck": "flowopt format network scenario? input_sha256 objective ties? criterion "
        "tail_share budget target? cost_bound? cost_gap? resources status limit broken baseline "
        "value bound gap low high regret_high? cut cut_share luck spent used measures options "
        "solver seconds warnings",
        "luck-plans": "flowopt format network input_sha256 objective of? by criterion "
        "complete? beyond? plans interrupted options seconds warnings",
        "several": "flowopt format networks folders interrupted options seconds warnings",
        "schedule": f"{_OVER_TIME} carry budget target? cost_bound? cost_gap? resources status "
        "limit baseline value bound gap cut cut_share spent used measures bought delivered "
        "weighted profit baseline_without_openings value_without_openings value_myopic periods "
        "options solver seconds warnings luck? outcomes?",
        "flow-over-time": f"{_OVER_TIME} measures value value_without_openings delivered weighted "
        "profit periods options warnings",
        "schedules": f"{_OVER_TIME} carry baseline plans frontier interrupted options seconds "
        "warnings",
        "campaigns": f"{_OVER_TIME} carry budget resources status baseline "
        "baseline_without_openings campaigns options warnings outcomes?",
    }.items()
}
# Questions about all periods, whose numbers are totals.
OVER_TIME = ("schedule", "schedules", "flow-over-time", "campaigns")
