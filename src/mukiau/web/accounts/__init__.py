"""Accounts: who somebody is, what they may do, and the links that let them in."""
