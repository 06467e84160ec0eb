"""Webhooks: provinces' systems are told the public status of dossiers (Standard Webhooks, CloudEvents)."""
