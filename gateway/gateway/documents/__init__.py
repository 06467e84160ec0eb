"""The documents that the gateway serves about the whole system: OpenAPI merged, AsyncAPI, the table of
problems.
"""
