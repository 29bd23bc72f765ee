"""The verbs: what a planner asks for."""
