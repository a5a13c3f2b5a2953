"""An event's payload as the values its page shows: pure functions, tolerant of every shape."""
