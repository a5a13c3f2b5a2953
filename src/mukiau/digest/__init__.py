"""From spool to issues: assemble, normalise, scrub, fingerprint, write."""
