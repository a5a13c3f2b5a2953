"""Which runbook answers an error: found by what its text and the error's words have in common."""
