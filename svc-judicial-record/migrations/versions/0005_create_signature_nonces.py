"""Create the nonces that signed requests have used up."""

from alembic import op

from chassis.http_signatures import create_nonce_table

revision = "0005_create_signature_nonces"
down_revision = "0004_create_payments"


def upgrade() -> None:
    create_nonce_table(op)
