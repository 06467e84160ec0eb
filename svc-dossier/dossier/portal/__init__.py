"""Dossiers as the synchronisation with the national portal reads them."""
