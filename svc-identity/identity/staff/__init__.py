"""Staff: officers, clinicians and operators, who sign in at our own page with a second factor."""
