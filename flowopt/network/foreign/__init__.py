"""Networks of other programs: plain graphs, read and written."""
