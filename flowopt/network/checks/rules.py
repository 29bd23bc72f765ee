"""Checks of rules and reforms between measures."""

from __future__ import annotations

from collections.abc import Iterator

from flowopt.errors import Problem
from flowopt.network.checks.draft import Draft
from flowopt.network.tables import matches


def rule_errors(draft: Draft) -> Iterator[Problem]:
    """Yield rules between a measure and itself."""
    for index, rule in draft.whole("rules"):
        if rule.measure == rule.other:
            message = f"{rule.other!r} is the measure itself; name another one or delete the row"
            yield draft.problem("rules", index, "other", message)


def reform_errors(draft: Draft) -> Iterator[Problem]:
    """Yield reforms without a target, and targets of two reforms."""
    known = draft.ids("measures")
    if known is None:
        return
    first: dict[str, int] = {}
    for index, reform in draft.whole("reforms"):
        named = matches(reform.target, known)
        targets = [name for name in named if name != reform.measure]
        if not named:
            hint = draft.hint(reform.target, known, "correct it or add the measure")
            message = f"{reform.target!r} matches no measure of {draft.file('measures')}; {hint}"
            yield draft.problem("reforms", index, "target", message)
        elif not targets:
            message = (
                f"{reform.target!r} names only the reform itself, on which it never acts; "
                "name the measures that work better under it"
            )
            yield draft.problem("reforms", index, "target", message)
        taken = next((name for name in targets if name in first), None)
        if taken is not None:
            other = draft.tables["reforms"][first[taken]]
            if (other.measure, other.target) != (reform.measure, reform.target):  # no plain repeat
                earlier = draft.place("reforms", first[taken], "reforms")
                message = f"{taken!r} is already the target of {earlier}; one reform per measure"
                yield draft.problem("reforms", index, "target", message)
        for name in targets:
            first.setdefault(name, index)


def reformed(draft: Draft) -> dict[str, tuple[int, float]]:
    """Return the reform of each target, as its row's index and its corruption."""
    known = draft.ids("measures") or {}
    return {
        name: (index, reform.corruption)
        for index, reform in draft.whole("reforms")
        for name in matches(reform.target, known)
        if name != reform.measure
    }
