"""The file of organisations that `migrate` loads: what the business register and the representatives say."""

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator

from chassis.keys import read_private
from identity.organisations.rules import is_tax_code
from identity.staff.registrations import PersonRegistration


class DelegateRegistration(BaseModel):
    """A person whom the legal representative lets act for the organisation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person: PersonRegistration
    valid_from: date


class OrganisationRegistration(BaseModel):
    """One organisation with its legal representative and the staff delegated so far."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tax_code: str
    name: str = Field(min_length=1, max_length=255)
    address: str | None = None
    representative: PersonRegistration
    delegates: list[DelegateRegistration] = Field(default_factory=list)

    @field_validator("tax_code")
    @classmethod
    def _is_one(cls, tax_code: str) -> str:
        if not is_tax_code(tax_code):
            raise ValueError(f"{tax_code} is no tax code")
        return tax_code


def read_organisations(path: Path) -> list[OrganisationRegistration]:
    """Return the registrations in a file.

    Raises: KeyUnavailable (open to others), pydantic.ValidationError (a ValueError).
    """
    return TypeAdapter(list[OrganisationRegistration]).validate_json(read_private(path))
