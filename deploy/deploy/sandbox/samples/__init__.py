"""Sample hospital files: real shape, made-up people.

`make_submission` builds a GIAMDINHHS envelope, `town_dossiers` as many dossiers of seeded people as a load
test needs, `stories` the visits of the personas that the demo tells of.
"""

from deploy.sandbox.samples.envelope import FacilityDossier, make_submission
from deploy.sandbox.samples.town_visits import town_dossiers

__all__ = ["FacilityDossier", "make_submission", "town_dossiers"]
