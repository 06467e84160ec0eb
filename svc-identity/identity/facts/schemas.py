"""Wire shapes of `facts`."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.schemas import RequestModel, ResponseModel

MAX_ITEMS = 100
_ID = "0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"


class PersonFactsIn(RequestModel):
    """Whose facts are asked for, and what for."""

    citizen_ids: list[UUID] = Field(
        min_length=1, max_length=MAX_ITEMS, description="1 to 100 people.", examples=[[_ID]]
    )
    purpose: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(
        description="What they are needed for; kept in the access entry.", examples=["judicial-application"]
    )


class ResidenceOut(ResponseModel):
    """Where a person lives, since 2025-07-01 in two tiers."""

    province_code: str = Field(description="Code of the province.", examples=["01"])
    commune_code: str = Field(description="Code of the commune.", examples=["00004"])
    text: str = Field(description="As written on papers.", examples=["Số 12 phố Thử Nghiệm"])


class PersonFactsOut(ResponseModel):
    """One person as the population register and VNeID describe them."""

    citizen_id: UUID = Field(description="The person.", examples=[_ID])
    personal_id: str | None = Field(description="12-digit personal number.", examples=["001085000017"])
    name: str = Field(description="Full name.", examples=["Nguyễn Văn An"])
    born_on: str | None = Field(
        description="`YYYY-MM-DD`, or `YYYY` where only the year is known.", examples=["1985-03-12"]
    )
    sex: Literal["male", "female", "unknown"] = Field(description="As registered.", examples=["male"])
    nationality: str = Field(description="`VN`, else the register's code.", examples=["VN"])
    residence: ResidenceOut | None = Field(description="Null while the register has not told it.")
    confirmed: bool = Field(description="Whether VNeID or the register vouches for the person.")


class PeopleFactsOut(ResponseModel):
    """Facts of those known, and the ids that nobody has."""

    items: list[PersonFactsOut] = Field(description="In the order asked, each person once.")
    missing: list[UUID] = Field(description="Ids of nobody.", examples=[[]])


class OrganisationFactsIn(RequestModel):
    """Whose facts are asked for."""

    organisation_ids: list[UUID] = Field(
        default=[], max_length=MAX_ITEMS, description="At most 100 organisations.", examples=[[_ID]]
    )
    tax_codes: list[Annotated[str, StringConstraints(pattern=r"^[0-9]{10}(-?[0-9]{3})?$")]] = Field(
        default=[], max_length=MAX_ITEMS, description="At most 100 by tax code.", examples=[["0100000010"]]
    )


class OrganisationFactsOut(ResponseModel):
    """One organisation."""

    organisation_id: UUID = Field(description="The organisation.", examples=[_ID])
    tax_code: str = Field(description="Tax code, which is the enterprise code.", examples=["0100000010"])
    name: str = Field(description="Registered name.", examples=["Công ty TNHH Dược Mẫu"])
    address: str | None = Field(description="Registered address.", examples=["Số 1 phố Thử Nghiệm"])
    representative_citizen_id: UUID = Field(description="Its legal representative.", examples=[_ID])


class OrganisationsFactsOut(ResponseModel):
    """Facts of those known, and the ids that no organisation has."""

    items: list[OrganisationFactsOut] = Field(description="In the order asked, each once.")
    missing: list[UUID] = Field(description="Ids of no organisation.", examples=[[]])
