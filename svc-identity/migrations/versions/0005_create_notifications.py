"""Create notifications, hash-partitioned by citizen."""

from alembic import op

revision = "0005_create_notifications"
down_revision = "0004_create_sign_ins"

PARTITIONS = 16


def upgrade() -> None:
    op.execute(
        """
        create table notifications (
            citizen_id uuid not null,
            notification_id uuid not null,
            kind text not null
                constraint notifications_kind_check check (kind in ('visit_recorded', 'visit_corrected')),
            about_id uuid not null,
            about_version integer not null
                constraint notifications_about_version_check check (about_version >= 1),
            detail_url text not null,
            occurred_at timestamptz not null,
            created_at timestamptz not null,
            read_at timestamptz,
            constraint notifications_pkey primary key (citizen_id, notification_id),
            constraint notifications_citizen_id_about_id_about_version_key
                unique (citizen_id, about_id, about_version)
        ) partition by hash (citizen_id)
        """
    )
    for number in range(PARTITIONS):
        op.execute(
            f"create table notifications_{number:02d} partition of notifications"
            f" for values with (modulus {PARTITIONS}, remainder {number})"
        )
