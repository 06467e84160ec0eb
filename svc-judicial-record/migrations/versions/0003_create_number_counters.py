"""Create the counters of dossier codes and certificate numbers."""

from alembic import op

from casework.numbering import create_number_tables

revision = "0003_create_number_counters"
down_revision = "0002_create_applications"


def upgrade() -> None:
    create_number_tables(op)
