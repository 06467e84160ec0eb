"""What citizens are told of. Pure.

Nothing clinical and nothing criminal, and not even the facility or the procedure: a notification is shown at
level 1 and on locked screens, and the name of a hospital can tell an illness. So nobody is told that an
application for a certificate is being verified, which would say that something was found, and every end of
one but the certificate itself reads the same.
"""

from typing import Literal

Kind = Literal[
    "visit_recorded",
    "visit_corrected",
    "application_submitted",
    "application_accepted",
    "application_needs_supplement",
    "application_ended",
    "certificate_issued",
    "certificate_revoked",
    "dossier_accepted",
    "dossier_refused",
    "dossier_needs_supplement",
    "dossier_needs_payment",
    "dossier_delayed",
    "dossier_stopped",
    "dossier_finished",
    "dossier_result_changed",
]

_OF_APPLICATION: dict[str, Kind] = {
    "submitted": "application_submitted",
    "accepted": "application_accepted",
    "awaiting_supplement": "application_needs_supplement",
    "refused": "application_ended",
    "stopped": "application_ended",
}
_BY_DOSSIER_ACTION: dict[str, Kind] = {
    "apologise": "dossier_delayed",
    "replace_result": "dossier_result_changed",
    "revoke_result": "dossier_result_changed",
}
_BY_DOSSIER_STATUS: dict[int, Kind] = {
    2: "dossier_accepted",
    3: "dossier_refused",
    5: "dossier_needs_supplement",
    6: "dossier_needs_payment",
    8: "dossier_stopped",
    9: "dossier_finished",
}
_NOT_NEWS = frozenset({"decline_withdrawal", "take_back_withdrawal", "edit"})


def kind_of_visit(outcome: Literal["recorded", "superseded"]) -> Kind:
    """Return the kind of notification that a visit's outcome calls for.

    Source: decision 0005 (section on notices).
    """
    return "visit_recorded" if outcome == "recorded" else "visit_corrected"


def kind_of_application(status: str) -> Kind | None:
    """Return the kind that a status of an application calls for; none for what the applicant has just done
    or what would say that something is on record. The certificate is told of by itself.

    Source: decision 0005 (section on notices: nothing that is on record is told on a locked screen).
    """
    return _OF_APPLICATION.get(status)


def kind_of_dossier(action: str, status: int) -> Kind | None:
    """Return the kind that a change of a dossier calls for, by what was done, else by the status reached.

    Source: QĐ 1148 statuses 1 to 10 as in `domain/portal_statuses` of docs/sources.md; which of them are news
    is a choice of ours.
    """
    if action in _NOT_NEWS:
        return None
    return _BY_DOSSIER_ACTION.get(action) or _BY_DOSSIER_STATUS.get(status)
