"""What courts and enforcement bodies send: one item per document, told apart by `kind`.

Every item names its own document (`reference`) and its instant (`issued_at`); the same reference sent again
with another content is a correction. `judgment` in the later kinds says which judgment it belongs to.
"""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AwareDatetime,
    Discriminator,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    Tag,
    TypeAdapter,
    model_validator,
)
from pydantic_core import PydanticCustomError

from chassis.schemas import RequestModel
from judicial_record.convictions.facts import (
    AdditionalKind,
    DutyKind,
    Gravity,
    PrincipalKind,
    ProceedingState,
)

Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
PersonalId = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
BornOn = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}-[0-9]{2})?$")]
MAX_PARTS = 50


class OtherPaperIn(RequestModel):
    """A paper other than the personal number."""

    kind: Literal["old_id", "passport", "identity_certificate"] = Field(
        description="`old_id` is the 9-digit number in use until 2024.", examples=["old_id"]
    )
    number: Short = Field(description="The number as printed.", examples=["012345678"])


class ConvictedPersonIn(RequestModel):
    """A person as the source's papers name him or her."""

    name: Name = Field(description="Full name.", examples=["Nguyễn Văn Mẫu"])
    born_on: BornOn | None = Field(
        None, description="`YYYY-MM-DD`, or `YYYY` where only the year is known.", examples=["1980-05-17"]
    )
    sex: Literal["male", "female", "unknown"] = Field("unknown", description="Sex.", examples=["male"])
    personal_id: PersonalId | None = Field(
        None, description="12-digit personal identification number.", examples=["001080000099"]
    )
    other_papers: list[OtherPaperIn] = Field(
        default_factory=list, max_length=10, description="Other papers, in any order."
    )

    @model_validator(mode="after")
    def _birth_is_a_day(self) -> Self:
        if self.born_on is not None and len(self.born_on) > 4:
            try:
                date.fromisoformat(self.born_on)
            except ValueError:
                raise PydanticCustomError(
                    "date_type",
                    "date",
                    {"vi": "Ngày sinh không có trên lịch.", "en": "No such day of birth."},
                ) from None
        return self


class EntityIn(RequestModel):
    """A commercial legal entity."""

    tax_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{10}(-[0-9]{3})?$")] = Field(
        description="Tax code.", examples=["0100000010"]
    )
    name: Name = Field(description="Registered name.", examples=["Công ty TNHH Mẫu"])


class JudgmentRefIn(RequestModel):
    """Which judgment is meant."""

    court: Short = Field(description="Code of the court.", examples=["TAND-HN"])
    number: Short = Field(description="Number of the judgment.", examples=["12/2019/HS-ST"])


class OffenceIn(RequestModel):
    """One crime."""

    article: Short = Field(description="Article, with clause and point.", examples=["173(1)"])
    name: Name = Field(description="Name of the crime.", examples=["Trộm cắp tài sản"])
    chapter: Literal[
        "XIII",
        "XIV",
        "XV",
        "XVI",
        "XVII",
        "XVIII",
        "XIX",
        "XX",
        "XXI",
        "XXII",
        "XXIII",
        "XXIV",
        "XXV",
        "XXVI",
    ] = Field(description="Chapter of the Penal Code.", examples=["XVI"])
    gravity: Gravity = Field(description="Class of crime (art. 9).", examples=["less_serious"])
    is_negligent: StrictBool = Field(description="Whether by negligence.", examples=[False])
    committed_on: date = Field(description="Day of the act.", examples=["2019-01-20"])


class PrincipalIn(RequestModel):
    """The principal penalty as pronounced."""

    kind: PrincipalKind = Field(description="Kind of penalty.", examples=["prison"])
    months: StrictInt | None = Field(
        None, ge=1, le=600, description="Length in months, for prison and suspended prison.", examples=[18]
    )

    @model_validator(mode="after")
    def _prison_has_a_length(self) -> Self:
        if self.kind in ("prison", "suspended_prison") and self.months is None:
            raise PydanticCustomError(
                "missing",
                "months",
                {"vi": "Hình phạt tù phải có số tháng.", "en": "Prison needs its months."},
            )
        return self


class AdditionalIn(RequestModel):
    """An additional penalty."""

    kind: AdditionalKind = Field(description="Kind of penalty.", examples=["post_ban"])
    months: StrictInt | None = Field(None, ge=1, le=600, description="Length in months.", examples=[24])


class _Item(RequestModel):
    reference: Short = Field(description="Number of this document at its source.", examples=["12/2019/HS-ST"])
    issued_at: AwareDatetime = Field(
        description="When the source wrote this version; an older one never replaces a newer one.",
        examples=["2026-11-02T09:30:00+07:00"],
    )
    is_withdrawn: StrictBool = Field(
        False, description="Whether the source takes this document back as sent by mistake.", examples=[False]
    )
    person: ConvictedPersonIn | None = Field(None, description="The person; or else `entity`.")
    entity: EntityIn | None = Field(None, description="The legal entity; or else `person`.")

    @model_validator(mode="after")
    def _is_about_one(self) -> Self:
        if (self.person is None) == (self.entity is None):
            raise PydanticCustomError(
                "one_subject",
                "subject",
                {"vi": "Phải có đúng một: person hoặc entity.", "en": "Give exactly one: person or entity."},
            )
        return self


