"""Wire shapes of person resolution.

Lenient on purpose: what hospitals send is of every quality, and one unreadable item must not lose the other
499, so anything readable as text is taken and judged item by item in `rules.py`.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from identity.people.papers import Sex

MAX_ITEMS = 500

_Short = Annotated[str, StringConstraints(max_length=64)]


class OtherPaperIn(BaseModel):
    """A paper other than the personal number."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: Literal["old_id", "passport", "identity_certificate"] = Field(
        description="`old_id` is the 9-digit number in use until 2024.", examples=["old_id"]
    )
    number: _Short = Field(description="The number as printed.", examples=["012345678"])


class PersonIn(BaseModel):
    """One person to be found."""

    model_config = ConfigDict(extra="forbid", strict=True)

    ref: _Short = Field(description="The caller's own name of this item, given back.", examples=["0"])
    personal_id: _Short | None = Field(
        default=None, description="12-digit personal identification number.", examples=["001085000017"]
    )
    other_papers: list[OtherPaperIn] = Field(
        default_factory=list, max_length=10, description="Other papers, in any order."
    )
    insurance_card: _Short | None = Field(
        default=None, description="Number of the health insurance card.", examples=["DN4010012345678"]
    )
    name: Annotated[str, StringConstraints(max_length=255)] = Field(
        description="Full name.", examples=["Nguyễn Văn An"]
    )
    born_on: _Short | None = Field(
        default=None,
        description="`YYYY-MM-DD`, or `YYYY` where only the year is known.",
        examples=["1985-03-12"],
    )
    sex: Sex = Field(default=Sex.UNKNOWN, strict=False, description="Sex as told.", examples=["male"])


class PersonResolutionsIn(BaseModel):
    """A batch of people to be found."""

    model_config = ConfigDict(extra="forbid", strict=True)

    items: list[PersonIn] = Field(min_length=1, max_length=MAX_ITEMS, description="1 to 500 items.")


class WordsOut(BaseModel):
    """The same words in both languages."""

    vi: str = Field(description="Vietnamese.", examples=["Thiếu họ tên."])
    en: str = Field(description="English.", examples=["The name is missing."])


class FindingOut(BaseModel):
    """Something noticed, with the rule behind it."""

    code: str = Field(description="Stable name.", examples=["name_differs"])
    message: WordsOut = Field(description="What it means.")
    rule: str = Field(description="The rule's source.", examples=["decision 0005"])


class ResolvedPersonOut(BaseModel):
    """The answer for one item, in the order asked."""

    ref: str = Field(description="As asked.", examples=["0"])
    citizen_id: UUID | None = Field(
        description="The person; `null` when insufficient or in conflict.",
        examples=["0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"],
    )
    state: Literal["confirmed", "unconfirmed", "insufficient", "conflict"] = Field(
        description="`unconfirmed`: not yet found in the population register.", examples=["confirmed"]
    )
    reason: FindingOut | None = Field(description="Why nobody was named.")
    warnings: list[FindingOut] = Field(description="What was noticed and did not matter.")


class PersonResolutionsOut(BaseModel):
    """The answers, one for each item, in the same order."""

    items: list[ResolvedPersonOut] = Field(description="One for each item asked, in the same order.")
