"""Stack traces as text: which lines belong to one, and the exception chain in them."""
