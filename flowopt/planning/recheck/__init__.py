"""What `flowopt.planning.verify` re-checks a result with: arithmetic, and no solver anywhere."""
