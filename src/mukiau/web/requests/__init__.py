"""Requests on their pages: words, forms, what a form begins with, and what is done with them."""
