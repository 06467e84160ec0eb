"""The systems of courts and police in the sandbox: what they hold, send and answer."""
