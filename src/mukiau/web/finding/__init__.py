"""Finding the right runbook, for the pages and the API: what is found, and what comes of accepting a suggestion."""
