"""What people do about issues, as it is kept; for digest and pages alike, on a connection of `mukiau.stores.sqlite`."""
