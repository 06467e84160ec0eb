"""Deliveries: what a peer is to be told, one ordered queue per peer and dossier."""
