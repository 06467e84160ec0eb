"""Create reconciliations: one comparison of one day with one peer, with each difference named."""

from alembic import op

revision = "0005_create_reconciliations"
down_revision = "0004_create_webhooks"


def upgrade() -> None:
    op.execute(
        """
        create table reconciliations (
            reconciliation_id uuid constraint reconciliations_pkey primary key,
            peer text not null,
            day date not null,
            our_count integer not null,
            our_digest bytea not null,
            peer_count integer not null,
            peer_digest bytea not null,
            differences json not null,
            difference_count integer not null,
            replayed_count integer not null,
            made_by text not null,
            made_at timestamptz not null
        )
        """
    )
    op.execute("create index reconciliations_day_idx on reconciliations (peer, day)")
