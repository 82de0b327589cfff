"""`python -m sopctl`: the same as the console script."""

from sopctl.cli import main

if __name__ == "__main__":
    main()
