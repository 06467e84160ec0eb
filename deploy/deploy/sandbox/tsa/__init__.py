"""The time-stamping authority of the sandbox (RFC 3161)."""
