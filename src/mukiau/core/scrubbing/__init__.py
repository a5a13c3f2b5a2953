"""What counts as a secret, and how one is found in a text; `mukiau.core.scrub` is the door."""
