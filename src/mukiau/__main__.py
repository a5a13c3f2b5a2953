"""`python -m mukiau` is the command `mukiau`."""

from mukiau.cli.main import main

if __name__ == "__main__":
    main()
