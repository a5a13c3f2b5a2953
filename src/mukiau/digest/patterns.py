"""The regex engine of digest's scrubbing: google-re2, linear in time and far faster on one large alternation."""

import re

import re2

from mukiau.core.scrub import Pattern


def compile_pattern(pattern: str) -> Pattern:
    """Compile with re2; what it does not know (look-around) is left to the standard library."""
    options = re2.Options()
    options.log_errors = False
    try:
        compiled: Pattern = re2.compile(pattern, options=options)
    except re2.error:
        return re.compile(pattern)
    return compiled
