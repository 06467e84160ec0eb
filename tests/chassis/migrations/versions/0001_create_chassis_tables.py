"""Create the chassis tables, the nonces of signed requests and a small table of tests."""

from alembic import op

from chassis.http_signatures import create_nonce_table
from chassis.migrations import create_chassis_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables(op)
    create_nonce_table(op)
    op.execute(
        "create table things (id uuid primary key, name text not null,"
        " constraint things_name_key unique (name) deferrable initially deferred)"
    )
