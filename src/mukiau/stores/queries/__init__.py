"""What the screens read: plain functions that return frozen values, SQL written out, every order ending in a unique column."""
