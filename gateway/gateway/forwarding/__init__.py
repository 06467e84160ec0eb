"""The data plane: one keep-alive pool per service, and the streaming of one request through it.

Why it is our own and not a client library stands in docs/decisions/0007-forwarding-path-and-httpx2.md.
"""
