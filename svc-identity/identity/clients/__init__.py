"""Registrations of OAuth clients: who may ask for tokens, and for which."""
