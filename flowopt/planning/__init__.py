"""Verbs of the package: solve, evaluate, compare, respond, formulate, verify."""
