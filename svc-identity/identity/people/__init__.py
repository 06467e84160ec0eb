"""People: turns papers into a `citizen_id`, once and for ever the same."""
