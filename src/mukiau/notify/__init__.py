"""Telling people: what is told to whom, its words, and the channels it goes out by."""
