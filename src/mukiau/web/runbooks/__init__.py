"""Runbooks for the pages and the API: acts with their line of the audit log, words, and filling in from an event."""
