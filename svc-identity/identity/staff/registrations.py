"""The file of staff registrations that `migrate` loads, as an agency's personnel system would give it.

It holds personal numbers and the secrets of second factors: whoever can read it can sign in as anybody in it
who has also lost their password, so it must be its owner's alone (0600), like a key.
"""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, field_validator

from chassis.keys import read_private
from contracts.identifiers import PersonalId
from identity.people.papers import Sex
from identity.staff.rules import ROLE_SCOPES, USERNAME

Username = Annotated[str, StringConstraints(pattern=USERNAME)]


class PersonRegistration(BaseModel):
    """A person as a registration names one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    personal_id: PersonalId
    name: str = Field(min_length=1, max_length=255)
    born_on: str
    sex: Sex


class StaffRegistration(BaseModel):
    """One member of staff. `totp_secret` is base32, as an authenticator app takes it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    username: Username
    person: PersonRegistration
    organisation: str = Field(min_length=1, max_length=100)
    roles: list[str] = Field(min_length=1)
    password_hash: Annotated[str, StringConstraints(pattern=r"^\$argon2id\$v=19\$")]
    totp_secret: Annotated[str, StringConstraints(pattern=r"^[A-Z2-7]{26,104}$")]

    @field_validator("roles")
    @classmethod
    def _are_known(cls, roles: list[str]) -> list[str]:
        unknown = sorted(set(roles) - set(ROLE_SCOPES))
        if unknown:
            raise ValueError(f"unknown roles: {', '.join(unknown)}")
        return roles


def read_staff(path: Path) -> list[StaffRegistration]:
    """Return the registrations in a file.

    Raises: KeyUnavailable (open to others), pydantic.ValidationError (a ValueError; quotes no value).
    """
    return TypeAdapter(list[StaffRegistration]).validate_json(read_private(path))
