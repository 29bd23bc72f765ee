"""Names alike: the known name that a mistyped one probably stands for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_ALIKE = 0.65  # difflib ratio from which a name is worth suggesting
_LONGEST = 200  # letters of a name that is compared: longer ones take quadratic time


def closest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like `name`, or None if none is close.

    >>> closest("Capcity", ["capacity", "cost"])
    'capacity'
    """
    if len(name) > _LONGEST:
        return None
    folded = {k.casefold(): k for k in known if len(k) <= _LONGEST}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=_ALIKE)
    return folded[near[0]] if near else None
