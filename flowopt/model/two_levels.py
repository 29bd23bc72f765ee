"""Former module of `bilevel_program`: pickles of a `Formulation` name its class so."""

from flowopt.model.bilevel_program import TwoLevels

__all__ = ["TwoLevels"]
