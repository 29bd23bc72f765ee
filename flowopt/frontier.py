"""Former module of `results.frontier`: pickles of earlier versions name its classes so."""

from flowopt.results.frontier import *  # noqa: F403  # every name of old pickles
from flowopt.results.frontier import SweepSummary as Sweep  # noqa: F401  # its former name
