"""Let notifications be of any kind that the code has words for; the previous release writes two of them."""

from alembic import op

revision = "0008_widen_notification_kinds"
down_revision = "0007_create_staff_accounts"


def upgrade() -> None:
    op.execute("alter table notifications drop constraint notifications_kind_check")
    op.execute(
        "alter table notifications add constraint notifications_kind_check check (kind ~ '^[a-z_]{1,40}$')"
    )
