"""Which events are one issue, and why."""
