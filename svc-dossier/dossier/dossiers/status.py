"""How a status is shown: its number, its name and its label in both languages."""

from contracts.case_status import NationalStatus
from dossier.dossiers.schemas import Labels, StatusOut

DRAFT = 0
_DRAFT_LABEL = Labels(vi="Bản nháp", en="Draft")


def status_out(status: int) -> StatusOut:
    """Return a status for people: 0 is a draft, 1 to 10 are the national ones."""
    if status == DRAFT:
        return StatusOut(number=DRAFT, name="draft", label=_DRAFT_LABEL)
    national = NationalStatus(status)
    return StatusOut(number=status, name=national.slug, label=Labels(**national.label))
