"""`python -m flowopt`."""

from flowopt.cli import main

if __name__ == "__main__":
    main()
