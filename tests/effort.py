"""How many examples a property tries, here and on CI."""

from __future__ import annotations

import os

from hypothesis import settings

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev")


def examples(count: int, *, ci: int) -> settings:
    """Return settings for `count` examples, or `ci` with the profile of that name.

    There the examples are the same on every run, so that more of them tell nothing new from one
    run to the next. Fewer are for what other properties try as well: each use says which.
    """
    return settings(max_examples=ci if PROFILE == "ci" else count)
