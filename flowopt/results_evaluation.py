"""Former module of `results.evaluation`: pickles of earlier versions name its classes so."""

from flowopt.results.evaluation import *  # noqa: F403  # every name of old pickles
