"""${message}

The previous release is still running while this runs: lock timeout 4 s, statement timeout 5 s. Add, backfill in
batches, enforce, remove: in separate releases. Indexes on filled tables are made concurrently.
"""

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "op.execute('')"}
