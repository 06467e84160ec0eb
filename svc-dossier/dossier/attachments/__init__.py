"""Files of dossiers: typed by their content, named harmlessly, encrypted at rest."""
