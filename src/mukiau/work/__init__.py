"""What people do about issues, as pure rules: decisions, life cycle, handlings, runbooks, requests."""
