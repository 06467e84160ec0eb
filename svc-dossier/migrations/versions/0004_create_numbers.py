"""Create the counters of dossier codes and of results."""

from alembic import op

from casework.numbering import create_number_tables

revision = "0004_create_numbers"
down_revision = "0003_create_dossiers"


def upgrade() -> None:
    create_number_tables(op)
