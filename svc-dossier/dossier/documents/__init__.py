"""One's own document store: results of the state that are used again instead of being asked for again."""
