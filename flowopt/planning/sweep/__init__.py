"""The parts of `compare`: budgets, order of the rows, executors, tables of the result."""
