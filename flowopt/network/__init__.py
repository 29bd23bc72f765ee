"""What the planner's files say: the tables, the frozen network, reading and checking."""
