"""Results of dossiers: proposed by one officer, signed by another, replaced and revoked by a new paper."""
