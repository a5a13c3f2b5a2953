"""Records: what a log source delivers, read and assembled into log entries."""
