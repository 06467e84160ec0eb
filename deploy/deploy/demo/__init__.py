"""`make demo`: the story of the running system, told step by step, each claim checked."""
