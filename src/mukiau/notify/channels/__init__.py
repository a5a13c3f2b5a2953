"""The channels, all of one plan: `find_mistake` says what is wrong with an address, `send` makes one attempt."""
