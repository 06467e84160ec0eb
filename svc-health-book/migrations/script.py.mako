"""${message.capitalize()}.

The previous release is still running while this runs: add, backfill in batches, enforce, remove, each in a
release of its own; build indexes concurrently. The lock timeout is 4 s, the statement timeout 5 s.
"""

from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
