"""Fill a data folder with many events: `python -m bench.seed --data DIR -n N`."""
