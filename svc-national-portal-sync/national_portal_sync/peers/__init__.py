"""The peers that are told of dossiers, each behind one adapter of its own dialect."""
