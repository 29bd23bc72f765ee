"""The tests: a package, so that another of this name on the path isn't taken for it."""
