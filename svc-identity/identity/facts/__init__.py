"""Facts: what another service needs to know of a person or an organisation whose case it works on."""
