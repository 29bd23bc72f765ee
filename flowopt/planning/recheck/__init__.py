"""Parts of `flowopt.planning.verify`: a re-check by arithmetic, without any solver."""
