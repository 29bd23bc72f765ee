"""Networks that were written for other programs."""
