"""Payments of dossiers: asked for, opened at the platform, settled by its notice or by asking."""
