"""The fee of an application, by the group and by the age that the register knows."""

from datetime import date

from casework.fees import JUDICIAL_RECORD_FEES, FeeAssessment, FeeFacts, FeeTable
from chassis.errors import FieldError, Invalid
from judicial_record.applications.rules import age_on

PAYMENT_KIND = "judicial_record_fee"


def assess(on: date, group: str, copies: int, born_on: date) -> FeeAssessment:
    """Return what is owed on a legal day; 60 and older pay nothing without asking.

    Raises: Invalid, pointing at the field of the application.
    """
    try:
        facts = FeeFacts(age=age_on(born_on, on))
        return FeeTable.from_csv(JUDICIAL_RECORD_FEES).assess(on, group, copies, facts)
    except Invalid as refusal:
        errors = [
            FieldError(error.pointer.replace("/group", "/fee_group"), error.code, error.message)
            for error in refusal.errors
        ]
        raise Invalid(errors=errors) from refusal
