"""Words of a stress, for the register of all words."""

from __future__ import annotations

from flowopt.results.column_units import Correlation, Factor, Objective, Share
from flowopt.results.word_register import Word

STRESS_WORDS = (
    Word("draws", "How many draws there are."),
    Word("draw", "The draw's number, from 1."),
    Word("seed", "The seed of the draws."),
    Word("common", "Share of the variance that the numbers of a group have in common.", Share),
    Word("ranges", "The largest factor, by grade.", Factor),
    Word("numbers", "How many numbers move."),
    Word("groups", "How many groups they form."),
    Word("group", "Numbers that move together: what they are on, the column, and which."),
    Word("grades", "How many of them have each grade, as `B 3; X 12`."),
    Word(
        "factor",
        "What the group's common part multiplies its numbers by, on the geometric mean.",
        Factor,
    ),
    Word("best_plans", "The plans that no other betters in the draw, joined by `;`."),
    Word("resolved", "How many draws were solved for their own best plan."),
    Word(
        "r2",
        "Share of the variance of the ranks of the cut that the groups' common parts explain.",
        Share,
    ),
    Word("nothing_cut", "Share of the draws in which no plan compared cuts anything.", Share),
    Word(
        "luck_draws",
        "Throws of coins by which a mean over what works is estimated; 0 where it is counted.",
    ),
    Word("cuts_nothing", "Share of the draws in which the plan cuts nothing.", Share),
    Word("best_share", "Share of the draws in which no plan compared is better.", Share),
    Word("tolerance", "Plans as near as that are tied, and as small a cut is none.", Objective),
    Word("mean", "Mean of `value` over the draws.", Objective),
    Word("sd", "Standard deviation of `value` over the draws.", Objective),
    *(
        Word(f"p{p:02}", f"{p} % quantile of `value` over the draws.", Objective)
        for p in (5, 25, 50, 75, 95)
    ),
    Word("cut_mean", "Mean of `cut` over the draws.", Objective),
    *(
        Word(f"cut_p{p:02}", f"{p} % quantile of `cut` over the draws.", Objective)
        for p in (5, 50, 95)
    ),
    Word(
        "behind_mean",
        "Mean of how much more the plan leaves than the best of those compared.",
        Objective,
    ),
    Word("behind_p95", "95 % quantile of that.", Objective),
    Word("behind_max", "The most of that.", Objective),
    Word("correlation", "Rank correlation of the group's common part with the cut.", Correlation),
    Word(
        "cut_low",
        "`cut` with all numbers of the group at the low ends of their ranges.",
        Objective,
    ),
    Word("cut_high", "`cut` with all of them at the high ends.", Objective),
    Word(
        "flip_low",
        "The factor below 1, nearest to it, at which another plan becomes better.",
        Factor,
    ),
    Word(
        "flip_high",
        "The factor above 1, nearest to it, at which another plan becomes better.",
        Factor,
    ),
)
