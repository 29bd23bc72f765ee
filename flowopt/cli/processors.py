"""Processors that a command may use."""

from __future__ import annotations

import os


def processors() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def quiet_cluster() -> None:
    """Silence the logs of Dask about a lost cluster: an error message of ours reports it."""
    import logging

    try:
        import distributed.client  # which sets its loggers up
    except ImportError:
        return  # the library says how to get it
    if not os.environ.get("FLOWOPT_DEBUG"):
        # The client has a level of its own; all else, down to each connection, has the package's.
        for name in (distributed.__name__, distributed.client.__name__):
            logging.getLogger(name).setLevel(logging.CRITICAL)