class JudgmentIn(_Item):
    """A judgment that has come into force."""

    kind: Literal["judgment"] = Field(description="Kind of item.", examples=["judgment"])
    judgment: JudgmentRefIn = Field(description="Court and number.")
    court_name: Name = Field(description="Name of the court.", examples=["Tòa án nhân dân TP Hà Nội"])
    judged_on: date = Field(description="Day of the judgment.", examples=["2019-06-12"])
    effective_on: date = Field(description="Day it came into force.", examples=["2019-07-12"])
    offences: list[OffenceIn] = Field(min_length=1, max_length=MAX_PARTS, description="The crimes.")
    principal: PrincipalIn = Field(description="The principal penalty.")
    additional: list[AdditionalIn] = Field(
        default_factory=list, max_length=MAX_PARTS, description="Additional penalties, each kind once."
    )
    duties: list[DutyKind] = Field(
        default_factory=list,
        max_length=MAX_PARTS,
        description="Other decisions of the judgment, each once.",
        examples=[["costs"]],
    )
    is_exempt_from_penalty: StrictBool = Field(
        False, description="Whether convicted but exempted from penalty.", examples=[False]
    )
    is_judicial_measure: StrictBool = Field(
        False, description="Whether a minor was given a judicial measure instead.", examples=[False]
    )


class EnforcementIn(_Item):
    """A step of execution: it is kept and shown, and decides nothing."""

    kind: Literal["enforcement"] = Field(description="Kind of item.", examples=["enforcement"])
    judgment: JudgmentRefIn = Field(description="The judgment.")
    state: Literal["started", "deferred", "suspended", "resumed", "transferred"] = Field(
        description="What happened.", examples=["started"]
    )
    on: date = Field(description="The day.", examples=["2019-08-01"])


class CompletionIn(_Item):
    """Something of the judgment is done."""

    kind: Literal["completion"] = Field(description="Kind of item.", examples=["completion"])
    judgment: JudgmentRefIn = Field(description="The judgment.")
    part: Literal["principal", "probation", "additional", "duty"] = Field(
        description="What was done; `probation` of a suspended sentence.", examples=["principal"]
    )
    additional: AdditionalKind | None = Field(None, description="Which one, for `additional`.")
    duty: DutyKind | None = Field(None, description="Which one, for `duty`.")
    completed_on: date = Field(description="The day.", examples=["2021-01-12"])

    @model_validator(mode="after")
    def _names_the_part(self) -> Self:
        if (self.part == "additional") != (self.additional is not None) or (self.part == "duty") != (
            self.duty is not None
        ):
            raise PydanticCustomError(
                "part_unclear",
                "part",
                {
                    "vi": "additional và duty chỉ đi cùng phần tương ứng.",
                    "en": "`additional` and `duty` go with their own part only.",
                },
            )
        return self


class RemissionIn(_Item):
    """Amnesty or remission of all that was left of the principal penalty."""

    kind: Literal["remission"] = Field(description="Kind of item.", examples=["remission"])
    judgment: JudgmentRefIn = Field(description="The judgment.")
    remitted_on: date = Field(description="The day.", examples=["2022-09-02"])


class LapseIn(_Item):
    """The time limit for executing the judgment is over."""

    kind: Literal["lapse"] = Field(description="Kind of item.", examples=["lapse"])
    judgment: JudgmentRefIn = Field(description="The judgment.")
    lapsed_on: date = Field(description="The day.", examples=["2024-07-12"])


class ExpungementDecisionIn(_Item):
    """What a court answered to a petition for expungement."""

    kind: Literal["expungement_decision"] = Field(
        description="Kind of item.", examples=["expungement_decision"]
    )
    judgment: JudgmentRefIn = Field(description="The judgment.")
    outcome: Literal["expunged", "early", "rejected"] = Field(
        description="`early` is expungement before the term (art. 72).", examples=["expunged"]
    )
    decided_on: date = Field(description="The day.", examples=["2026-03-05"])


class AnnulmentIn(_Item):
    """The judgment was annulled, or its act is no crime any more."""

    kind: Literal["annulment"] = Field(description="Kind of item.", examples=["annulment"])
    judgment: JudgmentRefIn = Field(description="The judgment.")
    ground: Literal["annulled", "decriminalised"] = Field(description="Why.", examples=["annulled"])
    decided_on: date = Field(description="The day.", examples=["2026-03-05"])


class NewProceedingsIn(_Item):
    """A prosecution and how it stands."""

    kind: Literal["new_proceedings"] = Field(description="Kind of item.", examples=["new_proceedings"])
    opened_on: date = Field(description="Day of opening.", examples=["2026-05-02"])
    committed_on: date | None = Field(
        None, description="Day of the act, when known.", examples=["2026-04-20"]
    )
    state: ProceedingState = Field(description="How it stands.", examples=["open"])


Item = (
    JudgmentIn
    | EnforcementIn
    | CompletionIn
    | RemissionIn
    | LapseIn
    | ExpungementDecisionIn
    | AnnulmentIn
    | NewProceedingsIn
)


def _kind_of(value: Any) -> str | None:  # Any: not validated yet
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return kind if isinstance(kind, str) else None


# A function tells the kinds apart and not the field itself: texts are normalised before they are validated.
ITEM: TypeAdapter[Item] = TypeAdapter(
    Annotated[
        Annotated[JudgmentIn, Tag("judgment")]
        | Annotated[EnforcementIn, Tag("enforcement")]
        | Annotated[CompletionIn, Tag("completion")]
        | Annotated[RemissionIn, Tag("remission")]
        | Annotated[LapseIn, Tag("lapse")]
        | Annotated[ExpungementDecisionIn, Tag("expungement_decision")]
        | Annotated[AnnulmentIn, Tag("annulment")]
        | Annotated[NewProceedingsIn, Tag("new_proceedings")],
        Discriminator(_kind_of),
    ]
)
