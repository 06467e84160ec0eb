"""The clocks of a dossier: intake, processing, the applicant's; counted anew from its history."""
