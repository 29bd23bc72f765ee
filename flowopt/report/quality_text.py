"""Sentences on the quality of the data, the worst that is true first, never one against another.

Each sentence on a share that is assumed competes to be the first; what is better known follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from flowopt.network.network import Network
from flowopt.report.digits import percent
from flowopt.report.quality import GRADES, Quality, assumed_effects, assumed_measures

DEFINITION = (
    "A measure rests on the rows of the tables that say what it costs, what it does and what it "
    "acts on; the worst grade among them counts, and a row without a grade counts as assumed. The "
    "plan's effect is shared out over its measures by what each would lose if dropped. Sentences "
    "and key figures have three digits, because the data carry no more; tables keep decimals to "
    "tell plans apart. A result is a property of these tables; it is no better than they are."
)
_ALL = 0.995


@dataclass(frozen=True, slots=True)
class QualityText:
    """Sentences on the data behind a page: the worst, then the others."""

    worst: str
    others: tuple[str, ...]


def plan_quality_text(network: Network, quality: Quality, *, chosen: bool) -> QualityText:
    """Return the sentences on the data behind a plan.

    Parameters
    ----------
    network, quality
        The network, and the quality of the data behind the plan.
    chosen
        Whether the plan was chosen among all, and not made by hand.
    """
    rated = [*_choice(network, chosen), *_legs([quality.legs])]
    if quality.effect:
        rated.append(_effect(quality))
    others = list(_grades(quality))
    return _ordered(rated, others)


def comparison_quality_text(
    network: Network, plans: Sequence[Sequence[str]], legs: Iterable[float | None]
) -> QualityText:
    """Return the sentences on the data behind the plans of a comparison.

    Parameters
    ----------
    network
        The network.
    plans
        The measures of each plan.
    legs
        Of each plan, the share of its tonnes on legs that are assumed.
    """
    rated = [*_choice(network, chosen=True), *_legs(legs)]
    some = list(dict.fromkeys(name for plan in plans for name in plan))
    count, assumed = assumed_measures(network, some)
    if count and assumed:
        rated.append(
            (assumed / count,
             f"{assumed} of the {count} measures in these plans rest on some number that is "
             "assumed.")
        )  # fmt: skip
    others = []
    if count and not assumed:
        others.append(
            "What the measures in these plans cost, do and act on is better known: none of it is "
            "marked as assumed."
        )
    return _ordered(rated, others)


def flow_quality_text(legs: Iterable[float | None]) -> QualityText:
    """Return the sentences on the data behind flows without a plan; `legs` as for comparisons."""
    return _ordered(_legs(legs), [])


def _ordered(rated: Iterable[tuple[float, str]], others: Sequence[str]) -> QualityText:
    said = [text for share, text in sorted(rated, key=lambda each: -each[0]) if share > 0.0]
    sentences = [*said, *others] or ["No row behind this result is marked as assumed."]
    return QualityText(sentences[0], tuple(sentences[1:]))


def _choice(network: Network, chosen: bool) -> Iterator[tuple[float, str]]:
    """Yield that the choice among measures rests on what all of them would do."""
    count, assumed = assumed_effects(network)
    if chosen and assumed:
        yield (
            assumed / count,
            "Which plan is best depends on what every measure would do, and "
            f"{_part(assumed, count)} of the tables on effects are assumed.",
        )


def _legs(shares: Iterable[float | None]) -> Iterator[tuple[float, str]]:
    known = [share for share in shares if share is not None]
    if known and max(known) > 0.0:
        least, most = percent(min(known)), percent(max(known))
        how_much = most if least == most else f"{least} to {most}"
        yield (
            max(known),
            f"Of the tonnes that move, counted on every leg, {how_much} move on legs whose "
            "capacity, cost and loss are assumed.",
        )


def _effect(quality: Quality) -> tuple[float, str]:
    share = quality.assumed or 0.0
    how_much = "All" if share >= _ALL else percent(share)
    return share, (
        f"{how_much} of the plan's effect rests on measures for which some number is assumed."
    )


def _grades(quality: Quality) -> Iterator[str]:
    if not quality.known:
        yield (
            "There was no time to see what each measure is worth, so it is not known on what data "
            "the plan's effect rests."
        )
    elif not quality.effect:
        yield "The plan has no effect, so it rests on no data."
    else:
        parts = [
            f"{percent(share)} {GRADES[grade]}{f' ({grade})' if grade else ''}"
            for grade, share in quality.effect.items()
        ]
        yield (
            f"The plan's own effect, by the worst grade of what each measure rests on: "
            f"{', '.join(parts)}."
        )


def _part(some: int, count: int) -> str:
    return f"all {count} rows" if some == count else f"{some} of {count} rows"
