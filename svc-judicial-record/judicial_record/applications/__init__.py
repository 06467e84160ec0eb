"""Applications for a certificate: from the form to the decision."""
