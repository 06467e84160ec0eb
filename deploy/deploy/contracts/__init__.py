"""Generator and guard of the published contracts: `python -m deploy.contracts [--check]`."""
