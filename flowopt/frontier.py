"""Former module of `results.frontier`: pickles of earlier versions name its classes so."""

from flowopt.results.frontier import *  # noqa: F403
