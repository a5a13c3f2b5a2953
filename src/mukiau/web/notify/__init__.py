"""Who is told of what: the parts of the page of notification routes."""
