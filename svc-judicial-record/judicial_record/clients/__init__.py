"""Thin clients of the services that this one calls; only the fields used."""
