"""What the pages say about grouping: why events are together, what is alike, what was changed, and who changes it."""
