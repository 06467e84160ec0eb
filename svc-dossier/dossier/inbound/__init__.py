"""Dossiers that were filed at another portal and handed over to us."""
