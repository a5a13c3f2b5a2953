"""Runbooks in and out: lists of manuals that are kept elsewhere, plain Markdown, and a folder that git keeps."""
