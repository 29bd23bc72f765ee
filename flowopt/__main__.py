"""`python -m flowopt`."""

from flowopt.cli.main import main

if __name__ == "__main__":
    main()
