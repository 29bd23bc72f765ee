"""Former module of `results.proof`: pickles of earlier versions name its classes so."""

from flowopt.results.proof import *  # noqa: F403  # every name of old pickles
