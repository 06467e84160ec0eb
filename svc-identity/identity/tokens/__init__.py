"""Tokens: the provider's back channel and its public documents."""
