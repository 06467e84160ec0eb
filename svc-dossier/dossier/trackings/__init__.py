"""Public tracking: how far a dossier is, for who has its code and PIN."""
