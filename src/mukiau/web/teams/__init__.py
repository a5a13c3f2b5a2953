"""What the pages of teams show: who is on duty when, and whose the issues are."""
