"""Sentences and a table on schedules whose measures may fail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from rich.console import Console, RenderableType

from flowopt.report.digits import fixed
from flowopt.report.luck_text import failing_rows
from flowopt.report.terminal import new_table, plain, print_table
from flowopt.report.units import Units
from flowopt.results.schedules_under_luck import (
    CampaignOutcome,
    LuckEvaluationOverTime,
    LuckScheduleSolution,
)

MEANS = (
    "Measures may fail: what schedules leave and cut are means over what works. A measure works in "
    "all periods in which it is in force, or in none."
)
_SHOWN = 10  # outcomes


def luck_of_schedules(evaluation: LuckEvaluationOverTime, units: Units) -> Iterator[str]:
    """Yield how likely it is that all of each schedule works, and how sure its mean is."""
    for row in evaluation.campaigns:
        yield f"{row.campaign}: {luck_sentence(row, row.value, units)}"


def luck_of_schedule(solution: LuckScheduleSolution, units: Units) -> str:
    """Return how likely it is that all of the best schedule works, and how sure its mean is."""
    return large_first(luck_sentence(solution, solution.value or 0.0, units))


def large_first(text: str) -> str:
    """Return a text with its first letter large."""
    return text[:1].upper() + text[1:]


class Lucky(Protocol):
    """Luck of a schedule: how likely it is that all works, and how its mean was found."""

    @property
    def coins(self) -> int:
        """The chances that it hangs on."""

    @property
    def how(self) -> str:
        """``counted`` or ``sampled``."""

    @property
    def half_width(self) -> float:
        """Of the interval of an estimate."""

    @property
    def all_works(self) -> float:
        """The probability that all of it works."""

    @property
    def all_works_value(self) -> float | None:
        """The objective then."""


def luck_sentence(row: Lucky, value: float, units: Units) -> str:
    """Return how likely it is that all of a schedule works, and how sure its mean is."""
    if not row.coins:
        return "nothing of it can fail."
    left = fixed(row.all_works_value or 0.0, 2)
    found = f"all of it works with a chance of {row.all_works:.0%}, and then leaves {left}"
    if row.how == "sampled":
        low, high = (fixed(value + sign * row.half_width, 2) for sign in (-1.0, 1.0))
        found += (
            f"; it hangs on {row.coins} chances, so its mean is an estimate, {low} to {high} "
            f"{units.unit} in 95 of 100 such intervals"
        )
    return f"{found}."


def print_outcomes(console: Console, outcomes: Sequence[CampaignOutcome], units: Units) -> None:
    """Print the likeliest outcomes."""
    several = len({row.campaign for row in outcomes}) > 1
    table = new_table([*(["plan"] * several), "works", "chance", units.unit])
    for row in outcomes[:_SHOWN]:
        works = ", ".join(row.works.split(";")) or "nothing"
        if row.failed_effects:
            works += f" (not {failing_rows(row.failed_effects)})"
        cells: list[RenderableType] = [plain(works), f"{row.probability:.1%}", f"{row.value:,.2f}"]
        table.add_row(*([plain(row.campaign)] if several else []), *cells)
    more = len(outcomes) - _SHOWN
    if outcomes:
        note = f"and {more:,} more outcomes" if more > 0 else ""
        print_table(console, "What may work, and what is then left", table, note)
