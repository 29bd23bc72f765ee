"""The checks of the format: errors and warnings, row by row and across tables."""
