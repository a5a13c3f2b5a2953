"""Template tags; `show` is loaded everywhere (settings)."""
