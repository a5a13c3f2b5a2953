"""mukiau: error logs of many microservices as well-grouped issues that somebody answers."""

__version__ = "0.1.0"
