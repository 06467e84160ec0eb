"""Table of `notifications`, hash-partitioned by citizen."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Integer, PrimaryKeyConstraint, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from identity.base import Base


class NotificationRow(Base):
    """One message in a citizen's inbox. `about_id` and `about_version` name what it tells of, once."""

    __tablename__ = "notifications"
    __table_args__ = (
        PrimaryKeyConstraint("citizen_id", "notification_id"),
        UniqueConstraint("citizen_id", "about_id", "about_version"),
        CheckConstraint("kind ~ '^[a-z_]{1,40}$'", name="kind"),
        CheckConstraint("about_version >= 1", name="about_version"),
        {"postgresql_partition_by": "hash (citizen_id)"},
    )

    citizen_id: Mapped[UUID]
    notification_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    about_id: Mapped[UUID]
    about_version: Mapped[int] = mapped_column(Integer)
    detail_url: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    read_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
