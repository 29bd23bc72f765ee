"""The parts of `compare`: which budgets, in which order, by whom, and what it all says."""
