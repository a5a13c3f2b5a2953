"""Coverage-guided fuzzing: `make fuzz`, or `python -m fuzz TARGET --seconds 60` with the extra `fuzz` installed."""
