"""Identity: who is who, sign-in, tokens, and the citizen's inbox."""
