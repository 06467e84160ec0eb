"""The gateway's own pages and their assets: nothing is loaded from another host."""
