"""Create the chassis tables and a small table of tests."""

from alembic import op

from chassis.migrations import create_chassis_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables(op)
    op.execute(
        "create table things (id uuid primary key, name text not null,"
        " constraint things_name_key unique (name) deferrable initially deferred)"
    )
