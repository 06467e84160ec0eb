"""Sign-in: from the client's authorization request through VNeID back to the client."""
