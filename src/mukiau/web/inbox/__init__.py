"""Deciding about issues: the words, the form, and the acts with their line in the audit log."""
