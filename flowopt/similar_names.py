"""Names alike: the known name that a mistyped one probably stands for."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import islice
from pathlib import Path

ALIKE = 0.65  # difflib ratio from which a name is worth suggesting
_MOST_NAMES = 1000  # names of a folder that are looked at
_LONGEST = 200  # letters of a name that is compared: longer ones take quadratic time


def closest(
    name: str,
    known: Iterable[str],
    *,
    alike: float = ALIKE,
    fold: Callable[[str], str] = str.casefold,
) -> str | None:
    """Return the known name most like `name`, or None if none is close.

    Parameters
    ----------
    name
        The name, as somebody wrote it.
    known
        The names that there are.
    alike
        Ratio of difflib, 0 to 1, from which a name is close.
    fold
        What of a name is compared.

    Examples
    --------
    >>> closest("Capcity", ["capacity", "cost"])
    'capacity'
    """
    if len(name) > _LONGEST:
        return None
    folded = {fold(each): each for each in known if len(each) <= _LONGEST}
    near = difflib.get_close_matches(fold(name), folded, n=1, cutoff=alike)
    return folded[near[0]] if near else None


def closest_path(path: Path) -> Path | None:
    """Return the path that is there and most like one that is not, or None if none is close.

    The first part of the path that is missing is compared with its neighbours.
    """
    lacking = [each for each in (path, *path.parents) if not each.exists()]
    if not lacking:
        return None
    first = lacking[-1]
    with suppress(OSError):
        beside = (each.name for each in islice(first.parent.iterdir(), _MOST_NAMES))
        near = closest(first.name, sorted(name for name in beside if not name.startswith(".")))
        if near is not None:
            found = first.parent / near / path.relative_to(first)
            return found if found.exists() else closest_path(found)
    return None
