"""What a grouping policy makes of log files, and whether its text is sound."""
