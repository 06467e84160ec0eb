"""Wire shapes of `notifications`."""

from uuid import UUID

from pydantic import AwareDatetime, Field

from chassis.schemas import ResponseModel


class NotificationOut(ResponseModel):
    """One message in the inbox; title and text are in the language asked for."""

    id: UUID = Field(description="Id of the notification.", examples=["0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a10"])
    kind: str = Field(
        description="What happened, as a stable name; further ones may come.", examples=["visit_recorded"]
    )
    title: str = Field(description="Heading.", examples=["Sổ sức khỏe có lần khám mới"])
    text: str = Field(
        description="One or two sentences, without clinical or criminal content.",
        examples=["Một cơ sở y tế vừa gửi kết quả một lần khám, chữa bệnh vào sổ sức khỏe của bạn."],
    )
    detail_url: str = Field(
        description="Where those allowed read more.",
        examples=["/v1/me/health-book/visits/0192f0c4-7a3b-7c11-8a55-3f1f0b6f2a11"],
    )
    occurred_at: AwareDatetime = Field(description="When it happened.", examples=["2026-11-22T08:15:00Z"])
    read_at: AwareDatetime | None = Field(
        description="When it was first read; null while unread.", examples=[None]
    )
