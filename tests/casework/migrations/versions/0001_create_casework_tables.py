"""Create the tables that a service takes from `casework`."""

from alembic import op

from casework.numbering import create_number_tables
from casework.payments import create_payment_tables
from chassis.migrations import create_chassis_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables(op)
    create_number_tables(op)
    create_payment_tables(op)
