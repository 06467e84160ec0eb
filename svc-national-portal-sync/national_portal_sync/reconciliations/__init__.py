"""Reconciliations: one day with one peer, count by count and digest by digest."""
