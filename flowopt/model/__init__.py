"""The mathematics: activities, the trafficker's best response, bounds, interdiction, solvers."""
