"""Former module of `results.rows`: pickles of earlier versions name its classes so."""

from flowopt.results.rows import *  # noqa: F403  # every name of old pickles
