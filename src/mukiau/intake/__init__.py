"""The doors for input: a raw ASGI application that answers only when what it accepted is on disk."""
