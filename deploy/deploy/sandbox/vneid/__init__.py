"""VNeID as the sandbox plays it: an OpenID provider with the national claims."""
