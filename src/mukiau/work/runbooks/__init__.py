"""Runbooks as pure rules: their text, what their match rules say of an error, how they are filled in and shown."""
