"""Create webhook endpoints of provinces, with secrets that can overlap while they are rotated."""

from alembic import op

revision = "0004_create_webhooks"
down_revision = "0003_create_inbound"


def upgrade() -> None:
    op.execute(
        """
        create table webhook_endpoints (
            endpoint_id uuid constraint webhook_endpoints_pkey primary key,
            client_id text not null,
            organisation text not null,
            url text not null,
            description text not null,
            state text not null
                constraint webhook_endpoints_state_check check (state in ('active', 'disabled', 'deleted')),
            state_reason text,
            created_at timestamptz not null
        )
        """
    )
    op.execute("create index webhook_endpoints_client_id_idx on webhook_endpoints (client_id, endpoint_id)")
    op.execute(
        """
        create table webhook_secrets (
            endpoint_id uuid not null
                constraint webhook_secrets_endpoint_id_fkey references webhook_endpoints (endpoint_id),
            secret_id uuid not null,
            ciphertext bytea not null,
            created_at timestamptz not null,
            valid_until timestamptz,
            constraint webhook_secrets_pkey primary key (endpoint_id, secret_id)
        )
        """
    )
