"""A page fed by a local server: try plans by hand and see what the trafficker does."""
