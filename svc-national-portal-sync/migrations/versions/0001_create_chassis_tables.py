"""Create the chassis tables: outbox, inbox, failures, idempotency keys, access entries."""

from alembic import op

from chassis.migrations import create_chassis_tables

revision = "0001_create_chassis_tables"
down_revision = None


def upgrade() -> None:
    create_chassis_tables(op)
