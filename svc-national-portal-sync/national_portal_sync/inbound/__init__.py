"""Inbound: dossiers and statuses that other portals hand over, signed."""
