"""Notifications: the citizen's inbox, filled by events of other services."""
