"""Handlings as people see them: the queue, one being worked on, and what was done."""
