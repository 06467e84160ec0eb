"""A province's receiver of webhooks in the sandbox."""
