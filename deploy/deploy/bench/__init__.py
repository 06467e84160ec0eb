"""`make bench`: our figures beside a peer or a limit, measured in the same run on the same machine.

Absolute figures drift between machines and hours; the ratios are what is claimed.
"""
