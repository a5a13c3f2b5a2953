"""A second platform, made up after the rules were written: what grouping does with services it was not tried on."""
