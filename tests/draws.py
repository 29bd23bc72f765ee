"""How much is drawn for a property, or looked at of a sample: little in the tests, where each run
draws the same, and much where faults are hunted with other draws each time.

`python -m tests.hunt.properties` is the hunt.
"""

from __future__ import annotations

from hypothesis import settings

WRITTEN = 30  # what the numbers that properties name are meant for
USUAL = 20  # for a property that names none
HUNTED = 30  # times as many in a hunt
HUNT = "hunt"  # the profile of Hypothesis for it


def draws(usual: int) -> int:
    """Return the number of examples of a property under the profile in use."""
    return max(1, usual * settings().max_examples // WRITTEN)
