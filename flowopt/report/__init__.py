"""Output of results: text and pages for people, files for programs."""
