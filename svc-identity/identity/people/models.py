"""Tables of `people`.

`people` is hash-partitioned by `citizen_id`, so a paper's uniqueness cannot be an index of it: the small
unpartitioned `paper_claims` holds it. Several papers may lead to one person (numbers are replaced, old ones
stand in old files), one paper leads to one person.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, PrimaryKeyConstraint, SmallInteger, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from identity.base import Base


class PersonRow(Base):
    """One person. `born_on` is `YYYY-MM-DD` or `YYYY`; `personal_id_ciphertext` is bound to `citizen_id`."""

    __tablename__ = "people"
    __table_args__ = (
        PrimaryKeyConstraint("citizen_id"),
        CheckConstraint("state in ('unconfirmed', 'confirmed')", name="state"),
        CheckConstraint("sex in ('male', 'female', 'unknown')", name="sex"),
        CheckConstraint("born_on ~ '^[0-9]{4}(-[0-9]{2}-[0-9]{2})?$'", name="born_on"),
        CheckConstraint("language in ('vi', 'en')", name="language"),
        CheckConstraint("(state = 'confirmed') = (confirmed_at is not null)", name="confirmed"),
        Index("people_next_check_at_idx", "next_check_at", postgresql_where="state = 'unconfirmed'"),
        {"postgresql_partition_by": "hash (citizen_id)"},
    )

    citizen_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    born_on: Mapped[str | None] = mapped_column(Text)
    sex: Mapped[str] = mapped_column(Text)
    personal_id_ciphertext: Mapped[bytes | None] = mapped_column(LargeBinary)
    language: Mapped[str] = mapped_column(Text, server_default="vi")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    confirmed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    confirmed_by: Mapped[str | None] = mapped_column(Text)
    next_check_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    check_count: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    check_outcome: Mapped[str | None] = mapped_column(Text)
    register_facts_ciphertext: Mapped[bytes | None] = mapped_column(LargeBinary)
    register_facts_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class PaperClaimRow(Base):
    """One paper and the person it belongs to; `blind_index` is a keyed hash of its number."""

    __tablename__ = "paper_claims"
    __table_args__ = (
        PrimaryKeyConstraint("kind", "blind_index"),
        Index("paper_claims_citizen_id_idx", "citizen_id"),
    )

    kind: Mapped[str] = mapped_column(Text)
    blind_index: Mapped[bytes] = mapped_column(LargeBinary)
    citizen_id: Mapped[UUID]
    claimed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
