"""Pages that a person meets while signing in: server-rendered, no script, two languages."""
