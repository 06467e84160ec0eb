"""Supplement rounds: how often, how long and with what end, by the rule of each procedure."""
