"""VNeID's receiver of judicial-record results in the sandbox."""
