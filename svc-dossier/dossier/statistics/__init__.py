"""Public statistics: how many dossiers, how many on time, counted from the dossiers themselves."""
