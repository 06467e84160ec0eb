"""Create the payments of applications, their notices and the ledger."""

from alembic import op

from casework.payments import create_payment_tables

revision = "0004_create_payments"
down_revision = "0003_create_number_counters"


def upgrade() -> None:
    create_payment_tables(op)
