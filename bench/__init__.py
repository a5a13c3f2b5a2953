"""Measurements of the hot paths: `python -m bench`, and `python -m bench.seed` to fill a data folder."""
