"""The national payment platform of the sandbox."""
