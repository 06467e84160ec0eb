"""Acting: for whom a citizen may act, a child or a company, and the token with which they do."""
