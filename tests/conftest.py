"""What every test shares: the Hypothesis profiles."""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

from tests.effort import PROFILE

# The same examples on every CI run, so that a red run can be repeated; no deadlines, because a
# busy machine is slow without being wrong.
settings.register_profile(
    "ci",
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(PROFILE)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Run in the background of a script, tests would hand it on to commands that must hear Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
