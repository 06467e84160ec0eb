"""The national portal of the sandbox, in the session + `service` dialect."""
