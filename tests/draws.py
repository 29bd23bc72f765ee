"""How much is drawn for a property, or looked at of a sample: little in the tests, where each run
draws the same, and much where faults are hunted with other draws each time.

`python -m tests.hunt.properties` is the hunt.
"""

from __future__ import annotations

from hypothesis import settings

USUAL = 30  # for a property that says nothing else
HUNTED = 20  # times as many in a hunt
HUNT = "hunt"  # the profile of Hypothesis for it


def draws(usual: int) -> int:
    """Return the number of examples of a property under the profile in use."""
    return usual * settings().max_examples // USUAL
