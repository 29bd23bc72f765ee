"""Stress of plans: their values when the numbers of a network move within their ranges."""
