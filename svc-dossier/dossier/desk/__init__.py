"""The officers' side of a dossier: inbox, actions by the table of transitions, filing at the counter."""
