"""Me: what a signed-in citizen sees and sets about themself."""
