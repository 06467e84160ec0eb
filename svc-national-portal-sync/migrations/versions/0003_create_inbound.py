"""Create what peers handed over: dossiers by code and version, and the newest status of each."""

from alembic import op

from chassis.http_signatures import create_nonce_table

revision = "0003_create_inbound"
down_revision = "0002_create_deliveries"


def upgrade() -> None:
    create_nonce_table(op)
    op.execute(
        """
        create table inbound_dossiers (
            peer text not null,
            code text not null,
            version integer not null constraint inbound_dossiers_version_check check (version >= 1),
            inbound_id uuid not null constraint inbound_dossiers_inbound_id_key unique,
            digest bytea not null,
            content bytea not null,
            received_at timestamptz not null,
            constraint inbound_dossiers_pkey primary key (peer, code, version)
        )
        """
    )
    op.execute(
        """
        create table inbound_heads (
            peer text not null,
            code text not null,
            version integer not null,
            constraint inbound_heads_pkey primary key (peer, code)
        )
        """
    )
    op.execute(
        """
        create table inbound_statuses (
            peer text not null,
            code text not null,
            version integer not null constraint inbound_statuses_version_check check (version >= 1),
            status smallint not null
                constraint inbound_statuses_status_check check (status between 1 and 10),
            digest bytea not null,
            changed_at timestamptz not null,
            received_at timestamptz not null,
            constraint inbound_statuses_pkey primary key (peer, code)
        )
        """
    )
