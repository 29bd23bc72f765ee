"""Defaults of a request, the same in the library, on the command line, and in a command again."""

from __future__ import annotations

from typing import Final

OBJECTIVE: Final = "flow"
TIE_RULE: Final = "pessimistic"
AUTO: Final = "auto"  # the solver is left to flowopt
SOLVER: Final = AUTO
GAP: Final = 1e-4  # relative
THREADS: Final = 2  # of HiGHS
ALTERNATIVES: Final = 1
COMMAND_TIME_LIMIT: Final = 300.0  # seconds; the library has no limit
DRAWS: Final = 1000  # of a stress
SEED: Final = 1
COMMON: Final = 0.5  # share of the variance
