"""What is to be told, who is told, and what became of it; and the process that tells."""
