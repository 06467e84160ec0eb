"""Wire shapes of convictions, coverage and what officers see. The items sent are in `items.py`."""

from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chassis.schemas import RequestModel, ResponseModel
from judicial_record.convictions.items import ITEM

MAX_ITEMS = 200
_EXAMPLE_ID = "0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"


class ConvictionsIn(RequestModel):
    """A batch of documents; each is judged by itself, so they are not validated together."""

    items: list[Any] = Field(  # Any: validated one by one
        min_length=1, max_length=MAX_ITEMS, description="1 to 200 documents.", examples=[[]]
    )


class ItemErrorOut(ResponseModel):
    """What is wrong with one field of an item."""

    pointer: str = Field(description="RFC 6901 pointer into the item.", examples=["/effective_on"])
    code: str = Field(description="Stable name.", examples=["days_out_of_order"])
    message: str = Field(description="What is wrong.", examples=["The days are out of order."])


class RejectedItemOut(ResponseModel):
    """An item that was not taken."""

    index: int = Field(description="Its place among those sent, from 0.", examples=[1])
    reference: str | None = Field(description="As sent, when readable.", examples=["12/2019/HS-ST"])
    errors: list[ItemErrorOut] = Field(description="Why.")


class TakenItemOut(ResponseModel):
    """An item that was taken."""

    index: int = Field(description="Its place among those sent, from 0.", examples=[0])
    reference: str = Field(description="As sent.", examples=["12/2019/HS-ST"])
    record_id: UUID = Field(
        description="The document here, the same for all its versions.", examples=[_EXAMPLE_ID]
    )
    outcome: Literal["recorded", "superseded", "unchanged", "outdated"] = Field(
        description="`outdated`: older than what is held, left out.", examples=["recorded"]
    )
    is_waiting: bool = Field(description="Whether its person is not identified yet.", examples=[False])


class ConvictionReceipt(ResponseModel):
    """The verdict on every item."""

    recorded: int = Field(description="How many are new.", examples=[1])
    superseded: int = Field(description="How many correct an earlier version.", examples=[0])
    unchanged: int = Field(description="How many were held already.", examples=[0])
    outdated: int = Field(description="How many are older than what is held.", examples=[0])
    waiting: int = Field(description="How many of those wait for their person.", examples=[0])
    items: list[TakenItemOut] = Field(description="Those taken, in the order sent.")
    rejected: list[RejectedItemOut] = Field(description="Those not taken, in the order sent.")


class CoverageEntryIn(RequestModel):
    """How complete one kind of a source's information is over a period."""

    kind: Literal["judgments", "expungements", "executions", "proceedings"] = Field(
        description="Kind of information.", examples=["judgments"]
    )
    state: Literal["complete", "partial", "none"] = Field(
        description="How much of it was sent.", examples=["complete"]
    )
    since: date = Field(description="First day.", examples=["1976-01-01"])
    until: date | None = Field(
        None, description="Last day; none when it is sent on as it happens.", examples=["2026-06-30"]
    )
    checked_on: date = Field(description="Day of the last check.", examples=["2026-11-01"])
    province_code: str | None = Field(
        None, pattern=r"^[0-9]{2}$", description="Only this province; none for the country.", examples=["01"]
    )

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.until is not None and self.until < self.since:
            words = {"vi": "Ngày cuối trước ngày đầu.", "en": "The last day is before the first."}
            raise PydanticCustomError("days_out_of_order", "days", words)
        return self


class CoverageIn(RequestModel):
    """All that a source tells of its completeness; it replaces what it told before."""

    entries: list[CoverageEntryIn] = Field(max_length=500, description="Periods, in any order.")


class CoverageOut(ResponseModel):
    """What a source told last."""

    source: str = Field(description="Code of the source.", examples=["toa-an"])
    version: int = Field(description="How often it has told, from 1; 0 for never.", examples=[1])
    told_at: datetime | None = Field(description="When.", examples=["2026-11-23T03:00:00Z"])
    entries: list[dict[str, Any]] = Field(  # Any: the members of CoverageEntryIn
        description="As told.",
        examples=[[{"kind": "judgments", "state": "complete", "since": "1976-01-01", "until": None}]],
    )


class VerificationOut(ResponseModel):
    """A question to a source and how it stands."""

    id: UUID = Field(description="Id of the question.", examples=[_EXAMPLE_ID])
    source: str = Field(description="Who was asked.", examples=["cong-an"])
    state: Literal["queued", "waiting", "unknown", "answered"] = Field(
        description="`unknown`: whether it arrived is being asked.", examples=["waiting"]
    )
    verdict: Literal["nothing", "found"] | None = Field(description="The answer.", examples=["nothing"])
    asked_at: datetime = Field(description="When it was asked.", examples=["2026-11-23T03:00:00Z"])
    answered_at: datetime | None = Field(
        description="When it was answered.", examples=["2026-11-24T03:00:00Z"]
    )
    deadline: dict[str, Any] = Field(  # Any: as casework.deadlines documents it
        description="By when it should answer, and how that was counted.", examples=[{"due_on": "2026-11-30"}]
    )
    is_overdue: bool = Field(description="Whether that day is past without an answer.", examples=[False])


class RecordOut(ResponseModel):
    """An applicant's record as the officer on the case sees it."""

    citizen_id: UUID = Field(description="The applicant.", examples=[_EXAMPLE_ID])
    asked_on: date = Field(description="Legal day of this answer.", examples=["2026-11-23"])
    judgments: list[dict[str, Any]] = Field(  # Any: documents as sent
        description="Every document held, as its source sent it last.",
        examples=[[{"kind": "judgment", "reference": "12/2019/HS-ST"}]],
    )
    findings: list[dict[str, Any]] = Field(  # Any: answers of the rules
        description="What each judgment counts for, with the rules and facts behind it.",
        examples=[[{"status": "expunged", "rule_ids": ["X-70-2b"]}]],
    )
    verifications: list[VerificationOut] = Field(description="Questions of this application.")


def body_schema() -> dict[str, Any]:
    """Return the JSON Schema of a batch, with every kind of item written out."""
    schema = ITEM.json_schema(ref_template="{model}")
    definitions = schema.pop("$defs")
    schema.pop("discriminator", None)
    return {
        "type": "object",
        "required": ["items"],
        "additionalProperties": False,
        "properties": {
            "items": {
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_ITEMS,
                "description": "Each is judged by itself.",
                "items": _written_out(schema, definitions),
            }
        },
    }


def _written_out(node: Any, definitions: dict[str, Any]) -> Any:  # Any: JSON
    """Return a schema with its references replaced by what they mean."""
    if isinstance(node, list):
        return [_written_out(one, definitions) for one in node]
    if not isinstance(node, dict):
        return node
    rest = {name: _written_out(value, definitions) for name, value in node.items() if name != "$ref"}
    if "$ref" in node:
        return {**_written_out(definitions[node["$ref"]], definitions), **rest}
    return rest
